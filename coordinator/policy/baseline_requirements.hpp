// The Baseline Requirements' numbers of a quorum as one table for each profile: what holds at a moment, and what
// changes next. Pure. All that is dated, of any kind: changes.hpp.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/observation.hpp"
#include "coordinator/policy/profile.hpp"
#include "coordinator/policy/quorum.hpp"

namespace mpic::coordinator {

// Of the TLS Baseline Requirements; what a profile goes by is rules_version().
inline constexpr std::string_view kBrVersion = "2.3.1";

// The published text that a profile's tables say again.
struct RulesVersion {
  std::string_view name;           // "TLS Baseline Requirements"
  std::string_view version;        // that was read
  std::chrono::sys_days compared;  // when the tables were last compared with it
  std::string_view newer;          // published by then and not compared: "1.0.16 of 2026-09-28"; empty: none
};
// `custom` goes by the TLS Baseline Requirements, with exceptions.
[[nodiscard]] RulesVersion rules_version(Profile profile);

// Each phase holds from 00:00 UTC of its day (BR 1.6.4) until the next.
struct QuorumPhase {
  std::chrono::sys_days effective;
  std::size_t min_remotes;
  std::size_t min_rirs;
  std::string_view clause;
  bool enforced = true;  // false: report only, failures need not stop issuance
};

[[nodiscard]] std::span<const QuorumPhase> quorum_phases(Profile profile);

// Of the phases of one table, or of phases_of(). None before the first.
[[nodiscard]] std::optional<QuorumPhase> phase_at(std::span<const QuorumPhase> phases, TimePoint when);
[[nodiscard]] std::optional<QuorumPhase> phase_after(std::span<const QuorumPhase> phases, TimePoint when);
[[nodiscard]] std::optional<QuorumPhase> quorum_phase_at(Profile profile, TimePoint when);
[[nodiscard]] std::optional<QuorumPhase> next_quorum_phase(Profile profile, TimePoint when);

// What satisfies all of these profiles: at each moment the largest numbers, with the clause of the first profile that
// has that many remotes. For `custom` the numbers of `custom` stand instead of the table's, and there is a phase at
// every moment. No two phases that follow each other are alike.
[[nodiscard]] std::vector<QuorumPhase> phases_of(std::span<const Profile> profiles, const CustomQuorum& custom);

// "2026-12-15"
[[nodiscard]] std::string to_string(std::chrono::sys_days day);

}  // namespace mpic::coordinator
