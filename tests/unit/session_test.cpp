// The agent's half of a stream: what it takes and refuses, how it batches and signs, how it ends.
#include "agent/service/session.hpp"

#include "common/evidence/merkle.hpp"
#include "common/rules/judgement.hpp"
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

std::string unique_assignment(std::uint16_t number) {
  Assignment assignment = some_assignment(1);
  assignment.attempt[0] = static_cast<std::uint8_t>(number >> 8U);
  assignment.attempt[1] = static_cast<std::uint8_t>(number & 0xffU);
  return wire::encode(assignment);
}

}  // namespace

TEST_CASE("an assignment is answered by a signed observation that its sender can verify", "[agent][session]") {
  AgentUnderTest agent;
  const Assignment asked = some_assignment(1);
  agent.send({wire::encode(asked)});
  CHECK(agent.outlet.reads == 1);
  agent.run();
  REQUIRE(agent.items().size() == 1);
  REQUIRE(agent.items()[0]->has_evidence());
  const auto seen = verified(agent, agent.outlet.sent[0], agent.items()[0]->evidence(), asked);
  REQUIRE(seen);
  CHECK(seen->resolver == "127.0.0.1:53");
  CHECK(seen->source_ipv4 == "203.113.9.9");
  CHECK(seen->resolver_config_sha256 == eu_west().resolver_config_sha256);
  CHECK(seen->started == kSomeDay);
  CHECK(rules::judge_dcv(asked, *seen).outcome == Outcome::kCorroborates);
  CHECK(rules::judge_caa(asked, *seen).outcome == Outcome::kCorroborates);
  CHECK(agent.attempts.idle());
}

TEST_CASE("dcv and caa run side by side", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 400ms);  // CAA, A and AAAA alike
  agent.send({wire::encode(some_assignment(1))});
  agent.run();
  CHECK(agent.time.elapsed() < 500ms);
  CHECK(agent.items().size() == 1);
}

TEST_CASE("the answer leaves within the budget, with the innermost reason", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 1h);
  const Assignment asked = some_assignment(1);
  agent.send({wire::encode(asked)});
  agent.run();
  CHECK(agent.time.elapsed() < asked.budget);
  const auto seen = wire::decode_observation(agent.items().at(0)->evidence().observation());
  REQUIRE(seen);
  CHECK(rules::judge_dcv(asked, *seen).problem->code == ProblemCode::kDnsTimeout);
}

TEST_CASE("a body that does not match is kept as a prefix", "[agent][session]") {
  AgentUnderTest agent;
  agent.http.serve("203.113.7.1", http_reply(404, std::string(5000, 'x')));
  agent.send({wire::encode(some_assignment(1))});
  agent.run();
  const auto seen = wire::decode_observation(agent.items().at(0)->evidence().observation());
  REQUIRE(seen);
  const auto& http = std::get<HttpObservation>(seen->dcv->seen);
  CHECK(http.body.size() == kBodyPrefix);
  CHECK(http.body_cut);
  CHECK(http.body_size == 5000);
  CHECK(http.body_sha256 == evidence::sha256(std::string(5000, 'x')));
}

TEST_CASE("what is refused, and how", "[agent][session]") {
  struct Row {
    const char* what;
    ProblemCode code;
    std::function<void(Assignment&)> change;
  };
  const Row rows[] = {
      {"another perspective", ProblemCode::kAssignmentNotMine,
       [](Assignment& a) { a.perspective = PerspectiveId::parse("eu-east").value(); }},
      {"another role", ProblemCode::kAssignmentNotMine, [](Assignment& a) { a.role = Role::kPrimary; }},
      {"another log origin", ProblemCode::kAssignmentNotMine, [](Assignment& a) { a.log_origin = "other.example"; }},
      {"31 s old", ProblemCode::kAssignmentStale, [](Assignment& a) { a.issued -= 31s; }},
      {"31 s ahead", ProblemCode::kAssignmentStale, [](Assignment& a) { a.issued += 31s; }},
      {"an internal name", ProblemCode::kAssignmentInvalid,
       [](Assignment& a) { a.identifier = Identifier::parse("host.internal").value(); }},
      {"a reserved address", ProblemCode::kAssignmentInvalid,
       [](Assignment& a) {
         a.identifier = Identifier::parse("10.0.0.1").value();
         a.caa.reset();
       }},
      {"http-01 for a wildcard", ProblemCode::kAssignmentInvalid,
       [](Assignment& a) { a.identifier = Identifier::parse("*.example.com").value(); }},
      {"http-01 at a parent", ProblemCode::kAssignmentInvalid,
       [](Assignment& a) {
         a.identifier = Identifier::parse("www.example.com").value();
         a.authorization_domain = DnsName::parse("example.com").value();
       }},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      AgentUnderTest agent;
      Assignment assignment = some_assignment(7);
      row.change(assignment);
      agent.send({wire::encode(assignment)});
      agent.run();
      CHECK(agent.only_refusal().code == row.code);
      CHECK(agent.items()[0]->refusal().attempt_id() == std::string(16, 7));
      CHECK_FALSE(agent.outlet.sent[0].has_signed_root());
      CHECK(agent.dns.asked.empty());
    }
}

TEST_CASE("while the gate is shut nothing is begun, and the reason is told", "[agent][session]") {
  bool shut = true;
  AgentUnderTest agent(agent::AttemptLimits{256, 256}, [&shut] {
    return shut ? std::optional(Problem(ProblemCode::kResolverUnavailable, "resolver", "it does not validate"))
                : std::nullopt;
  });
  agent.send({wire::encode(some_assignment(1))});
  agent.run_to_rest();
  CHECK(agent.only_refusal().code == ProblemCode::kResolverUnavailable);
  CHECK(agent.dns.asked.empty());
  shut = false;
  agent.send({wire::encode(some_assignment(2))});
  agent.run_to_rest();
  CHECK(agent.items().back()->has_evidence());
}

TEST_CASE("30 s of difference between clocks are allowed", "[agent][session]") {
  for (const auto difference : {-30s, 30s}) {
    AgentUnderTest agent;
    Assignment assignment = some_assignment(7);
    assignment.issued += difference;
    agent.send({wire::encode(assignment)});
    agent.run();
    CHECK(agent.items().at(0)->has_evidence());
  }
}

TEST_CASE("octets that are no assignment are refused", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({"\xff\xff not a message"});
  agent.run();
  CHECK(agent.only_refusal().code == ProblemCode::kAssignmentInvalid);
}

TEST_CASE("over the limit an assignment is refused at once, beside those under way", "[agent][session]") {
  AgentUnderTest agent(2);
  agent.send({unique_assignment(1), unique_assignment(2), unique_assignment(3)});
  REQUIRE(agent.items().size() == 1);
  CHECK(agent.only_refusal().code == ProblemCode::kOverloaded);
  agent.run_to_rest();
  CHECK(agent.items().size() == 3);
  agent.send({unique_assignment(4)});
  agent.run_to_rest();
  CHECK(agent.items().back()->has_evidence());
}

TEST_CASE("one target may not take all there is, and is named when it would", "[agent][session]") {
  AgentUnderTest agent(agent::AttemptLimits{4, 2});
  const auto of = [](std::uint8_t id, const char* name) {
    Assignment assignment = some_assignment(id);
    assignment.identifier = Identifier::parse(name).value();
    return wire::encode(assignment);
  };
  agent.send({of(1, "a.example.com"), of(2, "example.com"), of(3, "b.example.com"), of(4, "example.org")});
  const Problem refused = agent.only_refusal();
  CHECK(refused.code == ProblemCode::kOverloaded);
  CHECK(refused.where == "example.com");
  CHECK_THAT(refused.detail, Catch::Matchers::Contains("limit for one target"));
  agent.run_to_rest();
  CHECK(agent.items().size() == 4);
  agent.send({of(5, "example.com")});
  agent.run_to_rest();
  CHECK(agent.items().back()->has_evidence());
  CHECK(agent.attempts.idle());
}

TEST_CASE("an attempt id that is under way is refused, afterwards it is free", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({unique_assignment(1), unique_assignment(1)});
  CHECK(agent.only_refusal().code == ProblemCode::kAssignmentInvalid);
  agent.run_to_rest();
  CHECK(agent.items().size() == 2);
}

TEST_CASE("a cancelled attempt ends at once and is not answered", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 3s);
  SECTION("by a later message") {
    agent.send({wire::encode(some_assignment(1))});
    agent.send({}, {attempt_id(1), attempt_id(99)});
  }
  SECTION("by the message that brought it") { agent.send({wire::encode(some_assignment(1))}, {attempt_id(1)}); }
  agent.run();
  CHECK(agent.items().empty());
  CHECK(agent.attempts.idle());
  CHECK(agent.dns.under_way == 0);
  CHECK(agent.time.elapsed() == 0ms);
}

TEST_CASE("cancelling in the middle of the work stops what waits", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 3s);
  agent.send({wire::encode(some_assignment(1)), wire::encode(some_assignment(2))});
  const auto cancel_later = [&agent]() -> asio::awaitable<int> {
    const auto timer = agent.time.clock.make_timer(agent.time.context.get_executor());
    co_await timer->wait_until(agent.time.clock.steady_now() + 1s);
    agent.send({}, {attempt_id(1)});
    agent.send({}, {attempt_id(2)});
    co_return 0;
  };
  agent.time.run(cancel_later());
  CHECK(agent.time.elapsed() == 1s);
  CHECK(agent.attempts.idle());
  CHECK(agent.items().empty());
}

TEST_CASE("one write at a time; what is ready meanwhile goes together, under one signature", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({wire::encode(some_assignment(1))});
  agent.run();
  REQUIRE(agent.outlet.sent.size() == 1);
  agent.send({wire::encode(some_assignment(2)), wire::encode(some_assignment(3)), "junk"});
  agent.run();
  CHECK(agent.outlet.sent.size() == 1);
  agent.outlet.writing = false;
  agent.session->write_done(true);
  REQUIRE(agent.outlet.sent.size() == 2);
  const v1::FromAgent& message = agent.outlet.sent[1];
  CHECK(message.items_size() == 3);
  for (const auto& item : message.items()) {
    if (!item.has_evidence()) continue;
    const auto id = static_cast<std::uint8_t>(item.evidence().attempt_id()[0]);
    CHECK(verified(agent, message, item.evidence(), some_assignment(id)));
  }
}

TEST_CASE("a message is bounded in items", "[agent][session]") {
  AgentUnderTest agent(1000);
  std::vector<std::string> many;
  for (std::uint16_t i = 0; i < 300; ++i) many.push_back(unique_assignment(i));
  agent.send(many);
  agent.run_to_rest();
  CHECK(agent.items().size() == 300);
  for (const v1::FromAgent& message : agent.outlet.sent) {
    CHECK(message.items_size() <= static_cast<int>(agent::kMaxItemsPerMessage));
    CHECK(message.ByteSizeLong() <= agent::kMaxMessage);
  }
}

TEST_CASE("a message is bounded in octets", "[agent][session]") {
  AgentUnderTest agent;
  std::vector<Bytes> records;
  for (int i = 0; i < 500; ++i)
    records.push_back(caa_record(0, "issue", "ca-" + std::to_string(i) + std::string(80, 'x')));
  agent.dns.answer("example.com", RecordType::kCaa, records);
  agent.dns.delay("example.com", 1s);
  std::vector<std::string> many;
  for (std::uint16_t i = 0; i < 20; ++i) many.push_back(unique_assignment(i));
  agent.send(many);
  agent.run_to_rest();
  CHECK(agent.items().size() == 20);
  for (const v1::FromAgent& message : agent.outlet.sent) CHECK(message.ByteSizeLong() <= agent::kMaxMessage);
}

TEST_CASE("a reader that does not read is no longer read from", "[agent][session]") {
  AgentUnderTest agent(1);
  std::vector<std::string> junk(agent::kMaxUnsent + 200, "junk");
  agent.send(junk);
  CHECK(agent.outlet.reads == 0);
  agent.run_to_rest();
  CHECK(agent.outlet.reads == 1);
  CHECK(agent.items().size() == junk.size());
}

TEST_CASE("a half-closed stream is answered to the end, then completed", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({wire::encode(some_assignment(1))});
  agent.session->reads_ended();
  CHECK(agent.outlet.ends.empty());
  agent.run_to_rest();
  CHECK(agent.items().size() == 1);
  CHECK(agent.outlet.ends == std::vector<End>{End::kComplete});
}

TEST_CASE("a broken stream cancels its attempts and ends once", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 3s);
  agent.send({wire::encode(some_assignment(1)), wire::encode(some_assignment(2))});
  const std::weak_ptr<agent::Session> alive = agent.session;
  SECTION("told by the transport") { agent.session->broken(); }
  SECTION("told twice, and by a failed read as well") {
    agent.session->broken();
    agent.session->reads_ended();
    agent.session->broken();
  }
  CHECK(agent.outlet.ends == std::vector<End>{End::kBroken});
  agent.session.reset();
  agent.run();
  CHECK(agent.attempts.idle());
  CHECK(agent.dns.under_way == 0);
  CHECK(alive.expired());
  CHECK(agent.outlet.sent.empty());
}

TEST_CASE("a stream that breaks during a write ends after that write", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({wire::encode(some_assignment(1))});
  agent.run();
  REQUIRE(agent.outlet.writing);
  SECTION("cancelled first") {
    agent.session->broken();
    CHECK(agent.outlet.ends.empty());
  }
  SECTION("the failed write is the first sign") {}
  agent.session->write_done(false);
  CHECK(agent.outlet.ends == std::vector<End>{End::kBroken});
}

TEST_CASE("a session outlives its stream only while it has work to end", "[agent][session]") {
  AgentUnderTest agent;
  agent.dns.delay("example.com", 1s);
  agent.send({wire::encode(some_assignment(1))});
  const std::weak_ptr<agent::Session> alive = agent.session;
  agent.session.reset();
  CHECK_FALSE(alive.expired());
  agent.run();
  CHECK(alive.expired());
}

TEST_CASE("a draining stream refuses what is new, answers what is under way, and ends", "[agent][session]") {
  AgentUnderTest agent;
  agent.send({wire::encode(some_assignment(1))});
  agent.session->drain(End::kShuttingDown);
  agent.send({wire::encode(some_assignment(2))});
  CHECK(agent.only_refusal().code == ProblemCode::kOverloaded);
  agent.run_to_rest();
  CHECK(agent.items().size() == 2);
  CHECK(agent.outlet.ends == std::vector<End>{End::kShuttingDown});
}
