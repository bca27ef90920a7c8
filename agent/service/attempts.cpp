#include "agent/service/attempts.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "agent/service/admission.hpp"
#include "common/evidence/merkle.hpp"
#include "common/rules/namespace_policy.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"

namespace mpic::agent {
namespace {

constexpr const char* kEnded = "mpic_agent_attempts_total";
constexpr const char* kEndedHelp = "Assignments taken, by how they ended.";

}  // namespace

struct Attempt::Cancellation {
  asio::cancellation_signal signal;
  bool requested = false;
};

Attempts::Attempts(AgentIdentity identity, std::vector<Lane> lanes, Clock& clock, telemetry::Metrics& metrics,
                   AttemptLimits limits, Gate gate, telemetry::EventLog* events)
    : identity_(std::move(identity)),
      lanes_(std::move(lanes)),
      clock_(clock),
      limits_(limits),
      gate_(std::move(gate)),
      events_(events),
      observed_(metrics.counter(kEnded, kEndedHelp, {{"end", "observed"}})),
      cancelled_(metrics.counter(kEnded, kEndedHelp, {{"end", "cancelled"}})),
      failed_(metrics.counter(kEnded, kEndedHelp, {{"end", "failed"}})),
      open_gauge_(metrics.gauge("mpic_agent_attempts_open", "Assignments under way.")),
      seconds_(metrics.seconds("mpic_agent_attempt_seconds", "From receipt of an assignment to its observation.")) {}

Expected<std::shared_ptr<Attempt>> Attempts::begin(std::string_view octets, SteadyPoint at, Done done) {
  auto taken = take(octets, at, std::move(done));
  if (!taken) tell_of_refusal(taken.error());
  return taken;
}

// What should not have been sent, not what there is no room for.
void Attempts::tell_of_refusal(const Problem& problem) {
  const bool is_strange = problem.code == ProblemCode::kAssignmentNotMine ||
                          problem.code == ProblemCode::kAssignmentStale ||
                          problem.code == ProblemCode::kAssignmentInvalid;
  if (events_ == nullptr || !is_strange) return;
  // What cannot be read may quote what it holds: only where is told.
  const bool is_readable = problem.code != ProblemCode::kAssignmentInvalid;
  events_->write({clock_.now(),
                  telemetry::event_kind::kAssignmentRefused,
                  "coordinator",
                  is_readable ? problem.detail : "an assignment that is not one, or may not be: " + problem.where,
                  {{"problem", std::string(to_string(problem.code))}, {"perspective", identity_.perspective.text()}}});
}

Expected<std::shared_ptr<Attempt>> Attempts::take(std::string_view octets, SteadyPoint at, Done done) {
  Expected<Assignment> assignment = wire::decode_assignment(octets);
  if (!assignment) return Unexpected(assignment.error());
  if (auto problem = refusal_of(*assignment, identity_, clock_.now())) return Unexpected(*std::move(problem));
  if (auto problem = gate_ ? gate_() : std::nullopt) return Unexpected(*std::move(problem));
  Open open{rules::targets_of(rules::subject_of(*assignment)), at + assignment->budget};
  if (auto entered = enter(assignment->attempt, std::move(open)); !entered) return Unexpected(entered.error());
  const Lane& lane = lanes_[next_lane_++ % lanes_.size()];
  auto received = std::make_shared<const Received>(Received{*std::move(assignment), evidence::sha256(octets), at});
  auto attempt = std::make_shared<Attempt>(*this, lane, std::move(received), std::move(done));
  attempt->start();
  return attempt;
}

Expected<void> Attempts::enter(const AttemptId& id, Open open) {
  const std::lock_guard lock(mutex_);
  if (open_.contains(id)) {
    return fail(ProblemCode::kAssignmentInvalid, "attempt_id", "an attempt with this id is under way already");
  }
  if (open_.size() >= limits_.in_all) {
    return fail(ProblemCode::kOverloaded, identity_.perspective.text(),
                std::to_string(limits_.in_all) + " attempts are under way, which is the limit");
  }
  for (const std::string& target : open.targets) {
    const auto of_target = targets_.find(target);
    if (of_target == targets_.end() || of_target->second < limits_.per_target) continue;
    return fail(ProblemCode::kOverloaded, target,
                std::to_string(limits_.per_target) + " attempts are under way for " + target +
                    ", which is the limit for one target");
  }
  for (const std::string& target : open.targets) ++targets_[target];
  open_.emplace(id, std::move(open));
  open_gauge_.Set(static_cast<double>(open_.size()));
  return {};
}

void Attempts::leave(const AttemptId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  for (const std::string& target : found->second.targets) {
    const auto of_target = targets_.find(target);
    if (of_target != targets_.end() && --of_target->second == 0) targets_.erase(of_target);
  }
  open_.erase(found);
  open_gauge_.Set(static_cast<double>(open_.size()));
}

bool Attempts::idle() const {
  const std::lock_guard lock(mutex_);
  return open_.empty();
}

SteadyPoint Attempts::busy_until() const {
  const std::lock_guard lock(mutex_);
  SteadyPoint latest{};
  for (const auto& [id, open] : open_) latest = std::max(latest, open.until);
  return latest;
}

Attempt::Attempt(Attempts& attempts, const Lane& lane, std::shared_ptr<const Received> received, Attempts::Done done)
    : attempts_(attempts),
      lane_(lane),
      received_(std::move(received)),
      done_(std::move(done)),
      cancellation_(std::make_shared<Cancellation>()) {}

void Attempt::start() {
  asio::post(lane_.executor, [self = shared_from_this()] { self->run(); });
}

void Attempt::cancel() {
  asio::post(lane_.executor, [cancellation = cancellation_] {
    cancellation->requested = true;
    cancellation->signal.emit(asio::cancellation_type::terminal);
  });
}

void Attempt::run() {
  if (cancellation_->requested) {
    end(nullptr, {});
    return;
  }
  auto on_end = [self = shared_from_this()](std::exception_ptr error, std::string observation) {
    self->end(std::move(error), std::move(observation));
  };
  asio::co_spawn(lane_.executor, look(lane_, attempts_.identity_, attempts_.clock_, received_),
                 asio::bind_cancellation_slot(cancellation_->signal.slot(), std::move(on_end)));
}

void Attempt::end(std::exception_ptr error, std::string observation) {
  Expected<std::string> result = std::move(observation);
  if (cancellation_->requested) {
    attempts_.cancelled_.Increment();
  } else if (error) {
    attempts_.failed_.Increment();
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& bug) {
      spdlog::error("an attempt ended by an exception: {}", bug.what());
    }
    result = fail(ProblemCode::kInternal, attempts_.identity_.perspective.text(), "this perspective failed within");
  } else {
    attempts_.observed_.Increment();
    const std::chrono::duration<double> took = attempts_.clock_.steady_now() - received_->at;
    attempts_.seconds_.Observe(took.count());
  }
  const Attempts::Done done = std::exchange(done_, nullptr);
  const bool answered = !cancellation_->requested;
  if (answered) done(id(), std::move(result));
  attempts_.leave(id());  // last: an idle agent has handed in all its answers
}

}  // namespace mpic::agent
