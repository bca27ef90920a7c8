#include "coordinator/perspectives/policy_report.hpp"

#include <fmt/format.h>

#include "coordinator/policy/changes.hpp"

namespace mpic::coordinator {
namespace {

void write(const QuorumPhase& phase, v1::QuorumRequirement& out) {
  out.set_clause(std::string(phase.clause));
  out.set_effective(to_string(phase.effective));
  out.set_min_remotes(static_cast<std::uint32_t>(phase.min_remotes));
  out.set_min_rirs(static_cast<std::uint32_t>(phase.min_rirs));
  out.set_min_distance_km(static_cast<std::uint32_t>(kMinDistanceKm));
}

void write_next_changes(Profile profile, TimePoint at, v1::GetPolicyResponse& out) {
  const std::vector<PolicyChange> changes = changes_after(profile, at);
  if (changes.empty()) return;
  out.set_next_change(to_string(changes.front().day));
  for (const PolicyChange& change : changes) {
    if (change.day == changes.front().day) out.add_next_changes(fmt::format("{} ({})", change.what, change.clause));
  }
}

}  // namespace

v1::GetPolicyResponse policy_report(const Deployment& deployment, Profile profile, TimePoint at) {
  v1::GetPolicyResponse out;
  const PolicySubject subject = deployment.policy_subject(profile);
  const PolicyStanding standing = policy_standing(subject, at);
  if (const auto phase = phase_at(subject.terms.phases, at)) write(*phase, *out.mutable_current());
  if (const auto phase = phase_after(subject.terms.phases, at)) write(*phase, *out.mutable_next());
  out.set_complies_now(standing.complies_now);
  out.set_complies_next(standing.complies_next);
  const DeploymentFindings findings = findings_at(subject, at);
  for (const Problem& violation : findings.violations) {
    out.add_violations(violation.where.empty() ? violation.detail
                                               : fmt::format("{}: {}", violation.where, violation.detail));
  }
  for (const std::string& change : findings.upcoming) out.add_upcoming(change);
  for (const std::string& reason : deployment.not_enforceable()) out.add_not_enforceable_because(reason);
  for (const std::string& warning : table_warnings(profile, at)) out.add_warnings(warning);
  write_next_changes(profile, at, out);
  return out;
}

}  // namespace mpic::coordinator
