// verify: a reply counts only as far as its evidence carries it. The observation is bound to the question, then judged
// again with the agent's own rules; an agent's bare opinion is never asked.
#include <algorithm>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

rules::Judgement judged(const Problem& problem) {
  rules::Judgement judgement;
  judgement.outcome = outcome_of(problem.code);
  judgement.problem = problem;
  return judgement;
}

// The same problem for every check that was asked.
JudgedLook without_observation(const PlannedLook& look, const Problem& problem) {
  JudgedLook out{.perspective = look.perspective};
  if (look.assignment.dcv) out.dcv = judged(problem);
  if (look.assignment.caa) out.caa = judged(problem);
  return out;
}

// When the first of the climb's queries was sent; none of them was sent after `received`.
std::optional<TimePoint> first_query(const CaaObservation& seen, TimePoint received) {
  if (seen.lookups.empty()) return std::nullopt;
  TimePoint first = received;
  for (const DnsLookup& lookup : seen.lookups) first = std::min(first, lookup.started);
  return first;
}

JudgedLook judge(const PlannedLook& look, const Reply& reply) {
  if (reply.problem) return without_observation(look, *reply.problem);
  if (!reply.evidence || !reply.signed_root) {
    return without_observation(look, Problem(ProblemCode::kEvidenceInvalid, look.perspective->where.id.text(),
                                             "the reply carries no signed evidence"));
  }
  const evidence::Expectation expected{look.assignment, look.octets, look.perspective->where.rir,
                                       look.perspective->keys, reply.received};
  const auto seen = evidence::verify_evidence(*reply.evidence, *reply.signed_root, expected);
  if (!seen) return without_observation(look, seen.error());

  JudgedLook out{.perspective = look.perspective, .lab_relaxations = seen->lab_relaxations};
  // An agent's clock may be ahead: never reckon from a moment that has not come.
  if (look.assignment.dcv) {
    out.dcv = rules::judge_dcv(look.assignment, *seen);
    out.dcv_started = std::min(seen->started, reply.received);
  }
  if (look.assignment.caa) {
    out.caa = rules::judge_caa(look.assignment, *seen);
    if (seen->caa) out.caa_started = first_query(*seen->caa, reply.received);
  }
  return out;
}

}  // namespace

JudgedLook verify(const PlannedLook& look, const Reply& reply, TimePoint started) {
  JudgedLook out = judge(look, reply);
  out.elapsed = std::max(std::chrono::milliseconds{0},
                         std::chrono::duration_cast<std::chrono::milliseconds>(reply.received - started));
  return out;
}

}  // namespace mpic::coordinator
