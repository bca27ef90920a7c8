// The attempts that are under way in this process: how many at most, on which io thread, and how each ends.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/service/look.hpp"
#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"

namespace mpic::agent {

class Attempt;

// Attempts under way at a time. A target (rules::target_of) that never answers holds what it was given for its whole
// time, so none may have all there is.
struct AttemptLimits {
  std::size_t in_all = 1024;
  std::size_t per_target = 256;
};

// Safe from any thread. Lanes, clock, metrics and events (which it tells of what it should not have been sent) outlive
// it; it outlives every attempt (idle() tells).
class Attempts {
 public:
  // The serialized observation, or the Problem of a bug of ours.
  using Done = std::function<void(const AttemptId&, Expected<std::string>)>;
  // Why nothing may be begun now; called from any thread.
  using Gate = std::function<std::optional<Problem>()>;

  Attempts(AgentIdentity identity, std::vector<Lane> lanes, Clock& clock, telemetry::Metrics& metrics,
           AttemptLimits limits, Gate gate = nullptr, telemetry::EventLog* events = nullptr);

  // Takes the assignment in `octets`, which came at `at`, and begins to look. `done` is called once, on a
  // lane, unless the attempt is cancelled. Or why it is not taken: see refusal_of(), and kAssignmentInvalid
  // for what cannot be read or is under way already, kOverloaded over a limit, which it names, and what the gate says.
  [[nodiscard]] Expected<std::shared_ptr<Attempt>> begin(std::string_view octets, SteadyPoint at, Done done);

  [[nodiscard]] bool idle() const;
  // When the last of those under way will have ended, by its budget; in the past when none is.
  [[nodiscard]] SteadyPoint busy_until() const;
  [[nodiscard]] const AgentIdentity& identity() const { return identity_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] asio::any_io_executor executor() const { return lanes_.front().executor; }

 private:
  friend class Attempt;
  struct Open {
    std::set<std::string> targets;
    SteadyPoint until;
  };
  [[nodiscard]] Expected<std::shared_ptr<Attempt>> take(std::string_view octets, SteadyPoint at, Done done);
  void tell_of_refusal(const Problem& problem);
  [[nodiscard]] Expected<void> enter(const AttemptId& id, Open open);
  void leave(const AttemptId& id);

  const AgentIdentity identity_;
  const std::vector<Lane> lanes_;
  Clock& clock_;
  const AttemptLimits limits_;
  const Gate gate_;
  telemetry::EventLog* const events_;  // null: nobody is told
  std::atomic<std::size_t> next_lane_ = 0;
  prometheus::Counter& observed_;
  prometheus::Counter& cancelled_;
  prometheus::Counter& failed_;
  prometheus::Gauge& open_gauge_;
  prometheus::Histogram& seconds_;

  mutable std::mutex mutex_;
  std::map<AttemptId, Open> open_;              // guarded by mutex_, as is:
  std::map<std::string, std::size_t> targets_;  // how many are open for each
};

// One attempt. Its state lives on its lane; cancel() may come from anywhere.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Attempts& attempts, const Lane& lane, std::shared_ptr<const Received> received, Attempts::Done done);

  [[nodiscard]] const AttemptId& id() const { return received_->assignment.attempt; }
  // Ends the work at once: what it waits for is given up, and `done` is not called.
  void cancel();

 private:
  friend class Attempts;
  void start();
  void run();
  void end(std::exception_ptr error, std::string observation);

  struct Cancellation;
  Attempts& attempts_;
  const Lane& lane_;
  std::shared_ptr<const Received> received_;
  Attempts::Done done_;
  std::shared_ptr<Cancellation> cancellation_;  // used on the lane only
};

}  // namespace mpic::agent
