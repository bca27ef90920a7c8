// What an agent is asked: any octets are refused with a field, or are an assignment that survives the way there and
// back. Input: a serialized mpic.v1.Assignment.
#include "agent/service/admission.hpp"
#include "common/wire/convert.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

void hold_same(const Assignment& a, const Assignment& b) {
  hold(a.attempt == b.attempt && a.log_origin == b.log_origin && a.perspective == b.perspective && a.role == b.role &&
           a.nonce == b.nonce && a.issued == b.issued && a.budget == b.budget && a.identifier == b.identifier &&
           a.authorization_domain == b.authorization_domain && a.dcv == b.dcv && a.caa == b.caa,
       "an assignment survives the way there and back");
}

// What only an agent of that very perspective takes, at that very time.
void hold_admission(const Assignment& assignment) {
  agent::AgentIdentity me(assignment.perspective, assignment.role, Rir::kRipe);
  me.log_origin = assignment.log_origin;
  const auto refusal = agent::refusal_of(assignment, me, assignment.issued);
  if (refusal) {
    hold(refusal->code == ProblemCode::kAssignmentInvalid, "an assignment of mine and of today is at most invalid");
    hold_presentable(refusal->detail);
  }
  const auto stale = agent::refusal_of(assignment, me, assignment.issued + std::chrono::seconds(31));
  hold(stale.has_value(), "an assignment of another time is refused");
  me.log_origin += "x";
  hold(agent::refusal_of(assignment, me, assignment.issued).has_value(), "another coordinator's is refused");
}

void run(Octets octets) {
  const auto assignment = wire::decode_assignment(text_of(octets));
  if (!assignment) {
    hold(assignment.error().code == ProblemCode::kAssignmentInvalid, "octets that are no assignment are that");
    hold(!assignment.error().where.empty(), "a refusal names the field");
    hold_presentable(assignment.error().detail);
    return;
  }
  hold(assignment->dcv || assignment->caa, "something is asked");
  hold(assignment->budget >= kMinBudget && assignment->budget <= kMaxBudget, "a budget is bounded");
  hold(!assignment->identifier.is_ip() || (!assignment->caa && !assignment->authorization_domain),
       "an address has neither CAA nor an Authorization Domain Name");
  const std::string encoded = wire::encode(*assignment);
  const auto again = wire::decode_assignment(encoded);
  hold(again.has_value(), "what is sent can be read");
  hold_same(*assignment, *again);
  hold_equal(wire::encode(*again), encoded, "an assignment is encoded in one way");
  hold_admission(*assignment);
}

const Target kTarget("assignment", run);

}  // namespace
}  // namespace mpic::fuzz
