#include "coordinator/pipeline/corroborate.hpp"

#include <boost/asio/this_coro.hpp>

#include "common/domain/hex.hpp"

namespace mpic::coordinator {
namespace {

using Attempt = std::pair<Plan, std::vector<Reply>>;

// Time for an answer to travel back, over what the agent itself is given.
constexpr std::chrono::milliseconds kTravel{1'000};

// Sends a plan and waits for what comes of it.
asio::awaitable<Attempt> look(const Workshop& workshop, Plan plan, std::chrono::milliseconds budget) {
  const auto executor = co_await asio::this_coro::executor;
  const auto arrivals = std::make_shared<Mailbox<Arrival>>(executor);
  fan_out(plan, workshop.perspectives, arrivals, executor);
  const Deadline deadline = Deadline::after(workshop.clock, budget + kTravel);
  std::vector<Reply> replies = co_await collect(plan, workshop.perspectives, arrivals, workshop.clock, deadline);
  co_return Attempt(std::move(plan), std::move(replies));
}

bool positive(const JudgedLook& look) {
  const auto corroborates = [](const std::optional<rules::Judgement>& judgement) {
    return !judgement || judgement->outcome == Outcome::kCorroborates;
  };
  return corroborates(look.dcv) && corroborates(look.caa);
}

}  // namespace

asio::awaitable<Expected<v1::CorroborateResponse>> corroborate(const Workshop& workshop, v1::CorroborateRequest request,
                                                               Caller caller) {
  const TimePoint received = workshop.clock.now();
  const Deployment& deployment = workshop.deployment;
  const auto checked = check_request(request, deployment, workshop.limits, received);
  if (!checked) co_return Unexpected(checked.error());

  const std::string record_id = hex(workshop.random.octets<16>());
  const auto attempt_id = workshop.random.octets<16>();
  const Deadline deadline = Deadline::after(workshop.clock, checked->budget);
  std::vector<Attempt> attempts;
  const auto dispatch = [&](Plan plan, std::chrono::milliseconds budget) {
    workshop.store.plan(
        plan_record(record_id, caller, *checked, deployment, workshop.snapshot, received, plan));
    return look(workshop, std::move(plan), budget);
  };

  // The Primary first, and alone: most requests that fail, fail here, and cost the site one visit.
  const auto primary_budget = std::min(workshop.limits.look, checked->budget / 2);
  const PlanInput for_primary{*checked, deployment, attempt_id, received, primary_budget};
  Plan primary_plan = plan_primary(for_primary, workshop.random);
  attempts.push_back(co_await dispatch(std::move(primary_plan), primary_budget));
  const JudgedLook primary = verify(attempts[0].first, attempts[0].second).front();

  std::vector<JudgedLook> remotes;
  if (positive(primary)) {
    const auto left = deadline.left(workshop.clock);
    const auto budget = std::max(kMinBudget, std::min(workshop.limits.look, left - std::min(left, kTravel)));
    const PlanInput for_remotes{*checked, deployment, attempt_id, workshop.clock.now(), budget};
    Plan remote_plan = plan_remotes(for_remotes, workshop.random);
    attempts.push_back(co_await dispatch(std::move(remote_plan), budget));
    remotes = verify(attempts[1].first, attempts[1].second);
  }

  const Decision decision = decide({*checked, deployment, primary, remotes});
  const Corroborated all{record_id, caller,   *checked, deployment, workshop.snapshot, received, workshop.clock.now(),
                         attempts,  decision};
  const StoredRecord stored = stored_record(all, workshop.key);
  if (const auto durable = co_await workshop.store.append(stored); !durable) co_return Unexpected(durable.error());
  co_return respond(all, stored);
}

}  // namespace mpic::coordinator
