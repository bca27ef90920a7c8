// What is told to the operators of a coordinator: in the log, and as metrics.
#pragma once

#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/audit/group_writer.hpp"
#include "coordinator/pipeline/follow_up.hpp"

namespace mpic::coordinator {

class LoudAlerts final : public Alerts {
 public:
  // All outlive it.
  LoudAlerts(telemetry::Metrics& metrics, telemetry::EventLog& events, const Clock& clock);

  void contradicted_later(const std::string& record_id, const PerspectiveId& perspective,
                          const std::string& why) override;
  void not_followed() override { not_followed_.Increment(); }
  void addendum_lost(const std::string& record_id, const Problem& problem) override;

 private:
  telemetry::Metrics& metrics_;
  telemetry::EventLog& events_;
  const Clock& clock_;
  prometheus::Counter& not_followed_;
  prometheus::Counter& lost_;
};

// The store's options, by which it says when records cannot be written. All outlive the store.
[[nodiscard]] GroupWriterOptions loud_store_options(telemetry::Metrics& metrics, telemetry::EventLog& events,
                                                    const Clock& clock);

}  // namespace mpic::coordinator
