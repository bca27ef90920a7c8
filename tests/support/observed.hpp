// What agents might have seen, in one line each: lookups, hops, identifiers.
#pragma once

#include <openssl/sha.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/identifier.hpp"
#include "common/domain/observation.hpp"
#include "tests/support/dns_packet.hpp"

namespace mpic::test {

// For texts of the test itself; throws when one is wrong.
inline Identifier identifier(std::string_view text) {
  auto parsed = Identifier::parse(text);
  if (!parsed) throw std::invalid_argument(std::string(text) + ": " + parsed.error().detail);
  return *parsed;
}
inline DnsName dns_name(std::string_view text) {
  auto parsed = DnsName::parse_host(text);
  if (!parsed) throw std::invalid_argument(std::string(text) + ": " + parsed.error().detail);
  return *parsed;
}
inline IpAddress ip(std::string_view text) {
  auto parsed = IpAddress::parse(text);
  if (!parsed) throw std::invalid_argument(std::string(text) + ": " + parsed.error().detail);
  return *parsed;
}

inline DnsLookup answered(std::string name, RecordType type, std::vector<Bytes> records = {}) {
  DnsLookup lookup;
  lookup.end_of_chain = name;
  lookup.name = std::move(name);
  lookup.type = type;
  lookup.status = DnsStatus::kAnswered;
  lookup.ttl = records.empty() ? 0 : 300;
  lookup.records = std::move(records);
  return lookup;
}
inline DnsLookup refused_with(std::uint16_t rcode, std::string name, RecordType type) {
  DnsLookup lookup = answered(std::move(name), type);
  lookup.rcode = rcode;
  return lookup;
}
inline DnsLookup failed(DnsStatus status, std::string name, RecordType type) {
  DnsLookup lookup = answered(std::move(name), type);
  lookup.status = status;
  return lookup;
}

// The A and AAAA lookups of a host, from address texts of either family.
inline std::vector<DnsLookup> address_lookups(const std::string& name, const std::vector<std::string>& addresses) {
  DnsLookup a = answered(name, RecordType::kA);
  DnsLookup aaaa = answered(name, RecordType::kAaaa);
  for (const std::string& text : addresses) {
    const IpAddress address = ip(text);
    (address.is_v4() ? a : aaaa).records.emplace_back(address.octets().begin(), address.octets().end());
  }
  return {a, aaaa};
}

// A hop to a name that resolves to `addresses`, the last of which answered with `status`; those before
// refused.
inline HttpHop hop(std::string url, const std::string& host, const std::vector<std::string>& addresses,
                   std::uint16_t status, std::string location = "") {
  HttpHop out;
  out.lookups = address_lookups(host, addresses);
  for (const std::string& text : addresses) {
    out.addresses.push_back(ip(text));
    const std::uint16_t port = url.rfind("https:", 0) == 0 ? 443 : 80;
    out.tried.push_back({ip(text), port, Problem(ProblemCode::kConnectionRefused, text, "Connection refused")});
  }
  if (status != 0 && !out.tried.empty()) out.tried.back().problem.reset();
  out.url = std::move(url);
  out.status = status;
  out.location = std::move(location);
  return out;
}

inline HttpObservation fetched(std::vector<HttpHop> hops, std::string body) {
  HttpObservation seen;
  seen.hops = std::move(hops);
  seen.body_size = body.size();
  const Octets octets = octets_of(body);
  SHA256(octets.data(), octets.size(), seen.body_sha256.data());
  seen.body = std::move(body);
  return seen;
}

}  // namespace mpic::test
