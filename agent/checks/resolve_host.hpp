// From a host to the addresses that may be dialled, in the order of trying.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <span>
#include <variant>
#include <vector>

#include "agent/net/dns_client.hpp"
#include "common/domain/lab.hpp"

namespace mpic::agent {

// What a step leaves to its caller, so that it is the step that says what took too long.
inline constexpr std::chrono::milliseconds kStepMargin{20};

struct ResolvedHost {
  std::vector<DnsLookup> lookups;    // A, AAAA; none for a literal address
  std::vector<IpAddress> addresses;  // IPv6 first, then by turns; none when there is a problem
  std::optional<Problem> problem;

  ResolvedHost() = default;
};

// A and AAAA are asked at once. One family's failure does not hide the other's addresses. One forbidden
// address among them refuses the whole host before any connection (kAddressForbidden): a name that points
// inside as well is either an attack or a mistake, and which of its addresses would be used is not ours to
// choose.
asio::awaitable<ResolvedHost> resolve_host(DnsClient& dns, std::variant<DnsName, IpAddress> host,
                                           std::span<const Prefix> lab_addresses, Deadline deadline);

// What is dialled for `port`: itself, or what the lab's map says.
[[nodiscard]] std::uint16_t dialled_port(const LabRelaxations& lab, std::uint16_t port);

// The pure half: what the two lookups of `name` lead to.
[[nodiscard]] ResolvedHost addresses_of(const std::string& name, std::vector<DnsLookup> lookups,
                                        std::span<const Prefix> lab_addresses);

}  // namespace mpic::agent
