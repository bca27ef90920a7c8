// settle: whether the verdict stands, whatever the remotes that are still out will say (BR 3.2.2.9). Pure.
//
// A verdict only rises when a remote agrees that did not, and only falls when one contradicts instead of being silent:
// so it stands exactly when it is the same with all that is out agreeing and with all of it contradicting.
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

struct Tallies {
  Tally real;
  Tally forgiving;  // as if what was our own fault had agreed

  void count(Rir rir, Outcome outcome) {
    real.count(rir, outcome == Outcome::kCorroborates);
    forgiving.count(rir, outcome == Outcome::kCorroborates || is_ours(outcome));
  }
};

Outcome outcome_beside(const rules::Judgement& remote, const rules::Judgement& primary) {
  const bool differs = remote.outcome == Outcome::kCorroborates && !same_as_primary(remote, primary);
  return differs ? Outcome::kContradicts : remote.outcome;
}

// Whether a look was asked this check: each set must meet the quorum alone (BR 3.2.2.9).
using WasAsked = bool (*)(const Assignment& assignment);

bool is_check_settled(const QuorumPolicy& policy, const std::optional<rules::Judgement>& primary, const Plan& plan,
                      const std::vector<std::optional<JudgedLook>>& remotes, WasAsked was_asked,
                      std::optional<rules::Judgement> JudgedLook::*part) {
  if (!primary) return true;  // not asked
  Tallies best;
  Tallies worst;
  for (std::size_t i = 0; i < plan.looks.size(); ++i) {
    const DeployedPerspective& where = plan.looks[i].perspective->where;
    if (where.role != Role::kRemote || !was_asked(plan.looks[i].assignment)) continue;
    if (!remotes[i]) {
      best.count(where.rir, Outcome::kCorroborates);
      worst.count(where.rir, Outcome::kContradicts);
      continue;
    }
    const Outcome outcome = outcome_beside(*((*remotes[i]).*part), *primary);
    best.count(where.rir, outcome);
    worst.count(where.rir, outcome);
  }
  return verdict_of(best.real, best.forgiving, policy) == verdict_of(worst.real, worst.forgiving, policy);
}

}  // namespace

bool is_settled(const QuorumPolicy& policy, const JudgedLook& primary, const Plan& plan,
                const std::vector<std::optional<JudgedLook>>& remotes) {
  const WasAsked dcv = [](const Assignment& assignment) { return assignment.dcv.has_value(); };
  const WasAsked caa = [](const Assignment& assignment) { return assignment.caa.has_value(); };
  return is_check_settled(policy, primary.dcv, plan, remotes, dcv, &JudgedLook::dcv) &&
         is_check_settled(policy, primary.caa, plan, remotes, caa, &JudgedLook::caa);
}

}  // namespace mpic::coordinator
