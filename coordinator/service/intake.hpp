// The one way from any transport into corroborate(): limits, threads, metrics, and what an exception becomes.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>

#include "common/async/io_threads.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/pipeline/corroborate.hpp"

namespace mpic::coordinator {

// Safe from any thread.
class Intake {
 public:
  using Done = std::function<void(Expected<v1::CorroborateResponse>)>;

  // All outlive it. `open_requests`: at a time; over it kOverloaded.
  Intake(const Workshop& workshop, IoThreads& threads, telemetry::Metrics& metrics, std::size_t open_requests);

  // `done` is called once: at once when the request is refused at the door, else on one of the threads. What was begun
  // is recorded even if nobody waits for the answer any more.
  void take(v1::CorroborateRequest request, Caller caller, Done done);
  // From now on everything is refused; what is in progress goes on.
  void close() { closed_ = true; }
  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] bool idle() const { return open_ == 0; }

 private:
  void finish(const Expected<v1::CorroborateResponse>& result, SteadyPoint started);
  void count(const v1::CorroborateResponse& response);

  static constexpr std::size_t kKinds = 3;     // CheckKind
  static constexpr std::size_t kOutcomes = 9;  // Outcome
  using Outcomes = std::array<std::array<prometheus::Counter*, kOutcomes>, kKinds>;

  const Workshop& workshop_;
  IoThreads& threads_;
  telemetry::Metrics& metrics_;
  const std::size_t limit_;
  prometheus::Gauge& open_gauge_;
  prometheus::Histogram& seconds_;
  std::array<prometheus::Counter*, 4> verdicts_{};  // by v1::Verdict
  std::map<std::string, Outcomes> outcomes_;        // by perspective; constant after construction
  std::atomic<std::size_t> open_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace mpic::coordinator
