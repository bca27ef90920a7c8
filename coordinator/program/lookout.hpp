// Whether the coordinator is ready, looked at again and again: for /readyz, the gRPC health service, metrics, and the
// log, where each change is told once, and each warning of what is to come once a day.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>

#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "coordinator/pipeline/conduct.hpp"
#include "coordinator/program/log_keeping.hpp"
#include "coordinator/program/outlook.hpp"

namespace mpic::coordinator {

class Lookout {
 public:
  // All outlive it. What can be warned of before anybody is connected was, at the start. `serving` is told when
  // readiness changes, on the thread that calls look() or stop().
  Lookout(const SettingsInForce& settings, const Clock& clock, const RecordStore& store, const LogKeeping& log,
          const GrpcPerspectives& perspectives, const Conduct& conduct, telemetry::Metrics& metrics,
          std::function<void(bool ready)> serving);

  // Once a second, and after a reload, by one thread.
  void look();
  // From now on not ready; told on return. By the same thread.
  void stop();
  // As of now. Safe from any thread.
  [[nodiscard]] telemetry::Readiness readiness() const;

 private:
  [[nodiscard]] ReadinessFacts facts(const Deployment& deployment) const;
  void tell(const Assessment& assessment);
  void log_changes(const Assessment& assessment);
  void measure(const Deployment& deployment, const ReadinessFacts& facts);
  void look_ahead(const Deployment& deployment, const ReadinessFacts& facts);

  const SettingsInForce& settings_;
  const Clock& clock_;
  const RecordStore& store_;
  const LogKeeping& log_;
  const GrpcPerspectives& perspectives_;
  const Conduct& conduct_;
  telemetry::Metrics& metrics_;
  const std::function<void(bool)> serving_;
  prometheus::Gauge& ready_gauge_;
  prometheus::Gauge& next_change_;
  prometheus::Gauge& complies_then_;
  prometheus::Gauge& table_age_;
  std::atomic<bool> stopping_{false};

  // Of the thread that looks.
  const SteadyPoint began_;
  std::optional<bool> ready_;      // as it was told
  std::set<std::string> missing_;  // as it was logged
  std::set<std::string> warned_;   // today
  std::chrono::sys_days today_{};
  std::set<PerspectiveId> measured_;  // that there are gauges of
};

}  // namespace mpic::coordinator
