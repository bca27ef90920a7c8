#include "tests/support/agent_under_test.hpp"

#include <stdexcept>

#include "common/wire/convert.hpp"

namespace mpic::test {

AttemptId attempt_id(std::uint8_t id) {
  AttemptId out;
  out.fill(id);
  return out;
}

agent::AgentIdentity eu_west() {
  agent::AgentIdentity me(PerspectiveId::parse("eu-west").value(), Role::kRemote, Rir::kRipe);
  me.log_origin = "mpic.example/log";
  me.source_ipv4 = "203.113.9.9";
  me.resolver = "127.0.0.1:53";
  me.resolver_config_sha256.fill(0x5a);
  return me;
}

Assignment some_assignment(std::uint8_t id) {
  Assignment out{.attempt = attempt_id(id),
                 .log_origin = "mpic.example/log",
                 .perspective = PerspectiveId::parse("eu-west").value(),
                 .role = Role::kRemote,
                 .nonce = attempt_id(static_cast<std::uint8_t>(id + 100)),
                 .issued = kSomeDay,
                 .budget = std::chrono::milliseconds{5000},
                 .identifier = Identifier::parse("example.com").value(),
                 .authorization_domain = {},
                 .dcv = DcvQuestion{kChallenge},
                 .caa = CaaQuestion{}};
  out.caa->issuer_domains = {"ca.example"};
  return out;
}

AgentUnderTest::AgentUnderTest(agent::AttemptLimits limits, agent::Attempts::Gate gate)
    : attempts(eu_west(), {agent::Lane{time.context.get_executor(), dns, http, tls}}, time.clock, metrics, limits,
               std::move(gate)),
      session(std::make_shared<agent::Session>(attempts, key, outlet)) {
  dns.addresses("example.com", {"203.113.7.1"});
  dns.answer("com", RecordType::kCaa, {});
  http.serve("203.113.7.1", http_reply(200, kChallenge.key_authorization));
}

void AgentUnderTest::send(const std::vector<std::string>& assignments, const std::vector<AttemptId>& cancels) {
  v1::ToAgent message;
  for (const std::string& assignment : assignments) message.add_assignments(assignment);
  for (const AttemptId& id : cancels) {
    message.add_cancels()->set_attempt_id(std::string(id.begin(), id.end()));
  }
  session->receive(message);
}

void AgentUnderTest::run_to_rest() {
  do {
    if (outlet.writing) {
      outlet.writing = false;
      session->write_done(true);
    }
    run();
  } while (outlet.writing);
}

std::vector<const v1::FromAgent::Item*> AgentUnderTest::items() const {
  std::vector<const v1::FromAgent::Item*> out;
  for (const v1::FromAgent& message : outlet.sent) {
    for (const auto& item : message.items()) out.push_back(&item);
  }
  return out;
}

Problem AgentUnderTest::only_refusal() const {
  const auto all = items();
  if (all.size() != 1 || !all[0]->has_refusal()) throw std::runtime_error("not one refusal");
  return wire::decode(all[0]->refusal().problem());
}

}  // namespace mpic::test
