// `orchestration_parameters` of the Open MPIC API: what they ask of corroborate(), or why that is refused. Pure.
#pragma once

#include "coordinator/perspectives/deployment.hpp"
#include "coordinator/rest/open_mpic_reply.hpp"

namespace mpic::coordinator {

// Numbers of what a deployment asks and needs, for answers without remotes too.
[[nodiscard]] OpenMpicTold told_numbers(const Deployment& deployment, const QuorumPolicy& policy);

// Into `request.request`: more remotes, more corroborations, attempts, a cohort. Never fewer than the policy of the day
// demands: a count or a quorum that is weaker is an issue, except under `custom`, where it has no effect. Numbers that
// no deployment could mean (0, -5) are issues always.
[[nodiscard]] ValidationIssues apply_orchestration(const Deployment& deployment, const QuorumPolicy& policy,
                                                   OpenMpicRequest& request);

}  // namespace mpic::coordinator
