#include "agent/checks/caa_check.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

CaaObservation look_up(VirtualTime& time, FakeDnsClient& dns, std::string_view name,
                       std::chrono::milliseconds budget = 10s) {
  const agent::CaaCheck check(dns);
  return time.run(check.run(DnsName::parse(name).value(), time.in(budget)));
}

}  // namespace

TEST_CASE("a CAA check asks for the name and every parent, leaf first", "[agent][caa]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("present.com", RecordType::kCaa, {caa_record(0, "issue", "ca.example")});
  const CaaObservation seen = look_up(time, dns, "child.present.com");
  REQUIRE(seen.lookups.size() == 3);
  CHECK(seen.lookups[0].name == "child.present.com");
  CHECK(seen.lookups[1].name == "present.com");
  CHECK(seen.lookups[2].name == "com");
  CHECK(seen.lookups[1].records.size() == 1);
  for (const DnsLookup& lookup : seen.lookups) CHECK(lookup.type == RecordType::kCaa);
}

TEST_CASE("the ancestors are asked at once, so a deep name takes no longer", "[agent][caa]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  for (const char* name : {"a.b.c.d.example.com", "b.c.d.example.com", "c.d.example.com", "d.example.com"}) {
    dns.delay(name, 200ms);
  }
  const CaaObservation seen = look_up(time, dns, "a.b.c.d.example.com");
  CHECK(seen.lookups.size() == 6);
  CHECK(dns.most_at_once == 6);
  CHECK(time.elapsed() == 200ms);
}

TEST_CASE("the longest name that there is stays within the bound of an observation", "[agent][caa]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  std::string name = "a";
  while (name.size() < 253) name = "a." + name;
  const CaaObservation seen = look_up(time, dns, name);
  CHECK(seen.lookups.size() == 127);
  CHECK(seen.lookups.back().name == "a");
  CHECK(dns.most_at_once == 10);  // and not 127: it is one of many that share the resolver
  CHECK(seen.lookups.size() <= kMaxCaaLookups);
}

TEST_CASE("a failure above or below is written down beside what was found", "[agent][caa]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("present.servfail.com", RecordType::kCaa, {caa_record(0, "issue", "ca.example")});
  dns.fail("servfail.com", RecordType::kCaa, kServfail);
  const CaaObservation seen = look_up(time, dns, "present.servfail.com");
  CHECK(seen.lookups[0].records.size() == 1);
  CHECK(seen.lookups[1].rcode == kServfail);
}

TEST_CASE("a lookup that takes too long ends at the deadline as a timeout", "[agent][caa]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.delay("example.com", 1h);
  const CaaObservation seen = look_up(time, dns, "example.com", 500ms);
  CHECK(seen.lookups[0].status == DnsStatus::kTimeout);
  CHECK(seen.lookups[1].status == DnsStatus::kAnswered);
  CHECK(time.elapsed() == 500ms);
}
