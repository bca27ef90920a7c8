#include "coordinator/policy/compliance.hpp"

#include <iterator>
#include <utility>

namespace mpic::coordinator {

DeploymentFindings findings_at(const PolicySubject& subject, TimePoint when) {
  DeploymentFindings findings = check_deployment(subject.perspectives, subject.terms, when);
  DeploymentFindings planning = check_planning(subject.perspectives, subject.planning, subject.terms, when);
  std::move(planning.violations.begin(), planning.violations.end(), std::back_inserter(findings.violations));
  std::move(planning.upcoming.begin(), planning.upcoming.end(), std::back_inserter(findings.upcoming));
  return findings;
}

std::vector<ComplianceThen> complies_at_each_change(const PolicySubject& subject, TimePoint when) {
  std::vector<ComplianceThen> out;
  for (const QuorumPhase& phase : subject.terms.phases) {
    if (when < phase.effective) out.push_back({phase, findings_at(subject, phase.effective).violations});
  }
  return out;
}

PolicyStanding policy_standing(const PolicySubject& subject, TimePoint when) {
  PolicyStanding standing;
  standing.complies_now = findings_at(subject, when).violations.empty();
  standing.complies_next = standing.complies_now;
  if (const auto phase = phase_after(subject.terms.phases, when)) {
    standing.next = phase->effective;
    standing.complies_next = findings_at(subject, phase->effective).violations.empty();
  }
  return standing;
}

}  // namespace mpic::coordinator
