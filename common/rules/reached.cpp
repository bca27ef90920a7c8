#include "common/rules/reached.hpp"

#include <algorithm>

#include "common/rules/address_policy.hpp"
#include "common/rules/dns_message.hpp"

namespace mpic::rules {
namespace {

using Why = tl::unexpected<std::string>;

bool has(const AddressTried& tried, ProblemCode code) { return tried.problem && tried.problem->code == code; }
bool answered(const AddressTried& tried) { return !tried.problem; }

// The addresses that may be dialled: the literal one, or what the lookups say. Fills what they tell beside.
tl::expected<std::vector<IpAddress>, std::string> resolved(const Reach& reach, Reached& told) {
  if (const auto* literal = std::get_if<IpAddress>(&reach.host)) {
    if (!reach.lookups.empty()) return Why("lookups for a literal address");
    return std::vector<IpAddress>{*literal};
  }
  std::vector<IpAddress> addresses;
  bool failed = false;
  for (const DnsLookup& lookup : reach.lookups) {
    if (lookup.name != std::get<DnsName>(reach.host).text() ||
        (lookup.type != RecordType::kA && lookup.type != RecordType::kAaaa)) {
      return Why("a lookup of " + to_string(lookup.type) + " for " + quoted(lookup.name));
    }
    if (problem_of(lookup)) {
      failed = failed || !is_empty_answer(lookup);
      continue;
    }
    told.looked_up = true;
    told.authenticated = told.authenticated && lookup.authenticated;
    told.records_cut = told.records_cut || lookup.records_cut;
    for (const Bytes& record : lookup.records) {
      const auto address = IpAddress::from_octets(record);
      // A record of the wrong size resolves to nothing; a size of the other family would let an agent choose.
      if (!address || address->is_v4() != (lookup.type == RecordType::kA)) continue;
      addresses.push_back(*address);
    }
  }
  // The family that was answered, with nothing, says nothing of the one that was not.
  if (addresses.empty() && failed) told.authenticated = false;
  return addresses;
}

std::optional<std::string> dialling_fault(const AddressTried& tried, std::uint16_t port,
                                          std::span<const Prefix> lab_addresses) {
  if (has(tried, ProblemCode::kAddressForbidden)) return std::nullopt;  // named, not dialled
  if (const auto allowed = check_address(tried.address, lab_addresses); !allowed) {
    return "an address was dialled that is " + allowed.error().detail;
  }
  if (tried.port != port) return "port " + std::to_string(tried.port) + " was dialled, not " + std::to_string(port);
  return std::nullopt;
}

std::optional<IpAddress> ipv6_failed(std::span<const AddressTried> tried) {
  if (tried.empty() || !answered(tried.back()) || !tried.back().address.is_v4()) return std::nullopt;
  const auto failed = std::find_if(tried.begin(), tried.end(), [](const AddressTried& each) {
    return !each.address.is_v4() && !has(each, ProblemCode::kNoIpv6Egress) &&
           !has(each, ProblemCode::kAddressForbidden);
  });
  if (failed == tried.end()) return std::nullopt;
  return failed->address;
}

}  // namespace

Host host_of(const Identifier& validated) {
  if (validated.is_ip()) return validated.ip();
  return validated.name();
}

tl::expected<Reached, std::string> check_reach(const Reach& reach, const std::vector<std::string>& lab) {
  Reached told;
  const auto known = resolved(reach, told);
  if (!known) return Why(known.error());
  const auto unknown = [&known](const IpAddress& address) -> std::optional<std::string> {
    if (std::find(known->begin(), known->end(), address) != known->end()) return std::nullopt;
    return address.text() + " is none of the addresses that the name resolved to";
  };
  for (const IpAddress& address : reach.addresses) {
    if (auto fault = unknown(address)) return Why(*std::move(fault));
  }
  const std::vector<Prefix> lab_addresses = stamped_addresses(lab);
  const std::uint16_t port = stamped_port(lab, reach.port);
  for (const AddressTried& tried : reach.tried) {
    if (auto fault = unknown(tried.address)) return Why(*std::move(fault));
    if (auto fault = dialling_fault(tried, port, lab_addresses)) return Why(*std::move(fault));
  }
  const auto answers = std::count_if(reach.tried.begin(), reach.tried.end(), answered);
  if (reach.answered && (answers != 1 || !answered(reach.tried.back()))) {
    return Why("an answer that no address, or more than one, can have given");
  }
  if (!reach.tried.empty() && has(reach.tried.back(), ProblemCode::kOutpaced)) {
    return Why("an address was outpaced by none");
  }
  if (reach.answered) told.ipv6_failed = ipv6_failed(reach.tried);
  return told;
}

std::string ipv6_note(const Reached& reached) {
  return reached.ipv6_failed ? ", IPv6 " + reached.ipv6_failed->text() + " failed" : "";
}

}  // namespace mpic::rules
