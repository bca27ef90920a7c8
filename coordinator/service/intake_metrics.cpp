#include "coordinator/service/intake_metrics.hpp"

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kResults = "mpic_corroborations_total";
constexpr const char* kResultsHelp = "Requests by how they ended";

}  // namespace

IntakeMetrics::IntakeMetrics(telemetry::Metrics& metrics, const Deployment& first)
    : metrics_(metrics),
      open_(metrics.gauge("mpic_open_requests", "Corroborations in progress")),
      waiting_(metrics.gauge("mpic_waiting_requests", "Requests of streams that wait until there is room for them")),
      seconds_(metrics.seconds("mpic_corroboration_seconds", "Time from request to answer")),
      no_right_(metrics.counter("mpic_denied_total", "Calls by somebody who is not known, or has no right to them",
                                {{"why", "no_right"}})) {
  for (const auto verdict : {v1::VERDICT_CORROBORATED, v1::VERDICT_NOT_CORROBORATED, v1::VERDICT_NOT_DETERMINED}) {
    verdicts_[static_cast<std::size_t>(verdict)] =
        &metrics.counter(kResults, kResultsHelp, {{"result", v1::Verdict_Name(verdict)}});
  }
  for (std::size_t refusal = 0; refusal < kRefusals; ++refusal) {
    refusals_[refusal] = &metrics.counter("mpic_refusals_total", "Requests that there was no room or time for",
                                          {{"reason", std::string(to_string(static_cast<Refusal>(refusal)))}});
  }
  apply(first);
}

void IntakeMetrics::apply(const Deployment& deployment) {
  const std::unique_lock lock(mutex_);
  for (const ClientEntry& client : deployment.clients) {
    clients_[client.name] =
        &metrics_.gauge("mpic_client_open_requests", "Corroborations in progress", {{"client", client.name}});
  }
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    Outcomes& counters = outcomes_[entry.where.id.text()];
    for (const CheckKind kind : {CheckKind::kDcv, CheckKind::kCaa}) {
      for (std::size_t outcome = 1; outcome < kOutcomes; ++outcome) {
        counters[static_cast<std::size_t>(kind)][outcome] =
            &metrics_.counter("mpic_perspective_outcomes_total", "What perspectives contributed",
                              {{"perspective", entry.where.id.text()},
                               {"check", kind == CheckKind::kCaa ? "caa" : "dcv"},
                               {"outcome", std::string(to_string(static_cast<Outcome>(outcome)))}});
      }
    }
  }
}

void IntakeMetrics::ended(const Expected<v1::CorroborateResponse>& result, std::chrono::duration<double> took) {
  seconds_.Observe(took.count());
  open_.Decrement();
  if (result) return count(*result);
  if (result.error().code == ProblemCode::kNoRight) no_right_.Increment();
  metrics_.counter(kResults, kResultsHelp, {{"result", std::string(to_string(result.error().code))}}).Increment();
}

void IntakeMetrics::refused(Refusal why) { refusals_[static_cast<std::size_t>(why)]->Increment(); }

void IntakeMetrics::in_progress(const std::string& client, std::size_t open) {
  const std::shared_lock lock(mutex_);
  const auto found = clients_.find(client);
  if (found != clients_.end()) found->second->Set(static_cast<double>(open));
}

void IntakeMetrics::count(const v1::CorroborateResponse& response) {
  const auto verdict = static_cast<std::size_t>(response.verdict());
  if (verdict < verdicts_.size() && verdicts_[verdict] != nullptr) verdicts_[verdict]->Increment();
  const std::shared_lock lock(mutex_);
  for (const v1::CheckResult& check : response.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      const auto found = outcomes_.find(row.perspective());  // not there: an asserted Primary, or an earlier deployment
      if (found == outcomes_.end()) continue;
      const auto kind = static_cast<std::size_t>(check.kind());
      const auto outcome = static_cast<std::size_t>(row.outcome());
      if (kind != 0 && kind < kKinds && outcome != 0 && outcome < kOutcomes) found->second[kind][outcome]->Increment();
    }
  }
}

}  // namespace mpic::coordinator
