#include "coordinator/policy/planning_check.hpp"

#include <fmt/format.h>

#include <vector>

#include "coordinator/policy/choice.hpp"

namespace mpic::coordinator {
namespace {

std::vector<Rir> remotes_of(std::span<const DeployedPerspective> perspectives) {
  std::vector<Rir> out;
  for (const DeployedPerspective& perspective : perspectives) {
    if (perspective.role == Role::kRemote) out.push_back(perspective.rir);
  }
  return out;
}

// What the phase asks for and a request is not asked of, as a half of a sentence; empty: nothing.
std::string shortfall(const std::vector<Rir>& remotes, const Planning& planning, const QuorumPhase& phase) {
  const std::size_t asked = remotes_asked(planning, remotes.size());
  if (asked < phase.min_remotes) {
    const std::string why = planning.remotes != 0 ? fmt::format("planning.remotes is {}", planning.remotes)
                                                  : fmt::format("one of {} cohorts has {}", planning.cohorts, asked);
    return fmt::format("{} asks for {} remote perspectives; {}", phase.clause, phase.min_remotes, why);
  }
  const std::string why = why_not_dealt(remotes, asked, planning.cohorts, phase.min_rirs);
  return why.empty() ? why : fmt::format("planning ({}): {}", phase.clause, why);
}

}  // namespace

std::size_t remotes_asked(const Planning& planning, std::size_t configured) {
  return planning.remotes != 0 ? planning.remotes : configured / planning.cohorts;
}

DeploymentFindings check_planning(std::span<const DeployedPerspective> perspectives, const Planning& planning,
                                  const DeploymentTerms& terms, TimePoint when) {
  DeploymentFindings findings;
  if (planning.remotes == 0 && planning.cohorts == 1) return findings;  // all are asked
  const std::vector<Rir> remotes = remotes_of(perspectives);
  if (const auto phase = phase_at(terms.phases, when)) {
    std::string why = shortfall(remotes, planning, *phase);
    if (!why.empty()) findings.violations.emplace_back(ProblemCode::kPolicy, "planning", std::move(why));
  }
  for (const QuorumPhase& phase : terms.phases) {
    if (when >= phase.effective) continue;
    const std::string why = shortfall(remotes, planning, phase);
    if (!why.empty()) findings.upcoming.push_back(fmt::format("from {} {}", to_string(phase.effective), why));
  }
  return findings;
}

}  // namespace mpic::coordinator
