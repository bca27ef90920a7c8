#include "coordinator/policy/baseline_requirements.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace mpic::coordinator {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::string_view kTlsClause = "BR 3.2.2.9";
constexpr std::string_view kSmimeClause = "SBR 4.2.2.2 with BR 3.2.2.9";
constexpr std::string_view kCustomClause = "policy.custom instead of BR 3.2.2.9";

constexpr std::array<QuorumPhase, 5> kTlsPhases = {{
    {sys_days(2025y / 3 / 15), 2, 1, kTlsClause, false},
    {sys_days(2025y / 9 / 15), 2, 1, kTlsClause, true},
    {sys_days(2026y / 3 / 15), 3, 2, kTlsClause, true},
    {sys_days(2026y / 6 / 15), 4, 2, kTlsClause, true},
    {sys_days(2026y / 12 / 15), 5, 2, kTlsClause, true},
}};

// SBR 4.2.2.2 asks for corroboration from its own day on, and leaves the numbers to the TLS Baseline Requirements.
constexpr std::array<QuorumPhase, 4> kSmimePhases = {{
    {sys_days(2025y / 5 / 15), 2, 1, kSmimeClause, true},
    {sys_days(2026y / 3 / 15), 3, 2, kSmimeClause, true},
    {sys_days(2026y / 6 / 15), 4, 2, kSmimeClause, true},
    {sys_days(2026y / 12 / 15), 5, 2, kSmimeClause, true},
}};

// What `custom` asks for while no table does.
constexpr QuorumPhase kLeast{sys_days{}, 2, 1, kTlsClause, false};

// The first phase that is still to come.
auto first_after(std::span<const QuorumPhase> phases, TimePoint when) {
  return std::find_if(phases.begin(), phases.end(), [&](const QuorumPhase& phase) { return when < phase.effective; });
}

std::vector<QuorumPhase> with_custom(const CustomQuorum& custom) {
  std::vector<QuorumPhase> phases{kLeast};
  phases.insert(phases.end(), kTlsPhases.begin(), kTlsPhases.end());
  if (!custom.min_remotes && !custom.min_rirs) return phases;
  for (QuorumPhase& phase : phases) {
    phase.min_remotes = custom.min_remotes.value_or(phase.min_remotes);
    phase.min_rirs = custom.min_rirs.value_or(phase.min_rirs);
    phase.clause = kCustomClause;
    phase.enforced = false;
  }
  return phases;
}

// Of several tables at one moment; none before the first of them begins.
std::optional<QuorumPhase> largest_at(const std::vector<std::vector<QuorumPhase>>& tables, sys_days day) {
  std::optional<QuorumPhase> out;
  for (const std::vector<QuorumPhase>& table : tables) {
    const auto phase = phase_at(table, day);
    if (!phase) continue;
    if (!out) out = QuorumPhase{day, 0, 0, phase->clause, false};
    if (phase->min_remotes > out->min_remotes) {
      out->min_remotes = phase->min_remotes;
      out->clause = phase->clause;
    }
    out->min_rirs = std::max(out->min_rirs, phase->min_rirs);
    out->enforced = out->enforced || phase->enforced;
  }
  return out;
}

bool alike(const QuorumPhase& a, const QuorumPhase& b) {
  return a.min_remotes == b.min_remotes && a.min_rirs == b.min_rirs && a.enforced == b.enforced;
}

}  // namespace

RulesVersion rules_version(Profile profile) {
  if (profile == Profile::kSmime) {
    return {"S/MIME Baseline Requirements", "1.0.10", sys_days(2026y / 10 / 4), "1.0.16 of 2026-09-28"};
  }
  return {"TLS Baseline Requirements", kBrVersion, sys_days(2026y / 10 / 4), ""};
}

std::span<const QuorumPhase> quorum_phases(Profile profile) {
  if (profile == Profile::kSmime) return kSmimePhases;
  return kTlsPhases;
}

std::optional<QuorumPhase> phase_at(std::span<const QuorumPhase> phases, TimePoint when) {
  const auto next = first_after(phases, when);
  if (next == phases.begin()) return std::nullopt;
  return *(next - 1);
}

std::optional<QuorumPhase> phase_after(std::span<const QuorumPhase> phases, TimePoint when) {
  const auto next = first_after(phases, when);
  if (next == phases.end()) return std::nullopt;
  return *next;
}

std::optional<QuorumPhase> quorum_phase_at(Profile profile, TimePoint when) {
  return phase_at(quorum_phases(profile), when);
}

std::optional<QuorumPhase> next_quorum_phase(Profile profile, TimePoint when) {
  return phase_after(quorum_phases(profile), when);
}

std::vector<QuorumPhase> phases_of(std::span<const Profile> profiles, const CustomQuorum& custom) {
  std::vector<std::vector<QuorumPhase>> tables;
  std::set<sys_days> days;
  for (const Profile profile : profiles) {
    const auto table = quorum_phases(profile);
    tables.push_back(profile == Profile::kCustom ? with_custom(custom)
                                                 : std::vector<QuorumPhase>(table.begin(), table.end()));
    for (const QuorumPhase& phase : tables.back()) days.insert(phase.effective);
  }
  std::vector<QuorumPhase> out;
  for (const sys_days day : days) {
    const auto phase = largest_at(tables, day);
    if (phase && (out.empty() || !alike(out.back(), *phase))) out.push_back(*phase);
  }
  return out;
}

std::string to_string(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

}  // namespace mpic::coordinator
