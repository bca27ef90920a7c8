#include "coordinator/pipeline/follow_up.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace mpic::coordinator {

// An attempt whose answer is out and of which some looks are pending.
struct FollowUp::Unfinished {
  SettingsPtr settings;  // that the rest refers to
  std::string record_id;
  JudgedLook primary;
  Gathered part;
};

void FollowUp::follow(asio::any_io_executor executor, SettingsPtr settings, const std::string& record_id,
                      const JudgedLook& primary, Gathered part) {
  if (part.pending.empty()) return;
  if (open_.fetch_add(1) >= kMaxFollowed) {
    open_.fetch_sub(1);
    cancel(part);
    alerts_.not_followed();
    return;
  }
  part.replies = {};  // recorded; only the plan is needed from here on
  part.looks = {};
  auto attempt = std::make_shared<Unfinished>(Unfinished{std::move(settings), record_id, primary, std::move(part)});
  asio::co_spawn(executor, listen(attempt), [this, attempt](const std::exception_ptr& error) {
    if (error) {
      cancel(attempt->part);
      alerts_.addendum_lost(attempt->record_id,
                            Problem(ProblemCode::kInternal, "follow up", "an exception, a mistake of ours"));
    }
    open_.fetch_sub(1);
  });
}

void FollowUp::cancel(const Gathered& part) {
  for (const std::size_t look : part.pending) {
    perspectives_.cancel(part.plan.looks[look].perspective->where.id, part.plan.attempt);
  }
}

asio::awaitable<void> FollowUp::listen(std::shared_ptr<Unfinished> attempt) {
  const auto executor = co_await asio::this_coro::executor;
  const std::size_t end = attempt->part.plan.looks.size() + 1;  // not that of the time that was up before
  const Arrivals& arrivals = attempt->part.arrivals;
  const auto timer = announce(clock_, executor, clock_.steady_now() + kGrace, arrivals, end);
  std::vector<std::size_t>& pending = attempt->part.pending;
  while (!pending.empty()) {
    Arrival arrival = co_await arrivals->pop();
    if (arrival.look == end) break;
    if (std::erase(pending, arrival.look) == 0) continue;  // an agent is heard once
    co_await take(*attempt, arrival.look, std::move(arrival.reply));
  }
  timer->cancel();
  cancel(attempt->part);
}

asio::awaitable<void> FollowUp::take(const Unfinished& attempt, std::size_t look, Reply reply) {
  const PlannedLook& planned = attempt.part.plan.looks[look];
  const JudgedLook late = verify(planned, reply, attempt.part.plan.started);
  const auto why = contradiction(late, attempt.primary);
  StoredAddendum record = addendum(attempt.record_id, attempt.part.plan.attempt, planned, reply, why.has_value());
  const auto durable = co_await store_.append_addendum(std::move(record));
  if (!durable) alerts_.addendum_lost(attempt.record_id, durable.error());
  if (why) alerts_.contradicted_later(attempt.record_id, planned.perspective->where.id, *why);
}

}  // namespace mpic::coordinator
