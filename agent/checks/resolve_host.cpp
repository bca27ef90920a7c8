#include "agent/checks/resolve_host.hpp"

#include <algorithm>

#include "common/async/gather.hpp"
#include "common/rules/address_policy.hpp"
#include "common/rules/dns_message.hpp"

namespace mpic::agent {
namespace {

// Appends the addresses of one lookup without repeats; false when one is not of the record's family.
bool append_addresses(const DnsLookup& lookup, std::vector<IpAddress>& addresses) {
  for (const Bytes& record : lookup.records) {
    const auto address = IpAddress::from_octets(record);
    if (!address || address->is_v4() != (lookup.type == RecordType::kA)) return false;
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) addresses.push_back(*address);
  }
  return true;
}

// At most kMaxAddresses, and neither family crowds the other out: IPv6 first, then by turns (RFC 8305 4), so that a
// family that is dead does not keep the other waiting either.
std::vector<IpAddress> in_order_of_trying(const std::vector<IpAddress>& v6, const std::vector<IpAddress>& v4) {
  std::vector<IpAddress> order;
  for (std::size_t i = 0; order.size() < kMaxAddresses && i < std::max(v6.size(), v4.size()); ++i) {
    for (const auto* family : {&v6, &v4}) {
      if (i < family->size() && order.size() < kMaxAddresses) order.push_back((*family)[i]);
    }
  }
  return order;
}

// Why there is no address: a failed lookup tells more than an empty one.
Problem no_address(const std::string& name, const std::vector<DnsLookup>& lookups) {
  for (const DnsLookup& lookup : lookups) {
    if (rules::is_empty_answer(lookup)) continue;
    if (auto problem = rules::problem_of(lookup)) return *std::move(problem);
  }
  for (const DnsLookup& lookup : lookups) {
    if (auto problem = rules::problem_of(lookup)) return *std::move(problem);  // NXDOMAIN
  }
  return Problem(ProblemCode::kDnsNoAddresses, name, "neither A nor AAAA records");
}

}  // namespace

ResolvedHost addresses_of(const std::string& name, std::vector<DnsLookup> lookups,
                          std::span<const Prefix> lab_addresses) {
  ResolvedHost host;
  std::vector<IpAddress> v4;
  std::vector<IpAddress> v6;
  for (const DnsLookup& lookup : lookups) {
    if (rules::problem_of(lookup)) continue;
    if (lookup.records_cut) {
      host.problem = Problem(ProblemCode::kDnsTooManyRecords, name, "more addresses than are kept");
    } else if (!append_addresses(lookup, lookup.type == RecordType::kA ? v4 : v6)) {
      host.problem = Problem(ProblemCode::kDnsMalformed, name, "an address record of the wrong size");
    }
  }
  for (const auto* family : {&v6, &v4}) {
    for (const IpAddress& address : *family) {
      if (const auto allowed = rules::check_address(address, lab_addresses); !allowed && !host.problem) {
        host.problem = allowed.error();
      }
    }
  }
  if (!host.problem && v4.empty() && v6.empty()) host.problem = no_address(name, lookups);
  if (!host.problem) host.addresses = in_order_of_trying(v6, v4);
  host.lookups = std::move(lookups);
  return host;
}

std::uint16_t dialled_port(const LabRelaxations& lab, std::uint16_t port) {
  const auto mapped = lab.ports.find(port);
  return mapped == lab.ports.end() ? port : mapped->second;
}

asio::awaitable<ResolvedHost> resolve_host(DnsClient& dns, std::variant<DnsName, IpAddress> host,
                                           std::span<const Prefix> lab_addresses, Deadline deadline) {
  if (const auto* address = std::get_if<IpAddress>(&host)) {
    ResolvedHost literal;
    if (const auto allowed = rules::check_address(*address, lab_addresses); !allowed) {
      literal.problem = allowed.error();
    } else {
      literal.addresses.push_back(*address);
    }
    co_return literal;
  }
  const std::string name = std::get<DnsName>(host).text();
  std::vector<asio::awaitable<DnsLookup>> both;
  both.push_back(dns.lookup(name, RecordType::kA, deadline));
  both.push_back(dns.lookup(name, RecordType::kAaaa, deadline));
  std::vector<DnsLookup> lookups = co_await gather(std::move(both));
  co_return addresses_of(name, std::move(lookups), lab_addresses);
}

}  // namespace mpic::agent
