// collect: until all are in, the time is up, or nothing that is still out can change the outcome. Once dispatched, a
// perspective stays in the denominator (BR 3.2.2.9).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

// The condition has a name and the body no braces of its own: g++ 12 miscompiles `if (co_await ...) push({...,
// Reply{}})`.
asio::awaitable<void> push_at(std::shared_ptr<Timer> timer, SteadyPoint when, Arrivals arrivals, std::size_t look) {
  const bool came = co_await timer->wait_until(when);
  if (came) arrivals->push(Arrival{look, Reply{}});
}

Reply without_answer(const PlannedLook& look, ProblemCode code, const char* why, TimePoint now) {
  Reply reply;
  reply.problem = Problem(code, look.perspective->where.id.text(), why);
  reply.received = now;
  return reply;
}

}  // namespace

std::shared_ptr<Timer> announce(Clock& clock, asio::any_io_executor executor, SteadyPoint when,
                                const Arrivals& arrivals, std::size_t look) {
  const std::shared_ptr<Timer> timer = clock.make_timer(executor);
  asio::co_spawn(executor, push_at(timer, when, arrivals, look), asio::detached);
  return timer;
}

asio::awaitable<Gathered> collect(Plan plan, PerspectiveClient& client, Arrivals arrivals, Clock& clock,
                                  Deadline deadline, Settled settled, OnLook on_look) {
  const std::size_t size = plan.looks.size();
  const auto timer = announce(clock, co_await asio::this_coro::executor, deadline.at(), arrivals, size);

  std::vector<std::optional<Reply>> replies(size);
  std::vector<std::optional<JudgedLook>> looks(size);
  bool time_is_up = false;
  // What is here already is taken before anyone asks whether it is needed.
  const auto is_enough = [&] { return settled && arrivals->empty() && settled(plan, looks); };
  for (std::size_t open = size; open != 0 && !time_is_up && !is_enough();) {
    Arrival arrival = co_await arrivals->pop();
    time_is_up = arrival.look == size;
    if (time_is_up || replies[arrival.look]) continue;  // an agent is heard once
    --open;
    looks[arrival.look] = verify(plan.looks[arrival.look], arrival.reply, plan.started);
    if (on_look) on_look(*looks[arrival.look]);
    replies[arrival.look] = std::move(arrival.reply);
  }
  timer->cancel();

  Gathered gathered;
  for (std::size_t i = 0; i < size; ++i) {
    const PlannedLook& look = plan.looks[i];
    if (!replies[i]) {
      if (time_is_up) {
        client.cancel(look.perspective->where.id, plan.attempt);
      } else {
        gathered.pending.push_back(i);
      }
      replies[i] =
          time_is_up
              ? without_answer(look, ProblemCode::kUnreachable, "no answer within the time given", clock.now())
              : without_answer(look, ProblemCode::kNotWaitedFor, "the outcome was settled without it", clock.now());
      looks[i] = verify(look, *replies[i], plan.started);
      if (on_look) on_look(*looks[i]);
    }
    gathered.replies.push_back(*std::move(replies[i]));
    gathered.looks.push_back(*std::move(looks[i]));
  }
  gathered.plan = std::move(plan);
  gathered.arrivals = std::move(arrivals);
  co_return gathered;
}

}  // namespace mpic::coordinator
