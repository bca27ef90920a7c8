#include "coordinator/service/intake.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>

namespace mpic::coordinator {
namespace {

constexpr const char* kResults = "mpic_corroborations_total";
constexpr const char* kResultsHelp = "Requests by how they ended";

Expected<v1::CorroborateResponse> mistake_of_ours(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& mistake) {
    spdlog::error("corroboration ended by an exception, a mistake of ours: {}", mistake.what());
  }
  return fail(ProblemCode::kInternal, "corroborate", "internal error; the log says more");
}

}  // namespace

Intake::Intake(const Workshop& workshop, IoThreads& threads, telemetry::Metrics& metrics, std::size_t open_requests)
    : workshop_(workshop),
      threads_(threads),
      metrics_(metrics),
      limit_(open_requests),
      open_gauge_(metrics.gauge("mpic_open_requests", "Corroborations in progress")),
      seconds_(metrics.seconds("mpic_corroboration_seconds", "Time from request to answer")) {
  for (const auto verdict : {v1::VERDICT_CORROBORATED, v1::VERDICT_NOT_CORROBORATED, v1::VERDICT_NOT_DETERMINED}) {
    verdicts_[static_cast<std::size_t>(verdict)] =
        &metrics.counter(kResults, kResultsHelp, {{"result", v1::Verdict_Name(verdict)}});
  }
  // Made once: asking the registry for a dozen counters by their labels costs more than deciding does.
  const SettingsPtr settings = workshop.settings.get();
  for (const PerspectiveEntry& entry : settings->deployment.perspectives) {
    Outcomes& counters = outcomes_[entry.where.id.text()];
    for (const CheckKind kind : {CheckKind::kDcv, CheckKind::kCaa}) {
      for (std::size_t outcome = 1; outcome < kOutcomes; ++outcome) {
        counters[static_cast<std::size_t>(kind)][outcome] =
            &metrics.counter("mpic_perspective_outcomes_total", "What perspectives contributed",
                             {{"perspective", entry.where.id.text()},
                              {"check", kind == CheckKind::kCaa ? "caa" : "dcv"},
                              {"outcome", std::string(to_string(static_cast<Outcome>(outcome)))}});
      }
    }
  }
}

void Intake::take(v1::CorroborateRequest request, Caller caller, Done done) {
  if (closed_) return done(fail(ProblemCode::kInternal, "coordinator", "this coordinator is shutting down"));
  if (open_.fetch_add(1) >= limit_) {
    open_.fetch_sub(1);
    metrics_.counter(kResults, kResultsHelp, {{"result", std::string(to_string(ProblemCode::kOverloaded))}})
        .Increment();
    return done(fail(ProblemCode::kOverloaded, "coordinator",
                     fmt::format("{} requests are in progress, the limit; try again", limit_)));
  }
  open_gauge_.Increment();
  const SteadyPoint started = workshop_.clock.steady_now();
  asio::co_spawn(threads_.next(), corroborate(workshop_, std::move(request), std::move(caller)),
                 [this, started, done = std::move(done)](const std::exception_ptr& error,
                                                         Expected<v1::CorroborateResponse> result) {
                   if (error) result = mistake_of_ours(error);
                   finish(result, started);
                   done(std::move(result));
                 });
}

void Intake::finish(const Expected<v1::CorroborateResponse>& result, SteadyPoint started) {
  seconds_.Observe(std::chrono::duration<double>(workshop_.clock.steady_now() - started).count());
  if (result) {
    count(*result);
  } else {
    metrics_.counter(kResults, kResultsHelp, {{"result", std::string(to_string(result.error().code))}}).Increment();
  }
  open_.fetch_sub(1);
  open_gauge_.Decrement();
}

void Intake::count(const v1::CorroborateResponse& response) {
  const auto verdict = static_cast<std::size_t>(response.verdict());
  if (verdict < verdicts_.size() && verdicts_[verdict] != nullptr) verdicts_[verdict]->Increment();
  for (const v1::CheckResult& check : response.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      const auto found = outcomes_.find(row.perspective());  // not there: a recorded answer of an earlier deployment
      if (found == outcomes_.end()) continue;
      const auto kind = static_cast<std::size_t>(check.kind());
      const auto outcome = static_cast<std::size_t>(row.outcome());
      if (kind != 0 && kind < kKinds && outcome != 0 && outcome < kOutcomes) found->second[kind][outcome]->Increment();
    }
  }
}

}  // namespace mpic::coordinator
