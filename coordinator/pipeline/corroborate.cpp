#include "coordinator/pipeline/corroborate.hpp"

#include <boost/asio/this_coro.hpp>

#include "common/domain/hex.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kLeastForRemotes{300};  // less would blame the site for our hurry
constexpr const char* kNoTime = "the deadline left no time to ask the remotes: give a longer one";
constexpr const char* kNoPlace = "too many records wait to be written; try again";

// Time for an answer to travel back, over what the agent itself is given.
std::chrono::milliseconds travel_time(std::chrono::milliseconds budget) {
  return std::min(std::chrono::milliseconds{1'000}, budget / 8);
}

// Sends a plan and waits for what comes of it.
asio::awaitable<Gathered> look(const Workshop& workshop, Plan plan, std::chrono::milliseconds budget,
                               std::chrono::milliseconds travel, Settled settled) {
  const auto executor = co_await asio::this_coro::executor;
  const auto arrivals = std::make_shared<Mailbox<Arrival>>(executor);
  fan_out(plan, workshop.perspectives, arrivals, executor);
  const Deadline deadline = Deadline::after(workshop.clock, budget + travel);
  co_return co_await collect(std::move(plan), workshop.perspectives, arrivals, workshop.clock, deadline,
                             std::move(settled));
}

// When the remotes need not be waited for any longer; never, when the client wants every answer.
Settled settled_for(const CheckedRequest& request, const JudgedLook& primary) {
  if (request.original.respond() == v1::RESPOND_COMPLETE) return nullptr;
  return [&](const Plan& plan, const std::vector<std::optional<JudgedLook>>& looks) {
    return is_settled(request.quorum, primary, plan, looks);
  };
}

// The answer that was given to this request before; none when its id is new.
Expected<std::optional<v1::CorroborateResponse>> recorded_answer(RecordStore& store, const std::string& client,
                                                                 const v1::CorroborateRequest& request) {
  const auto found = store.find_request(client, request.request_id());
  if (!found) return Unexpected(found.error());
  if (!*found) return std::nullopt;
  v1::RecordBody body;
  v1::Statement statement;
  if (!body.ParseFromString((*found)->body) || !statement.ParseFromString((*found)->statement)) {
    return fail(ProblemCode::kInternal, "record store", "the record of this request_id cannot be read");
  }
  if (body.request().SerializeAsString() != request.SerializeAsString()) {
    return fail(ProblemCode::kInvalidArgument, "request_id", "request_id: it was used for another request");
  }
  return respond(std::move(body), std::move(statement));
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
  const SettingsPtr settings = workshop.settings.get();
  const Deployment& deployment = settings->deployment;
  const auto checked = check_request(request, deployment, settings->limits, received);
  if (!checked) co_return Unexpected(checked.error());

  const std::string& request_id = checked->original.request_id();
  const auto targets = rules::targets_of(rules::subject_of(checked->identifier, checked->authorization_domain));
  const auto place = workshop.admission.enter(targets, caller.client, request_id);
  if (!place) co_return Unexpected(place.error());
  if (!request_id.empty()) {
    auto recorded = recorded_answer(workshop.store, caller.client, checked->original);
    if (!recorded) co_return Unexpected(recorded.error());
    if (*recorded) co_return **std::move(recorded);
  }
  if (!workshop.store.healthy()) {  // the site is not visited for what could not be recorded
    co_return fail(ProblemCode::kInternal, "record store", "records cannot be written at present; nothing was asked");
  }

  const std::string record_id = hex(workshop.random.octets<16>());
  const auto attempt_id = workshop.random.octets<16>();
  const Deadline deadline = Deadline::after(workshop.clock, checked->budget);
  // Queued before anything is sent: a coordinator that is killed closes at its next start what it had begun.
  const auto queue_plan = [&](const Plan& plan) {
    return workshop.store.plan(plan_record(record_id, caller, *checked, *settings, received, plan));
  };

  // The Primary first, and alone: most requests that fail, fail here, and cost the site one visit.
  const auto travel = travel_time(checked->budget);
  const auto primary_budget = std::min(settings->limits.look, checked->budget / 2);
  const PlanInput for_primary{*checked, deployment, attempt_id, received, primary_budget};
  Plan primary_plan = plan_primary(for_primary, workshop.random);
  if (!queue_plan(primary_plan)) co_return fail(ProblemCode::kOverloaded, "record store", kNoPlace);
  std::vector<Gathered> attempts;
  attempts.reserve(2);
  attempts.push_back(co_await look(workshop, std::move(primary_plan), primary_budget, travel, nullptr));
  const JudgedLook& primary = attempts[0].looks.front();

  std::string not_asked;  // why the remotes were not, although the Primary is positive
  if (positive(primary)) {
    const auto left = deadline.left(workshop.clock);
    const auto budget = std::min(settings->limits.look, left - std::min(left, travel));
    const PlanInput for_remotes{*checked, deployment, attempt_id, workshop.clock.now(), budget};
    Plan remote_plan = plan_remotes(for_remotes, workshop.standings, workshop.random);
    if (budget < kLeastForRemotes) {
      not_asked = kNoTime;
    } else if (!queue_plan(remote_plan)) {
      not_asked = kNoPlace;
    } else {
      Settled settled = settled_for(*checked, primary);
      attempts.push_back(co_await look(workshop, std::move(remote_plan), budget, travel, std::move(settled)));
    }
  }

  static const std::vector<JudgedLook> kNobody;
  const std::vector<JudgedLook>& remotes = attempts.size() > 1 ? attempts[1].looks : kNobody;
  const Decision decision = decide({*checked, deployment, primary, remotes, not_asked});
  const Corroborated all{record_id, caller, *checked, *settings, received, workshop.clock.now(), attempts, decision};
  v1::RecordBody body = record_body(all);
  const std::string octets = body.SerializeAsString();
  v1::Statement statement = statement_of(all, octets);
  StoredRecord stored = stored_record(all, octets, statement);
  const auto durable = co_await workshop.store.append(std::move(stored));
  if (!durable) {
    workshop.follow_up.cancel(attempts.back());
    co_return Unexpected(durable.error());
  }
  if (attempts.size() > 1) {
    const auto executor = co_await asio::this_coro::executor;
    workshop.follow_up.follow(executor, settings, record_id, primary, std::move(attempts[1]));
  }
  co_return respond(std::move(body), std::move(statement));
}

}  // namespace mpic::coordinator
