// Whether a deployment, with its planning, satisfies the policy at a moment and at each change of it that is known.
// Pure.
#pragma once

#include <optional>
#include <vector>

#include "coordinator/policy/planning_check.hpp"

namespace mpic::coordinator {

// A deployment as the policy sees it.
struct PolicySubject {
  std::vector<DeployedPerspective> perspectives;
  const Planning& planning;  // outlives this
  DeploymentTerms terms;
};

// check_deployment() and check_planning() together.
[[nodiscard]] DeploymentFindings findings_at(const PolicySubject& subject, TimePoint when);

// At 00:00 UTC of the day of a phase.
struct ComplianceThen {
  QuorumPhase phase;
  std::vector<Problem> violations;  // empty: it complies
};
// For each phase that begins after `when`, in order.
[[nodiscard]] std::vector<ComplianceThen> complies_at_each_change(const PolicySubject& subject, TimePoint when);

struct PolicyStanding {
  bool complies_now = false;
  std::optional<std::chrono::sys_days> next;  // the day of the next phase; none: none is known
  bool complies_next = false;                 // then; without `next` as now
};
[[nodiscard]] PolicyStanding policy_standing(const PolicySubject& subject, TimePoint when);

}  // namespace mpic::coordinator
