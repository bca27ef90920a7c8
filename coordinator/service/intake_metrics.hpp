// What is counted of requests: how they ended, what perspectives contributed, who has how many in progress.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "common/telemetry/metrics.hpp"
#include "coordinator/pipeline/admission.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// Safe from any thread.
class IntakeMetrics final : public Admission::Watcher {
 public:
  // `metrics` outlives it. `first`: as by apply().
  IntakeMetrics(telemetry::Metrics& metrics, const Deployment& first);

  // Of a deployment that is about to be in force: its perspectives and clients. Made once: asking the registry for a
  // dozen counters by their labels costs more than deciding does. Who goes keeps what was counted.
  void apply(const Deployment& deployment);

  void began() { open_.Increment(); }
  void ended(const Expected<v1::CorroborateResponse>& result, std::chrono::duration<double> took);

  // For what is refused at the door and never was in progress.
  void refused(Refusal why) override;
  void in_progress(const std::string& client, std::size_t open) override;
  void waiting(std::size_t requests) override { waiting_.Set(static_cast<double>(requests)); }

 private:
  static constexpr std::size_t kKinds = 3;     // CheckKind
  static constexpr std::size_t kOutcomes = 9;  // Outcome
  static constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::kLast) + 1;
  using Outcomes = std::array<std::array<prometheus::Counter*, kOutcomes>, kKinds>;

  void count(const v1::CorroborateResponse& response);

  telemetry::Metrics& metrics_;
  prometheus::Gauge& open_;
  prometheus::Gauge& waiting_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& no_right_;
  std::array<prometheus::Counter*, 4> verdicts_{};  // by v1::Verdict
  std::array<prometheus::Counter*, kRefusals> refusals_{};

  std::shared_mutex mutex_;                            // guards what follows; what it leads to is not guarded
  std::map<std::string, Outcomes> outcomes_;           // by perspective
  std::map<std::string, prometheus::Gauge*> clients_;  // by name
};

}  // namespace mpic::coordinator
