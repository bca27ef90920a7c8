#include "coordinator/program/alerts.hpp"

#include <spdlog/spdlog.h>

namespace mpic::coordinator {

LoudAlerts::LoudAlerts(telemetry::Metrics& metrics)
    : metrics_(metrics),
      not_followed_(metrics.counter("mpic_not_followed_total",
                                    "Answers whose stragglers were not listened to, for lack of room")),
      lost_(metrics.counter("mpic_addenda_lost_total", "Late observations that could not be recorded")) {}

void LoudAlerts::contradicted_later(const std::string& record_id, const PerspectiveId& perspective,
                                    const std::string& why) {
  metrics_
      .counter("mpic_late_contradictions_total", "Observations that contradict an answer which did not wait for them",
               {{"perspective", perspective.text()}})
      .Increment();
  spdlog::warn("record {}: {} contradicts the answer, which did not wait for it: {}", record_id, perspective.text(),
               why);
}

void LoudAlerts::addendum_lost(const std::string& record_id, const Problem& problem) {
  lost_.Increment();
  spdlog::error("record {}: a late observation is not recorded: {}", record_id, problem.detail);
}

GroupWriterOptions loud_store_options(telemetry::Metrics& metrics) {
  auto& writable =
      metrics.gauge("mpic_record_store_writable", "1 while records can be written; 0: no request is answered");
  auto& failures =
      metrics.counter("mpic_record_store_failures_total", "Times that the record store ceased to be writable");
  writable.Set(1);
  GroupWriterOptions options;
  options.on_health = [&](bool healthy, const std::string& why) {
    writable.Set(healthy ? 1 : 0);
    if (healthy) return spdlog::info("record store: records can be written again");
    failures.Increment();
    spdlog::critical("record store: records cannot be written, so no request is answered: {}", why);
  };
  return options;
}

}  // namespace mpic::coordinator
