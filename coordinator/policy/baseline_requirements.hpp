// The Baseline Requirements' dated rules as one table: what holds at a moment, and what changes next. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "common/domain/observation.hpp"
#include "coordinator/policy/quorum.hpp"

namespace mpic::coordinator {

inline constexpr std::string_view kBrVersion = "2.3.1";
inline constexpr std::string_view kBrTableDate = "2026-10-04";  // when this table was last compared with the standard

// Each phase holds from 00:00 UTC of its day (BR 1.6.4) until the next.
struct QuorumPhase {
  std::chrono::sys_days effective;
  std::size_t min_remotes;
  std::size_t min_rirs;
  std::string_view clause;
  bool enforced = true;  // false: report only, failures need not stop issuance
};

[[nodiscard]] std::span<const QuorumPhase> quorum_phases();
// None before the first phase.
[[nodiscard]] std::optional<QuorumPhase> quorum_phase_at(TimePoint when);
[[nodiscard]] std::optional<QuorumPhase> next_quorum_phase(TimePoint when);

// "2026-12-15"
[[nodiscard]] std::string to_string(std::chrono::sys_days day);

}  // namespace mpic::coordinator
