// How a host was reached, for a page or a handshake: the lookups, the addresses and the tries of an observation, held
// against what the rules allow. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "common/domain/lab.hpp"
#include "common/domain/observation.hpp"

namespace mpic::rules {

using Host = std::variant<DnsName, IpAddress>;

// Precondition: no wildcard.
[[nodiscard]] Host host_of(const Identifier& validated);

// The parts that an HttpHop and a TlsObservation have in common.
struct Reach {
  const Host& host;
  std::uint16_t port;  // that the rules say; a lab port map is applied to it
  std::span<const DnsLookup> lookups;
  std::span<const IpAddress> addresses;
  std::span<const AddressTried> tried;
  bool answered;  // an answer is claimed: the last address tried, and it alone, gave it
};

struct Reached {
  bool looked_up = false;     // by a name; a literal address needs no lookup
  bool authenticated = true;  // every lookup that answered carried AD
  bool records_cut = false;   // more addresses came than are kept
  // An IPv6 address that failed although an IPv4 address answered: it refused, timed out, or had not connected when
  // IPv4 had, in spite of its head start (kOutpaced). Not where the perspective itself has no IPv6.
  std::optional<IpAddress> ipv6_failed;
};

// Why an agent that keeps the rules cannot have done so, else what it tells. A forbidden address may be named in
// `tried` with kAddressForbidden, never as dialled; what was outpaced (dial.hpp) comes before what outpaced it.
[[nodiscard]] tl::expected<Reached, std::string> check_reach(const Reach& reach, const std::vector<std::string>& lab);

// For the line of a positive judgement: ", IPv6 2001:db8::1 failed", or nothing.
[[nodiscard]] std::string ipv6_note(const Reached& reached);

}  // namespace mpic::rules
