// The log beside the requests: a thread that signs checkpoints and prunes, and what proofs are made with.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/async/worker.hpp"
#include "coordinator/log/checkpoint_keeper.hpp"
#include "coordinator/log/prover.hpp"
#include "coordinator/log/pruner.hpp"

namespace mpic::coordinator {

class LogKeeping {
 public:
  // All outlive it; `reading` is where hashes are read. Throws StartError.
  LogKeeping(RecordStore& store, const SettingsInForce& settings, Clock& clock, telemetry::Metrics& metrics,
             telemetry::EventLog& events, Worker& reading);
  ~LogKeeping();
  LogKeeping(const LogKeeping&) = delete;
  LogKeeping& operator=(const LogKeeping&) = delete;

  // Says in the log that this program has started, and goes to work. `closed`: requests of the last run that were left
  // without an answer. Throws StartError.
  void begin(const std::string& file, std::size_t closed);
  // Says in the log that it has stopped, and signs what the log has become; once, when nothing is recorded any more.
  void end();

  [[nodiscard]] Prover& prover() { return prover_; }
  [[nodiscard]] ChangeLog& changes() { return changes_; }
  // Why no checkpoint is signed; empty: they are. Safe from any thread.
  [[nodiscard]] std::string fault() const { return keeper_.fault(); }

 private:
  void run();
  void stop_thread();

  const SettingsInForce& settings_;
  const LogHistory history_;
  Checkpoints checkpoints_;
  Prover prover_;
  ChangeLog changes_;
  CheckpointKeeper keeper_;
  Pruner pruner_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace mpic::coordinator
