// collect: until all are in, or the time is up. Once dispatched, a perspective stays in the denominator (BR 3.2.2.9).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

// The condition has a name and the body no braces of its own: g++ 12 miscompiles `if (co_await ...) push({..., Reply{}})`.
asio::awaitable<void> announce(std::shared_ptr<Timer> timer, SteadyPoint when, Arrivals arrivals, std::size_t time_up) {
  const bool came = co_await timer->wait_until(when);
  if (came) arrivals->push(Arrival{time_up, Reply{}});
}

Reply no_answer(const PlannedLook& look, TimePoint now) {
  Reply reply;
  reply.problem = Problem(ProblemCode::kUnreachable, look.perspective->where.id.text(), "no answer within the time given");
  reply.received = now;
  return reply;
}

}  // namespace

asio::awaitable<std::vector<Reply>> collect(const Plan& plan, PerspectiveClient& client, Arrivals arrivals, Clock& clock,
                                            Deadline deadline) {
  const std::size_t size = plan.looks.size();
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<Timer> timer = clock.make_timer(executor);
  asio::co_spawn(executor, announce(timer, deadline.at(), arrivals, size), asio::detached);

  std::vector<std::optional<Reply>> replies(size);
  for (std::size_t open = size; open != 0;) {
    Arrival arrival = co_await arrivals->pop();
    if (arrival.look == size) break;
    std::optional<Reply>& reply = replies[arrival.look];
    if (!reply) --open;
    reply = std::move(arrival.reply);
  }
  timer->cancel();

  std::vector<Reply> complete;
  complete.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    if (!replies[i]) {
      client.cancel(plan.looks[i].perspective->where.id, plan.attempt);
      replies[i] = no_answer(plan.looks[i], clock.now());
    }
    complete.push_back(*std::move(replies[i]));
  }
  co_return complete;
}

}  // namespace mpic::coordinator
