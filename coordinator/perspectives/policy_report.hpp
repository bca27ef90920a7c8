// How a deployment stands to the policy, as GetPolicy tells it and `mpic policy check` reckons it without a
// coordinator.
#pragma once

#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// By one profile, at the moment `at`. All fields but `stamp`.
[[nodiscard]] v1::GetPolicyResponse policy_report(const Deployment& deployment, Profile profile, TimePoint at);

}  // namespace mpic::coordinator
