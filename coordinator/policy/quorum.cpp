#include "coordinator/policy/quorum.hpp"

#include <string_view>

namespace mpic::coordinator {
namespace {

std::string counted(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + ' ' + std::string(number == 1 ? one : many);
}

constexpr std::string_view kClause = "BR 3.2.2.9";

}  // namespace

std::size_t allowed_failures(std::size_t remotes) {
  if (remotes < 2) return 0;
  return remotes < 6 ? 1 : 2;
}

std::string QuorumDecision::fraction() const {
  return std::to_string(corroborated) + '/' + std::to_string(attempted);
}

Expected<QuorumDecision> decide_quorum(std::span<const Corroboration> attempt, const QuorumPolicy& policy) {
  QuorumDecision decision;
  std::set<PerspectiveId> seen;
  for (const Corroboration& remote : attempt) {
    if (!seen.insert(remote.perspective).second) {
      return fail(ProblemCode::kInternal, remote.perspective.text(), "a perspective is twice in one attempt");
    }
    ++decision.attempted;
    if (!remote.corroborates) continue;
    ++decision.corroborated;
    decision.rirs.insert(remote.rir);
  }
  const std::size_t failures = decision.attempted - decision.corroborated;
  const std::size_t allowed = policy.unanimous ? 0 : allowed_failures(decision.attempted);
  const bool enough_remotes = decision.attempted != 0 && decision.attempted >= policy.min_remotes;
  const bool enough_agree = failures <= allowed;
  const bool enough_regions = decision.rirs.size() >= policy.min_rirs;
  decision.reached = enough_remotes && enough_agree && enough_regions;

  std::string why;
  if (!enough_remotes) {
    decision.clause = std::string(kClause) + ", Quorum Requirements";
    why = "at least " + std::to_string(policy.min_remotes) + " must be asked";
  } else if (!enough_agree) {
    decision.clause =
        policy.unanimous ? "stricter quorum of the request" : std::string(kClause) + ", Quorum Requirements";
    why = counted(allowed, "failure is", "failures are") + " allowed, " + std::to_string(failures) +
          (failures == 1 ? " was seen" : " were seen");
  } else if (!enough_regions) {
    decision.clause = std::string(kClause) + ", RIR diversity";
    why = "those that corroborate must lie in at least " +
          counted(policy.min_rirs, "RIR region", "RIR regions");
  } else {
    decision.clause = std::string(kClause) + ", Quorum Requirements";
    why = counted(allowed, "failure is", "failures are") + " allowed";
  }
  decision.explanation = std::to_string(decision.corroborated) + " of " +
                         counted(decision.attempted, "remote perspective", "remote perspectives") + " in " +
                         counted(decision.rirs.size(), "RIR", "RIRs") +
                         (decision.corroborated == 1 ? " corroborates; " : " corroborate; ") + why;
  return decision;
}

}  // namespace mpic::coordinator
