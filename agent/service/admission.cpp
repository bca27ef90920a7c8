#include "agent/service/admission.hpp"

#include "common/rules/namespace_policy.hpp"

namespace mpic::agent {
namespace {

std::optional<Problem> not_mine(std::string field, const std::string& theirs, const std::string& mine) {
  if (theirs == mine) return std::nullopt;
  return Problem(ProblemCode::kAssignmentNotMine, std::move(field),
                 "addressed to \"" + printable(theirs, 64) + "\"; this is \"" + mine + '"');
}

std::optional<Problem> stale(TimePoint issued, TimePoint now) {
  const auto difference = now > issued ? now - issued : issued - now;
  if (difference <= kMaxClockDifference) return std::nullopt;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(difference).count();
  return Problem(ProblemCode::kAssignmentStale, "issued",
                 std::to_string(seconds) + " s " + (now > issued ? "before" : "after") + " this agent's clock");
}

std::optional<Problem> invalid(const Expected<void>& checked) {
  if (checked) return std::nullopt;
  return Problem(ProblemCode::kAssignmentInvalid, checked.error().where, checked.error().detail);
}

}  // namespace

std::optional<Problem> refusal_of(const Assignment& assignment, const AgentIdentity& me, TimePoint now) {
  if (auto problem = not_mine("perspective_id", assignment.perspective.text(), me.perspective.text())) return problem;
  if (auto problem = not_mine("role", std::string(to_string(assignment.role)), std::string(to_string(me.role)))) {
    return problem;
  }
  if (auto problem = not_mine("log_origin", assignment.log_origin, me.log_origin)) return problem;
  if (auto problem = stale(assignment.issued, now)) return problem;
  if (auto problem = invalid(rules::check_identifier(assignment.identifier, me.lab))) return problem;
  if (assignment.dcv) {
    return invalid(rules::check_subject(rules::subject_of(assignment), assignment.dcv->method()));
  }
  return std::nullopt;
}

}  // namespace mpic::agent
