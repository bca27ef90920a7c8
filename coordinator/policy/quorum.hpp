// Quorum rules of Multi-Perspective Issuance Corroboration (BR 3.2.2.9, "Quorum Requirements" and RIR diversity).
//
// Pure: no I/O, clock, randomness, logging or metrics. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/domain/perspective.hpp"

namespace mpic::coordinator {

// What one planned remote contributed. A contradiction, a timeout and an unreachable agent all have
// `corroborates == false`: missing evidence is never agreement.
struct Corroboration {
  PerspectiveId perspective;
  Rir rir;
  bool corroborates = false;
};

struct QuorumPolicy {
  std::size_t min_remotes = 2;         // phased by date: baseline_requirements.hpp
  std::size_t min_rirs = 1;            // distinct RIRs among the *corroborating* remotes
  bool unanimous = false;              // a request may be stricter, never weaker
  std::size_t min_corroborations = 0;  // the same: fewer failures are allowed then; 0: as the BR allow
  friend bool operator==(const QuorumPolicy&, const QuorumPolicy&) = default;
};

// 0 with one remote (or none), 1 with 2 to 5, 2 with 6 or more, however many (BR 3.2.2.9).
[[nodiscard]] std::size_t allowed_failures(std::size_t remotes);
// The same, or fewer where the request is stricter.
[[nodiscard]] std::size_t allowed_failures(std::size_t remotes, const QuorumPolicy& policy);

// The same, counted: all that the quorum depends on. Regions are a bit for each Rir.
struct Tally {
  std::size_t attempted = 0;
  std::size_t corroborated = 0;
  std::uint32_t regions = 0;  // of those that corroborate

  void count(Rir rir, bool corroborates) {
    ++attempted;
    if (!corroborates) return;
    ++corroborated;
    regions |= 1U << static_cast<unsigned>(rir);
  }
};
[[nodiscard]] bool is_reached(const Tally& tally, const QuorumPolicy& policy);

struct QuorumDecision {
  bool reached = false;
  std::size_t corroborated = 0;
  std::size_t attempted = 0;
  std::set<Rir> rirs;                          // of those that corroborate
  std::string clause;                          // that decided
  std::string explanation;                     // one sentence: "5 of 6 remote perspectives in 4 RIRs corroborate; ..."
  [[nodiscard]] std::string fraction() const;  // "5/6"
};

// Decides over a complete attempt: one entry per planned remote, answered or not. A malformed attempt (a perspective
// twice) is Problem kInternal, never "not reached": our mistake must not read as the subscriber's failed validation.
[[nodiscard]] Expected<QuorumDecision> decide_quorum(std::span<const Corroboration> attempt,
                                                     const QuorumPolicy& policy);

}  // namespace mpic::coordinator
