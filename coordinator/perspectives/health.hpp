// Whether a perspective is fit to be planned onto: from its connection, from what it says of itself, and from what
// became of the attempts that it was given. Never a reason for a verdict.
//
// Damped both ways, so that plans do not change from one request to the next: a moment's trouble keeps a perspective
// ready, and trouble that lasted keeps it out until it has been good for a while, longer each time that it falls again
// soon. Without a substitute it is asked all the same (coordinator/policy/choice.hpp).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "common/async/clock.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "coordinator/policy/standing.hpp"

namespace mpic::coordinator {

// One perspective. A state machine without clock or lock: told what happens, and when, in the order of time.
class DampedHealth {
 public:
  // What makes a ready one fall:
  static constexpr std::chrono::seconds kNoConnection{5};  // without a connection
  static constexpr std::size_t kLosses = 3;                // connections lost within
  static constexpr std::chrono::seconds kLossesWithin{60};
  static constexpr std::chrono::seconds kOwnWord{10};  // that it calls itself not ready
  static constexpr std::size_t kFailuresInARow = 3;
  static constexpr std::size_t kWindow = 20;        // of the last attempts, more than
  static constexpr std::size_t kMostFailures = 10;  // failed
  // A connection that breaks fails all that was open on it, and that is told when the requests are decided: one event,
  // not many. Until so long after a loss failures are not counted.
  static constexpr std::chrono::seconds kSameEvent{15};
  // What lets it rise: so long without any trouble; doubled each time that it falls within kFlapping of having risen.
  static constexpr std::chrono::seconds kFirstHold{30};
  static constexpr std::chrono::seconds kLongestHold{300};
  static constexpr std::chrono::seconds kFlapping{600};

  // At first not ready; ready with the first connection.
  void note_connected(bool connected, SteadyPoint at);
  // Its own readiness; `why` when it is not.
  void note_status(bool ready, std::string why, SteadyPoint at);
  // An attempt that it was given has ended. Failed, and that is ours: unreachable, refused, evidence that does not
  // verify. Not being waited for, and no result, say nothing.
  void note_outcome(Outcome outcome, SteadyPoint at);

  [[nodiscard]] Standing standing(SteadyPoint now);

 private:
  void advance(SteadyPoint now);
  void fall(SteadyPoint at, std::string why);
  void note_failure(SteadyPoint at);
  void forget_outcomes();
  [[nodiscard]] bool lost_lately(SteadyPoint at) const;
  [[nodiscard]] std::chrono::seconds hold() const;

  bool seen_ = false;  // it has been connected once
  bool ready_ = false;
  std::string why_;                          // it fell
  std::optional<SteadyPoint> disconnected_;  // since when there is no connection
  std::optional<SteadyPoint> denied_;        // since when it calls itself not ready
  std::string own_word_;
  SteadyPoint good_since_{};            // while neither of the two is set: since the last trouble of any kind
  std::deque<SteadyPoint> losses_;      // the last kLosses
  std::array<bool, kWindow> failed_{};  // the last attempts, a ring
  std::size_t next_ = 0;
  std::size_t failures_ = 0;  // in it
  std::size_t failures_in_a_row_ = 0;
  std::optional<SteadyPoint> rose_;
  unsigned falls_ = 0;  // in succession, each soon after it had risen
};

// All perspectives of a deployment, with the operator's will. Safe from any thread; `clock` outlives it.
class HealthBoard final : public Standings {
 public:
  HealthBoard(const Deployment& deployment, const Clock& clock);

  // A reloaded configuration: who stays keeps its health.
  void apply(const Deployment& deployment);

  // Of perspectives that are not in the deployment (any more): no effect.
  void note_connected(const PerspectiveId& perspective, bool connected, SteadyPoint at);
  void note_status(const PerspectiveId& perspective, bool ready, std::string why, SteadyPoint at);
  void note_outcome(const PerspectiveId& perspective, Outcome outcome, SteadyPoint at);

  // Not ready too when it is drained by the operator, or not in the deployment.
  [[nodiscard]] Standing standing(const PerspectiveId& perspective) const override;

 private:
  struct Entry {
    DampedHealth health;
    bool drained = false;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<PerspectiveId, Entry> entries_;  // guarded by mutex_; time alone changes what a health says
};

}  // namespace mpic::coordinator
