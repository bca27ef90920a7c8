#include "tests/support/seen.hpp"

#include "common/evidence/merkle.hpp"
#include "common/rules/redirect.hpp"

namespace mpic::test {
namespace {

DnsLookup failed(const std::string& name, RecordType type, const std::string& sees, TimePoint now) {
  DnsLookup lookup = answered(name, type, {}, now);
  if (sees == "timeout") lookup.status = DnsStatus::kTimeout;
  if (sees == "servfail") lookup.rcode = kServfail;
  return lookup;
}

HttpHop hop_of(const rules::HttpTarget& target, const std::string& sees, TimePoint now) {
  HttpHop hop;
  hop.url = target.url();
  const std::string host = target.host_text();
  if (sees == "timeout" || sees == "servfail") {
    hop.lookups = {failed(host, RecordType::kA, sees, now), failed(host, RecordType::kAaaa, sees, now)};
    hop.problem =
        Problem(sees == "timeout" ? ProblemCode::kDnsTimeout : ProblemCode::kDnsServfail, host, sees);
    return hop;
  }
  const Bytes octets = sees == "forbidden-address" ? Bytes{10, 0, 0, 1} : Bytes{128, 0, 0, 1};
  hop.lookups = {answered(host, RecordType::kA, {octets}, now), answered(host, RecordType::kAaaa, {}, now)};
  const IpAddress address = IpAddress::from_octets(octets).value();
  if (sees == "forbidden-address") {
    hop.problem = Problem(ProblemCode::kAddressForbidden, address.text(), "an internal address");
    return hop;
  }
  hop.addresses = {address};
  hop.tried = {AddressTried{address, target.port, std::nullopt}};
  hop.status = sees == "nothing" ? 404 : 200;
  return hop;
}

}  // namespace

DnsLookup answered(const std::string& name, RecordType type, std::vector<Bytes> records, TimePoint now,
                   std::uint32_t ttl) {
  DnsLookup lookup;
  lookup.name = name;
  lookup.type = type;
  lookup.status = DnsStatus::kAnswered;
  lookup.rcode = kNoError;
  lookup.authenticated = true;
  lookup.end_of_chain = name;
  lookup.ttl = records.empty() ? 0 : ttl;
  lookup.records = std::move(records);
  lookup.server = "127.0.0.1:53";
  lookup.tries = 1;
  lookup.started = now;
  return lookup;
}

Bytes caa_rdata(std::uint8_t flags, std::string_view tag, std::string_view value) {
  Bytes out{flags, static_cast<std::uint8_t>(tag.size())};
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

CaaObservation caa_seen(const DnsName& name, const CaaQuestion& question, const std::string& sees,
                        TimePoint now) {
  CaaObservation out;
  for (const DnsName& ancestor : name.self_and_parents()) {
    out.lookups.push_back(
        failed(ancestor.text(), RecordType::kCaa, out.lookups.empty() ? sees : "nothing", now));
  }
  if (sees == "yes") out.lookups.front().records = {caa_rdata(0, "issue", question.issuer_domains.front())};
  if (sees == "no") out.lookups.front().records = {caa_rdata(0, "issue", "other-ca.example")};
  if (!out.lookups.front().records.empty()) out.lookups.front().ttl = 300;
  return out;
}

DcvObservation http_01_seen(const Assignment& asked, const std::string& sees, TimePoint now) {
  const auto& question = std::get<AcmeHttp01>(asked.dcv->parameters);
  std::variant<DnsName, IpAddress> host = asked.identifier.is_ip()
                                              ? std::variant<DnsName, IpAddress>(asked.identifier.ip())
                                              : std::variant<DnsName, IpAddress>(asked.identifier.name());
  HttpObservation seen;
  seen.hops = {hop_of(rules::acme_challenge_url(host, question.token), sees, now)};
  if (seen.hops.front().status == 200)
    seen.body = sees == "yes" ? question.key_authorization : "somebody else's page";
  seen.body_size = seen.body.size();
  seen.body_sha256 = evidence::sha256(seen.body);
  DcvObservation out;
  out.method = DcvMethod::kAcmeHttp01;
  out.seen = std::move(seen);
  return out;
}

}  // namespace mpic::test
