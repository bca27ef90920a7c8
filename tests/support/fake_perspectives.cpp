#include "tests/support/fake_perspectives.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/wire/convert.hpp"

namespace mpic::test {
namespace {

using coordinator::Reply;

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
  const std::string lie = behaviour.tells == "twice" ? "honest" : behaviour.tells;
  const v1::FromAgent message = forger(perspective).answer(lie, behaviour.sees, octets, now);
  Reply reply;
  reply.received = now;
  const v1::FromAgent::Item& item = message.items(0);
  if (item.has_refusal()) {
    reply.problem = wire::decode(item.refusal().problem());
    return reply;
  }
  reply.evidence = item.evidence();
  if (message.has_signed_root()) reply.signed_root = std::make_shared<evidence::ReceivedRoot>(message.signed_root());
  return reply;
}

Forger& FakePerspectives::forger(const PerspectiveId& perspective) {
  ForgerIdentity me{perspective, deployment_.find(perspective)->where.rir, keys_.at(perspective), {}, {}};
  me.lab_relaxations.assign(lab_relaxations.begin(), lab_relaxations.end());
  return forgers_.try_emplace(perspective, std::move(me)).first->second;
}

void FakePerspectives::observe(const PerspectiveId& perspective, const AttemptId&, std::string assignment, Done done) {
  const std::size_t before = asked[perspective.text()]++;
  const std::vector<Behaviour>& told = script[perspective.text()];
  const Behaviour behaviour = told.empty() ? Behaviour{} : told[std::min(before, told.size() - 1)];
  if (behaviour.tells == "silent") return;
  if (behaviour.tells == "down") {
    done(problem_reply(ProblemCode::kUnreachable, perspective, "no connection to the agent", clock_.now()));
    return;
  }
  std::function<Reply()> make = [this, perspective, behaviour, octets = std::move(assignment)] {
    return answer(perspective, octets, behaviour);
  };
  if (behaviour.tells == "twice") {
    asio::co_spawn(io_, deliver(clock_, behaviour.after + std::chrono::milliseconds(1), make, done), asio::detached);
  }
  asio::co_spawn(io_, deliver(clock_, behaviour.after, std::move(make), std::move(done)), asio::detached);
}

void FakePerspectives::cancel(const PerspectiveId& perspective, const AttemptId&) {
  cancelled.insert(perspective.text());
}

}  // namespace mpic::test
