// Signs what the log has become: at most one checkpoint a second, only when there is news, of what is durable.
//
// Each is kept in the store before anybody is shown it, and none is ever signed whose tree does not begin with that of
// the last one that was kept (RFC 6962 2.1.2): a store that lost what was signed or answered, or that somebody changed,
// is told of loudly, and gets no signature until it is whole again.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "common/evidence/checkpoint.hpp"
#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/log/checkpoints.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

inline constexpr std::chrono::seconds kBetweenCheckpoints{1};

class CheckpointKeeper {
 public:
  struct Parts {
    RecordStore& store;
    const SettingsInForce& settings;  // whose checkpoint key signs
    const Clock& clock;
    Checkpoints& checkpoints;
    telemetry::Metrics& metrics;
    telemetry::EventLog& events;
  };

  // All outlive it.
  explicit CheckpointKeeper(const Parts& parts);

  // Publishes the last checkpoint that was kept, before anything else is asked of it. A Problem when it cannot be read,
  // or is of another log. Blocking.
  [[nodiscard]] Expected<void> begin();
  // Again and again, some times a second, by one thread. Blocking.
  void look();
  // What no checkpoint covers yet gets one, without waiting for its second; by the same thread.
  void finish();

  // Why nothing is signed; empty: it is. Safe from any thread.
  [[nodiscard]] std::string fault() const;

 private:
  void sign(const TreeHead& head);
  [[nodiscard]] Expected<void> keep(const TreeHead& head);
  // kEvidenceInvalid: it does not.
  [[nodiscard]] Expected<void> check_that_it_extends(const TreeHead& head);
  void told(const Expected<void>& result);
  void measure(const TreeHead& head);

  const Parts parts_;
  prometheus::Gauge& size_;
  prometheus::Gauge& signed_size_;
  prometheus::Gauge& lag_;
  prometheus::Gauge& consistent_;
  prometheus::Counter& failures_;

  // Of the thread that looks.
  std::optional<evidence::Checkpoint> last_;
  std::optional<SteadyPoint> last_try_;
  std::optional<SteadyPoint> uncovered_since_;
  std::optional<ProblemCode> failing_;  // as it was told

  mutable std::mutex mutex_;
  std::string fault_;  // guarded by mutex_
};

}  // namespace mpic::coordinator
