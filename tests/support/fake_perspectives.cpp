#include "tests/support/fake_perspectives.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/evidence/merkle.hpp"
#include "common/evidence/observations.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/seen.hpp"

namespace mpic::test {
namespace {

using coordinator::Reply;

Observation observation_of(const Assignment& asked, const std::string& octets, const Behaviour& behaviour,
                           Rir rir, TimePoint now) {
  Observation out{.perspective = asked.perspective};
  out.assignment_sha256 = evidence::sha256(octets);
  out.nonce = asked.nonce;
  out.role = asked.role;
  out.rir = rir;
  out.agent_version = "test";
  out.started = now;
  out.ended = now;
  out.source_ipv4 = "198.51.100.1";
  out.resolver = "127.0.0.1:53";
  if (asked.caa) out.caa = caa_seen(asked.identifier.name(), *asked.caa, behaviour.sees, now);
  if (asked.dcv) out.dcv = http_01_seen(asked, behaviour.sees, now);
  return out;
}

// Lies that stand inside the signed observation.
void forge(const std::string& how, Observation& out) {
  if (how == "other-nonce") out.nonce[0] ^= 1;
  if (how == "other-assignment") out.assignment_sha256[0] ^= 1;
  if (how == "other-perspective") out.perspective = PerspectiveId::parse("somebody-else").value();
  if (how == "other-role") out.role = out.role == Role::kRemote ? Role::kPrimary : Role::kRemote;
  if (how == "other-rir") out.rir = out.rir == Rir::kArin ? Rir::kRipe : Rir::kArin;
  if (how == "late-clock") out.started = out.ended = out.ended + std::chrono::minutes(5);
}

Reply problem_reply(ProblemCode code, const PerspectiveId& who, std::string detail, TimePoint now) {
  Reply reply;
  reply.problem = Problem(code, who.text(), std::move(detail));
  reply.received = now;
  return reply;
}

asio::awaitable<void> deliver(FakeClock& clock, std::chrono::milliseconds after, std::function<Reply()> make,
                              coordinator::PerspectiveClient::Done done) {
  const auto timer = clock.make_timer(co_await asio::this_coro::executor);
  co_await timer->wait_until(clock.steady_now() + after);
  done(make());
}

}  // namespace

Reply FakePerspectives::answer(const PerspectiveId& perspective, const std::string& octets,
                               const Behaviour& behaviour) {
  const TimePoint now = clock_.now();
  if (behaviour.tells == "overloaded")
    return problem_reply(ProblemCode::kOverloaded, perspective, "too many checks", now);
  if (behaviour.tells == "stale-refusal")
    return problem_reply(ProblemCode::kAssignmentStale, perspective, "stale", now);

  const Assignment assigned = wire::decode_assignment(octets).value();
  Observation seen =
      observation_of(assigned, octets, behaviour, deployment_.find(perspective)->where.rir, now);
  seen.lab_relaxations.assign(lab_relaxations.begin(), lab_relaxations.end());
  forge(behaviour.tells, seen);
  std::string leaf = wire::encode(seen);
  if (behaviour.tells == "truncated") leaf.resize(leaf.size() / 2);

  v1::FromAgent message;
  const evidence::SigningKey stranger = evidence::SigningKey::generate();
  const bool other_key = behaviour.tells == "other-key";
  evidence::sign_observations(perspective, other_key ? stranger : keys_.at(perspective),
                              {{assigned.attempt, leaf}}, message);
  if (behaviour.tells == "bad-signature") message.mutable_signed_root()->mutable_signature()->back() ^= 1;
  Reply reply;
  reply.evidence = message.items(0).evidence();
  if (behaviour.tells != "unsigned")
    reply.signed_root = std::make_shared<evidence::ReceivedRoot>(message.signed_root());
  reply.received = now;
  return reply;
}

void FakePerspectives::observe(const PerspectiveId& perspective, const AttemptId&, std::string assignment,
                               Done done) {
  asked.insert(perspective.text());
  const Behaviour behaviour = script[perspective.text()];
  if (behaviour.tells == "silent") return;
  if (behaviour.tells == "down") {
    done(problem_reply(ProblemCode::kUnreachable, perspective, "no connection to the agent", clock_.now()));
    return;
  }
  std::function<Reply()> make = [this, perspective, behaviour, octets = std::move(assignment)] {
    return answer(perspective, octets, behaviour);
  };
  if (behaviour.tells == "twice") {
    asio::co_spawn(io_, deliver(clock_, behaviour.after + std::chrono::milliseconds(1), make, done),
                   asio::detached);
  }
  asio::co_spawn(io_, deliver(clock_, behaviour.after, std::move(make), std::move(done)), asio::detached);
}

void FakePerspectives::cancel(const PerspectiveId& perspective, const AttemptId&) {
  cancelled.insert(perspective.text());
}

}  // namespace mpic::test
