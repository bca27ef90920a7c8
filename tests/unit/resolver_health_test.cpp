// When a perspective is ready, as its resolver goes: hysteresis, grace, and what tells of the resolver at all.
#include "agent/service/resolver_health.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "agent/service/resolver_watch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Kind = agent::ResolverSign::Kind;

namespace {

// "noerror", "noerror+ad", "nxdomain", "nxdomain+ad", "servfail" (":bogus", ":unreachable": by its EDE), "refused",
// "timeout", "gone", "never-sent", "malformed"
DnsLookup lookup(std::string_view what, const std::string& name = "test.example") {
  DnsLookup seen = answered(name, RecordType::kA);
  seen.server = "127.0.0.1:53";
  seen.tries = 1;
  if (what.ends_with("+ad")) {
    seen.authenticated = true;
    what.remove_suffix(3);
  }
  if (what == "nxdomain") seen.rcode = kNxdomain;
  if (what.starts_with("servfail")) seen.rcode = kServfail;
  if (what == "servfail:bogus") seen.extended_errors = {{7, "signature expired"}};
  if (what == "servfail:unreachable") seen.extended_errors = {{22, ""}};
  if (what == "refused") seen.rcode = kRefused;
  if (what == "timeout") seen.status = DnsStatus::kTimeout;
  if (what == "malformed") seen.status = DnsStatus::kMalformed;
  if (what == "gone" || what == "never-sent") seen.status = DnsStatus::kUnreachable;
  if (what == "never-sent") seen.tries = 0;
  return seen;
}

std::string kind_of(const agent::ResolverSign& sign) {
  if (sign.kind == Kind::kGood) return "good";
  CHECK_FALSE(sign.why.empty());
  return sign.kind == Kind::kBad ? "bad" : "unclear";
}

agent::ResolverTests all_tests() {
  agent::ResolverTests tests;
  tests.probes = {"one.example", "two.example"};
  tests.signed_name = "signed.example";
  tests.bogus_name = "bogus.example";
  return tests;
}

// One resolver, told of one round after another.
class Told {
 public:
  explicit Told(agent::ResolverTests tests = all_tests()) : health_(tests) {}
  void round(std::string_view probe, std::string_view other, std::string_view signed_name, std::string_view bogus) {
    const std::vector<DnsLookup> seen{lookup(probe), lookup(other), lookup(signed_name, "signed.example"),
                                      lookup(bogus, "bogus.example")};
    health_.observe(seen, now);
  }
  void good() { round("noerror", "noerror", "noerror+ad", "servfail"); }
  [[nodiscard]] bool ready() const { return health_.fault().empty(); }
  [[nodiscard]] bool validates() const { return health_.validation_fault().empty(); }
  [[nodiscard]] std::string fault() const { return health_.fault(); }

  SteadyPoint now{};

 private:
  agent::ResolverHealth health_;
};

}  // namespace

TEST_CASE("what one lookup tells of the resolver", "[agent][resolver]") {
  struct Row {
    const char* answer;
    const char* as_probe;
    const char* as_signed;
    const char* as_bogus;
  };
  const Row rows[] = {
      {"noerror", "good", "bad", "bad"},
      {"noerror+ad", "good", "good", "unclear"},  // a bogus name that validates has been repaired
      {"nxdomain", "good", "unclear", "unclear"},
      {"nxdomain+ad", "good", "good", "unclear"},
      {"servfail", "unclear", "unclear", "good"},
      {"servfail:bogus", "unclear", "unclear", "good"},
      {"servfail:unreachable", "unclear", "unclear", "unclear"},  // a resolver that does not validate says so too
      {"refused", "bad", "unclear", "unclear"},
      {"timeout", "unclear", "unclear", "unclear"},
      {"malformed", "unclear", "unclear", "unclear"},
      {"gone", "bad", "unclear", "unclear"},
      {"never-sent", "unclear", "unclear", "unclear"},  // our own load
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.answer) {
      const DnsLookup seen = lookup(row.answer);
      CHECK(kind_of(agent::sign_of_probes({&seen, 1})) == row.as_probe);
      CHECK(kind_of(agent::sign_of_signed(seen)) == row.as_signed);
      CHECK(kind_of(agent::sign_of_bogus(seen)) == row.as_bogus);
    }
}

TEST_CASE("one probe that is answered is enough", "[agent][resolver]") {
  const auto kind = [](const char* one, const char* other) {
    const std::vector<DnsLookup> seen{lookup(one), lookup(other)};
    return kind_of(agent::sign_of_probes(seen));
  };
  CHECK(kind("timeout", "noerror") == "good");
  CHECK(kind("nxdomain", "gone") == "good");
  CHECK(kind("gone", "gone") == "bad");
  CHECK(kind("gone", "timeout") == "unclear");
}

TEST_CASE("nothing is ready before it was seen to be", "[agent][resolver]") {
  Told told;
  CHECK_THAT(told.fault(), Contains("has not been asked yet") && Contains("not been tested yet"));
  CHECK_FALSE(told.validates());
  told.good();
  CHECK(told.ready());
  CHECK(told.validates());
}

TEST_CASE("at the start, one bad or unclear round is told", "[agent][resolver]") {
  Told told;
  told.round("timeout", "timeout", "timeout", "timeout");
  CHECK_THAT(told.fault(), Contains("one.example") || Contains("test.example"));
  CHECK_FALSE(told.validates());
}

TEST_CASE("it falls after two bad rounds in a row and rises after one good", "[agent][resolver]") {
  Told told;
  told.good();
  SECTION("a resolver that is gone") {
    told.round("gone", "gone", "gone", "gone");
    CHECK(told.ready());
    told.round("gone", "gone", "gone", "gone");
    CHECK_FALSE(told.ready());
    CHECK(told.validates());  // nothing says that it does not, when it is there
  }
  SECTION("one that answers the bogus name") {
    told.round("noerror", "noerror", "noerror+ad", "noerror");
    CHECK(told.validates());
    told.round("noerror", "noerror", "noerror+ad", "noerror");
    CHECK_FALSE(told.validates());
    CHECK_THAT(told.fault(), Contains("does not validate") && Contains("bogus.example"));
  }
  SECTION("one that answers the signed name without AD") {
    told.round("noerror", "noerror", "noerror", "servfail");
    told.round("noerror", "noerror", "noerror", "servfail");
    CHECK_FALSE(told.validates());
    CHECK_FALSE(told.ready());
    CHECK_THAT(told.fault(), Contains("without AD") && Contains("signed.example"));
  }
  SECTION("not in a row") {
    for (int i = 0; i < 5; ++i) {
      told.round("gone", "gone", "noerror", "noerror");
      CHECK(told.ready());
      told.good();
    }
  }
  SECTION("silence between two does not part them") {
    told.round("noerror", "noerror", "noerror", "servfail");
    told.round("noerror", "noerror", "timeout", "servfail");
    told.round("noerror", "noerror", "noerror", "servfail");
    CHECK_FALSE(told.validates());
  }
  told.good();
  CHECK(told.ready());
}

TEST_CASE("what tells nothing keeps the last good state for a grace", "[agent][resolver]") {
  Told told;
  told.good();
  SECTION("probes: all outside names are down, or the resolver hangs") {
    told.now += agent::ResolverHealth::kAnswerGrace;
    told.round("timeout", "servfail", "noerror+ad", "servfail");
    CHECK(told.ready());
    told.now += 1s;
    told.round("timeout", "servfail", "noerror+ad", "servfail");
    CHECK_FALSE(told.ready());
    CHECK(told.validates());
  }
  SECTION("validation: the names' own servers are down") {
    told.now += agent::ResolverHealth::kValidationGrace;
    told.round("noerror", "noerror", "servfail", "timeout");
    CHECK(told.ready());
    told.now += 1s;
    told.round("noerror", "noerror", "servfail", "timeout");
    CHECK_FALSE(told.validates());
    CHECK_FALSE(told.ready());
  }
  SECTION("a bad state is not made good by silence") {
    told.round("noerror", "noerror", "noerror", "servfail");
    told.round("noerror", "noerror", "noerror", "servfail");
    told.round("noerror", "noerror", "timeout", "servfail");
    CHECK_FALSE(told.validates());
  }
}

TEST_CASE("what is not configured is not tested", "[agent][resolver]") {
  agent::ResolverTests tests;
  CHECK(tests.names() == std::vector<std::string>{"."});
  agent::ResolverHealth health(tests);
  CHECK(health.validation_fault().empty());
  const std::vector<DnsLookup> seen{lookup("noerror", ".")};
  CHECK(health.observe(seen, SteadyPoint{}));
  CHECK(health.fault().empty());
}

TEST_CASE("the names are looked up every five seconds, and sooner when something is not good", "[agent][resolver]") {
  VirtualTime time;
  FakeDnsClient dns(time.clock);
  dns.answer("one.example", RecordType::kA, {});
  dns.fail("bogus.example", RecordType::kA, kServfail);
  DnsLookup signed_answer = lookup("noerror+ad", "signed.example");
  dns.script(signed_answer);
  const auto state = std::make_shared<agent::ResolverState>(all_tests());
  const auto rounds = [&] {
    std::size_t asked = 0;
    for (const auto& [name, type] : dns.asked) asked += name == "signed.example" ? 1 : 0;
    return asked;
  };
  asio::cancellation_signal stop;
  asio::co_spawn(time.context, agent::watch_resolver(dns, time.clock, all_tests(), state),
                 asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  const auto plot = [&]() -> asio::awaitable<int> {
    const auto timer = time.clock.make_timer(time.context.get_executor());
    const auto at = [&](std::chrono::milliseconds moment) { return timer->wait_until(SteadyPoint{} + moment); };
    co_await at(4s);
    CHECK(rounds() == 1);
    CHECK(state->fault().empty());
    co_await at(6s);
    CHECK(rounds() == 2);
    signed_answer.authenticated = false;
    dns.script(signed_answer);
    co_await at(12s);
    CHECK_FALSE(state->validation_fault().empty());
    CHECK(rounds() >= 5);
    signed_answer.authenticated = true;
    dns.script(signed_answer);
    co_await at(13s);
    CHECK(state->fault().empty());
    stop.emit(asio::cancellation_type::terminal);
    co_return 0;
  };
  time.run(plot());
}

TEST_CASE("a Primary determines nothing while its resolver is not known to validate (BR 4.2.2.2.1)",
          "[agent][resolver]") {
  const auto state = std::make_shared<agent::ResolverState>(all_tests());
  const auto primary = agent::validation_gate(Role::kPrimary, state);
  const auto remote = agent::validation_gate(Role::kRemote, state);
  REQUIRE(primary());
  CHECK(primary()->code == ProblemCode::kResolverUnavailable);
  CHECK_THAT(primary()->detail, Contains("BR 4.2.2.2.1"));
  CHECK_FALSE(remote());
  state->observe(std::vector<DnsLookup>{lookup("noerror"), lookup("noerror"), lookup("noerror+ad"), lookup("servfail")},
                 SteadyPoint{});
  CHECK_FALSE(primary());
  agent::ResolverTests untested;
  CHECK_FALSE(agent::validation_gate(Role::kPrimary, std::make_shared<agent::ResolverState>(untested))());
}
