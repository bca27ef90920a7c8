#include "tests/support/seen.hpp"

namespace mpic::test {

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

DnsLookup failed(const std::string& name, RecordType type, const std::string& sees, TimePoint now) {
  DnsLookup lookup = answered(name, type, {}, now);
  if (sees == "timeout") lookup.status = DnsStatus::kTimeout;
  if (sees == "servfail" || sees == "bogus") {
    lookup.rcode = kServfail;
    lookup.authenticated = false;
  }
  if (sees == "bogus") lookup.extended_errors = {{7, "signature expired"}};  // RFC 8914 4.8
  return lookup;
}

Bytes caa_rdata(std::uint8_t flags, std::string_view tag, std::string_view value) {
  Bytes out{flags, static_cast<std::uint8_t>(tag.size())};
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

CaaObservation caa_seen(const DnsName& name, const CaaQuestion& question, const std::string& sees, TimePoint now) {
  CaaObservation out;
  for (const DnsName& ancestor : name.self_and_parents()) {
    out.lookups.push_back(failed(ancestor.text(), RecordType::kCaa, out.lookups.empty() ? sees : "nothing", now));
  }
  DnsLookup& leaf = out.lookups.front();
  if (sees == "no" || sees == "no+iodef") leaf.records = {caa_rdata(0, "issue", "other-ca.example")};
  if (sees == "no+iodef") leaf.records.push_back(caa_rdata(0, "iodef", "mailto:caa@example.com"));
  if (sees.starts_with("yes") || sees == "drops" || sees == "refuses" || sees == "403") {
    leaf.records = {caa_rdata(0, "issue", question.issuer_domains.front())};
  }
  if (!leaf.records.empty()) leaf.ttl = 300;
  return out;
}

}  // namespace mpic::test
