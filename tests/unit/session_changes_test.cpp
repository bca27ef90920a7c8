// What changes while a stream is open: the signing key, how the perspective is, and whether it goes on at all.
#include "agent/service/session.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/agent_under_test.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using End = agent::Outlet::End;

namespace {

Expected<Observation> verified(const AgentUnderTest& agent, const v1::FromAgent& message, const v1::Evidence& evidence,
                               const Assignment& asked) {
  const std::string octets = wire::encode(asked);
  const evidence::PinnedKey pinned{agent.key.get()->public_key()};
  const evidence::Expectation expected{.assignment = asked,
                                       .assignment_octets = octets,
                                       .rir = Rir::kRipe,
                                       .keys = {&pinned, 1},
                                       .received = agent.time.clock.now()};
  return evidence::verify_evidence(evidence, evidence::ReceivedRoot(message.signed_root()), expected);
}

}  // namespace

TEST_CASE("a draining stream says whom it drains for", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({wire::encode(some_assignment(1))});
  agent.session->drain(End::kNotAClient);
  agent.session->drain(End::kShuttingDown);
  agent.send({wire::encode(some_assignment(2))});
  CHECK_THAT(agent.only_refusal().detail, Catch::Matchers::Contains("does not work for this coordinator"));
  agent.run_to_rest();
  CHECK(agent.outlet.ends == std::vector<End>{End::kNotAClient});
}

TEST_CASE("evidence is signed with the key that is current when it leaves", "[agent][session]") {
  AgentUnderTest agent;
  const Assignment asked = some_assignment(1);
  agent.send({wire::encode(asked)});
  agent.key.replace(evidence::SigningKey::generate());
  agent.run_to_rest();
  CHECK(verified(agent, agent.outlet.sent[0], agent.items().at(0)->evidence(), asked));
  agent.key.replace(evidence::SigningKey::generate());
  CHECK_FALSE(verified(agent, agent.outlet.sent[0], agent.items().at(0)->evidence(), asked));
}

TEST_CASE("what an agent says of itself goes out at once, and again only when it has changed", "[agent][session]") {
  AgentUnderTest agent;
  v1::AgentStatus status;
  status.set_not_ready_because("its resolver is away");
  agent.session->tell(status);
  REQUIRE(agent.outlet.sent.size() == 1);
  CHECK(agent.outlet.sent[0].status().not_ready_because() == "its resolver is away");
  CHECK(agent.outlet.sent[0].items().empty());
  CHECK_FALSE(agent.outlet.sent[0].has_signed_root());
  agent.run_to_rest();
  agent.session->tell(status);
  CHECK(agent.outlet.sent.size() == 1);

  SECTION("an answer does not repeat it") {
    agent.send({wire::encode(some_assignment(1))});
    agent.run_to_rest();
    REQUIRE(agent.outlet.sent.size() == 2);
    CHECK_FALSE(agent.outlet.sent[1].has_status());
  }
  SECTION("a change goes with the next message, and what was never sent is overtaken") {
    status.set_not_ready_because("its clock is off");
    agent.session->tell(status);
    REQUIRE(agent.outlet.writing);
    status.Clear();
    status.set_ready(true);
    agent.session->tell(status);
    agent.send({"junk"});
    agent.run_to_rest();
    REQUIRE(agent.outlet.sent.size() == 3);
    CHECK(agent.outlet.sent[2].status().ready());
    CHECK(agent.outlet.sent[2].items_size() == 1);
  }
  SECTION("a stream that ends says it before") {
    status.set_not_ready_because("this perspective is shutting down");
    agent.session->tell(status);
    agent.session->drain(End::kShuttingDown);
    CHECK(agent.outlet.ends.empty());
    agent.run_to_rest();
    CHECK(agent.outlet.sent.back().status().not_ready_because() == "this perspective is shutting down");
    CHECK(agent.outlet.ends == std::vector<End>{End::kShuttingDown});
    agent.session->tell(v1::AgentStatus());
    CHECK(agent.outlet.sent.size() == 2);
  }
  SECTION("a broken stream says nothing more") {
    agent.session->broken();
    agent.session->tell(v1::AgentStatus());
    CHECK(agent.outlet.sent.size() == 1);
  }
}

TEST_CASE("an agent knows until when it may be busy", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 10s);
  CHECK(agent.attempts.busy_until() <= agent.time.clock.steady_now());
  Assignment longer = some_assignment(1);
  longer.budget = 9s;
  agent.send({wire::encode(longer), wire::encode(some_assignment(2))});
  CHECK(agent.attempts.busy_until() == agent.time.clock.steady_now() + 9s);
  agent.run_to_rest();
  CHECK(agent.attempts.busy_until() <= agent.time.clock.steady_now());
}
