// The lookups of CAA climbs and of methods that look at records.
#include "agent/checks/dns_lookups.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

std::vector<rules::DnsQuery> climb(std::string_view name) {
  std::vector<rules::DnsQuery> queries;
  for (const DnsName& ancestor : DnsName::parse(name).value().self_and_parents()) {
    queries.push_back({ancestor.text(), RecordType::kCaa});
  }
  return queries;
}

std::vector<DnsLookup> look_up(VirtualTime& time, FakeDnsClient& dns, std::vector<rules::DnsQuery> queries,
                               std::chrono::milliseconds budget = 10s) {
  return time.run(agent::look_up(dns, std::move(queries), time.in(budget)));
}

}  // namespace

TEST_CASE("what was looked up is told in the order of the queries", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("present.com", RecordType::kCaa, {caa_record(0, "issue", "ca.example")});
  const std::vector<DnsLookup> seen = look_up(time, dns, climb("child.present.com"));
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].name == "child.present.com");
  CHECK(seen[1].name == "present.com");
  CHECK(seen[2].name == "com");
  CHECK(seen[1].records.size() == 1);
  for (const DnsLookup& lookup : seen) CHECK(lookup.type == RecordType::kCaa);
}

TEST_CASE("the ancestors are asked at once, so a deep name takes no longer", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  for (const char* name : {"a.b.c.d.example.com", "b.c.d.example.com", "c.d.example.com", "d.example.com"}) {
    dns.delay(name, 200ms);
  }
  const std::vector<DnsLookup> seen = look_up(time, dns, climb("a.b.c.d.example.com"));
  CHECK(seen.size() == 6);
  CHECK(dns.most_at_once == 6);
  CHECK(time.elapsed() == 200ms);
}

TEST_CASE("the longest name that there is stays within the bound of an observation", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  std::string name = "a";
  while (name.size() < 253) name = "a." + name;
  const std::vector<DnsLookup> seen = look_up(time, dns, climb(name));
  CHECK(seen.size() == 127);
  CHECK(seen.back().name == "a");
  CHECK(dns.most_at_once == 10);  // and not 127: it is one of many that share the resolver
  CHECK(seen.size() <= kMaxCaaLookups);
}

TEST_CASE("a failure above or below is written down beside what was found", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("present.servfail.com", RecordType::kCaa, {caa_record(0, "issue", "ca.example")});
  dns.fail("servfail.com", RecordType::kCaa, kServfail);
  const std::vector<DnsLookup> seen = look_up(time, dns, climb("present.servfail.com"));
  CHECK(seen[0].records.size() == 1);
  CHECK(seen[1].rcode == kServfail);
}

TEST_CASE("a lookup that takes too long ends at the deadline as a timeout", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.delay("example.com", 1h);
  const std::vector<DnsLookup> seen = look_up(time, dns, climb("example.com"), 500ms);
  CHECK(seen[0].status == DnsStatus::kTimeout);
  CHECK(seen[1].status == DnsStatus::kAnswered);
  CHECK(time.elapsed() == 500ms);
}

TEST_CASE("types and names may differ, and a name begin with an underscore", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("_acme-challenge.example.com", RecordType::kTxt, {Bytes{1, 'x'}});
  dns.answer("www.example.com", RecordType::kA, {address_record("203.113.7.1")});
  const std::vector<DnsLookup> seen =
      look_up(time, dns, {{"www.example.com", RecordType::kA}, {"_acme-challenge.example.com", RecordType::kTxt}});
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].type == RecordType::kA);
  CHECK(seen[0].records.size() == 1);
  CHECK(seen[1].type == RecordType::kTxt);
  CHECK(seen[1].records.size() == 1);
}

TEST_CASE("nothing to look up is nothing seen", "[agent][dns]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  CHECK(look_up(time, dns, {}).empty());
  CHECK(dns.asked.empty());
}
