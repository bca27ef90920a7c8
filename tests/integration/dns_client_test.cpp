// AresDnsClient against a validating Unbound before a signed tree.

#include "agent/checks/dns_lookups.hpp"
#include "common/async/gather.hpp"
#include "common/rules/dns_message.hpp"
#include "tests/integration/system.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

DnsLookup look_up(const std::string& name, RecordType type) {
  RealTools tools;
  return tools.run(tools.dns.lookup(name, type, tools.in(10s)));
}

}  // namespace

TEST_CASE("a signed name is authenticated, and the lookup says where it comes from", "[dns]") {
  const DnsLookup seen = look_up("www.demo.test", RecordType::kA);
  CHECK(seen.status == DnsStatus::kAnswered);
  CHECK(seen.rcode == kNoError);
  CHECK(seen.authenticated);
  REQUIRE(seen.records.size() == 1);
  CHECK(IpAddress::from_octets(seen.records[0])->text() == system_under_test().site_address);
  CHECK(seen.name == "www.demo.test");
  CHECK(seen.server == system_under_test().resolver);
  CHECK(seen.tries == 1);
  CHECK_FALSE(seen.over_tcp);
  CHECK(seen.ttl <= 60);
  CHECK(seen.started > SystemClock().now() - 1min);
}

TEST_CASE("an unsigned zone answers without AD", "[dns]") {
  const DnsLookup seen = look_up("www.plain.test", RecordType::kA);
  CHECK(seen.rcode == kNoError);
  CHECK(seen.records.size() == 1);
  CHECK_FALSE(seen.authenticated);
}

TEST_CASE("a forged zone is SERVFAIL with the extended error that says so", "[dns]") {
  const DnsLookup seen = look_up("www.bogus.test", RecordType::kA);
  CHECK(seen.status == DnsStatus::kAnswered);
  CHECK(seen.rcode == kServfail);
  CHECK_FALSE(seen.extended_errors.empty());
  const auto problem = rules::problem_of(seen);
  REQUIRE(problem);
  CHECK(problem->code == ProblemCode::kDnsBogus);
}

TEST_CASE("names and types that are not there", "[dns]") {
  const DnsLookup missing = look_up("nothing-here.demo.test", RecordType::kA);
  CHECK(missing.rcode == kNxdomain);
  CHECK(missing.authenticated);
  const DnsLookup empty = look_up("www.demo.test", RecordType::kAaaa);
  CHECK(empty.rcode == kNoError);
  CHECK(empty.records.empty());
}

TEST_CASE("aliases are followed and written down; a circle of them is no answer", "[dns]") {
  const DnsLookup twice = look_up("alias-twice.demo.test", RecordType::kA);
  CHECK(twice.chain.size() == 2);
  CHECK(twice.end_of_chain == "www.demo.test");
  CHECK(twice.records.size() == 1);
  CHECK(rules::problem_of(look_up("circle-a.demo.test", RecordType::kA)));
}

TEST_CASE("a set that does not fit UDP comes whole over TCP", "[dns]") {
  const DnsLookup seen = look_up("caa-many.demo.test", RecordType::kCaa);
  CHECK(seen.status == DnsStatus::kAnswered);
  CHECK(seen.over_tcp);
  CHECK(seen.records.size() > 100);
  CHECK_FALSE(seen.records_cut);
  CHECK(seen.authenticated);
}

TEST_CASE("the CAA climb against the real tree", "[dns][caa]") {
  RealTools tools;
  std::vector<rules::DnsQuery> climb;
  for (const DnsName& ancestor : DnsName::parse("deep.caa-parent.demo.test").value().self_and_parents()) {
    climb.push_back({ancestor.text(), RecordType::kCaa});
  }
  const std::vector<DnsLookup> seen = tools.run(agent::look_up(tools.dns, std::move(climb), tools.in(10s)));
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].records.empty());
  REQUIRE(seen[1].records.size() == 1);
  CHECK(rules::read_caa(seen[1].records[0])->value == "ca.example");
  CHECK(seen[3].name == "test");
  for (const DnsLookup& lookup : seen) CHECK(lookup.authenticated);
}

TEST_CASE("a resolver that is not there is unreachable, not silent", "[dns]") {
  RealTools tools(agent::AresOptions("127.77.1.250:9"));
  const auto seen = tools.run(tools.dns.lookup("www.demo.test", RecordType::kA, tools.in(5s)));
  CHECK(seen.status == DnsStatus::kUnreachable);
}

TEST_CASE("many lookups at once, more than there are channels", "[dns]") {
  agent::AresOptions options(system_under_test().resolver);
  options.max_channels = 8;
  RealTools tools(options);
  const auto many = [&tools]() -> asio::awaitable<std::vector<DnsLookup>> {
    std::vector<asio::awaitable<DnsLookup>> work;
    for (int i = 0; i < 200; ++i) {
      work.push_back(tools.dns.lookup("n" + std::to_string(i) + ".wild.demo.test", RecordType::kA, tools.in(10s)));
    }
    co_return co_await gather(std::move(work));
  };
  const auto seen = tools.run(many());
  CHECK(seen.size() == 200);
  for (const DnsLookup& lookup : seen) {
    CHECK(lookup.status == DnsStatus::kAnswered);
    CHECK(lookup.records.size() == 1);
  }
}
