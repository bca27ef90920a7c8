// Which assignments an agent takes. Pure.
#pragma once

#include <optional>

#include "agent/service/identity.hpp"
#include "common/domain/assignment.hpp"

namespace mpic::agent {

// Why `assignment` is refused: kAssignmentNotMine (perspective, role or log origin), kAssignmentStale (issued
// more than kMaxClockDifference from `now`, either way), kAssignmentInvalid (an identifier or authorization
// domain that may not be validated: the coordinator has refused those, so this is no question of its users).
// None: it is taken.
[[nodiscard]] std::optional<Problem> refusal_of(const Assignment& assignment, const AgentIdentity& me, TimePoint now);

}  // namespace mpic::agent
