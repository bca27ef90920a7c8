// Retention: what has been kept for as long as the configuration says loses its body; its leaf stays, so proofs hold.
//
// Which leaves is said in the log (ChangeEvent.PRUNED), durable and under a signed checkpoint, before the first of them
// is touched, so that a body that is gone is never mistaken for one that somebody removed: events are not signed by
// themselves. Nothing is pruned that no checkpoint covers.
#pragma once

#include <optional>

#include "common/telemetry/metrics.hpp"
#include "coordinator/log/change_log.hpp"
#include "coordinator/log/checkpoints.hpp"

namespace mpic::coordinator {

inline constexpr std::chrono::hours kBetweenPrunings{1};
inline constexpr std::size_t kPrunedTogether = 500;  // leaves in one transaction, between those of requests
// A clock of the system that went another way than time did, since the start, is not believed about what is old.
inline constexpr std::chrono::hours kMostClockDrift{1};

class Pruner {
 public:
  struct Parts {
    RecordStore& store;
    const SettingsInForce& settings;
    const Clock& clock;
    const Checkpoints& checkpoints;
    ChangeLog& changes;
    telemetry::Metrics& metrics;
    telemetry::EventLog& events;
  };

  // All outlive it. `last`: what the log says was pruned before; it is finished first.
  Pruner(const Parts& parts, const std::optional<v1::Pruned>& last);

  // Again and again, some times a second, by one thread. Blocking, for one batch at most.
  void look();

 private:
  void plan();
  void prune_some();
  [[nodiscard]] bool is_said_under_checkpoint() const;
  void tell_if_below_floor(const Deployment& deployment);
  [[nodiscard]] bool is_clock_believed() const;
  void failed(const Problem& problem);

  const Parts parts_;
  prometheus::Counter& pruned_;
  prometheus::Gauge& minimum_gauge_;
  const TimePoint began_;
  const SteadyPoint began_steady_;

  std::uint64_t minimum_ = 0;  // below it the log says that bodies are gone
  bool pruning_ = false;       // not all of them are
  std::uint64_t said_by_ = 0;  // the size of the log by which it says so: a checkpoint of so many leaves allows it
  SteadyPoint next_ = SteadyPoint::min();
  std::optional<std::chrono::sys_days> told_;  // the day of the last warning
};

}  // namespace mpic::coordinator
