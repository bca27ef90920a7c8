#include "coordinator/program/alerts.hpp"

#include <spdlog/spdlog.h>

#include "common/telemetry/event_kinds.hpp"

namespace mpic::coordinator {

LoudAlerts::LoudAlerts(telemetry::Metrics& metrics, telemetry::EventLog& events, const Clock& clock)
    : metrics_(metrics),
      events_(events),
      clock_(clock),
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
  events_.write({clock_.now(),
                 telemetry::event_kind::kLateContradiction,
                 perspective.text(),
                 "what it saw contradicts the answer, which did not wait for it",
                 {{"record_id", record_id}, {"perspective", perspective.text()}}});
}

void LoudAlerts::addendum_lost(const std::string& record_id, const Problem& problem) {
  lost_.Increment();
  spdlog::error("record {}: a late observation is not recorded: {}", record_id, problem.detail);
}

GroupWriterOptions loud_store_options(telemetry::Metrics& metrics, telemetry::EventLog& events, const Clock& clock) {
  auto& writable =
      metrics.gauge("mpic_record_store_writable", "1 while records can be written; 0: no request is answered");
  auto& failures =
      metrics.counter("mpic_record_store_failures_total", "Times that the record store ceased to be writable");
  writable.Set(1);
  GroupWriterOptions options;
  options.on_health = [&](bool healthy, const std::string& why) {
    writable.Set(healthy ? 1 : 0);
    events.write({clock.now(),
                  healthy ? telemetry::event_kind::kLogWritable : telemetry::event_kind::kLogNotWritable,
                  "record store",
                  healthy ? "records can be written again" : "records cannot be written: " + why,
                  {}});
    if (healthy) return spdlog::info("record store: records can be written again");
    failures.Increment();
    spdlog::critical("record store: records cannot be written, so no request is answered: {}", why);
  };
  return options;
}

}  // namespace mpic::coordinator
