// Perspectives that contradict the rest far more often than their peers do: a route or a resolver that deserves a look.
// For people only: it changes no plan and no verdict.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "common/domain/perspective.hpp"
#include "common/domain/problem.hpp"

namespace mpic::coordinator {

// Pure but for its lock: safe from any thread.
class Dissent {
 public:
  struct Row {
    PerspectiveId perspective;
    Outcome outcome;
  };

  // With so many answers of a perspective its counts are halved, so that they tell of its last 500 to 1,000.
  static constexpr std::size_t kMemory = 1'000;
  // Suspected: at least so many contradictions, in such a part of its answers, and so many times its peers' median.
  static constexpr double kFewest = 10;
  static constexpr double kLeastRate = 0.01;
  static constexpr double kTimesPeers = 5;
  // Not suspected any more: one of the three is below such a part of it.
  static constexpr double kRelief = 0.5;

  // The remotes of one decided check. Only those that saw something count. Where most corroborate, all of them have
  // answered, and who contradicts dissents; where most contradict, it is the site that says so, and only who
  // corroborates all the same has answered, and dissents. Without a majority nothing can be told.
  void note(std::span<const Row> remotes);

  // One sentence; none: not suspected, or not known.
  [[nodiscard]] std::optional<std::string> suspicion(const PerspectiveId& perspective) const;

  // A reloaded configuration: others than these are forgotten.
  void keep_only(std::span<const PerspectiveId> perspectives);

 private:
  struct Count {
    std::size_t answers = 0;
    std::size_t contradictions = 0;
    bool suspected = false;
    [[nodiscard]] double rate() const;
  };
  [[nodiscard]] double peers_rate(const PerspectiveId& perspective) const;  // precondition: mutex_ held
  void judge(const PerspectiveId& perspective, Count& count);               // precondition: mutex_ held

  mutable std::mutex mutex_;
  std::map<PerspectiveId, Count> counts_;  // guarded by mutex_
};

}  // namespace mpic::coordinator
