#include "coordinator/policy/quorum.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

namespace mpic::coordinator {
namespace {

std::string counted(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + ' ' + std::string(number == 1 ? one : many);
}

constexpr std::string_view kClause = "BR 3.2.2.9";

// Each way to miss the quorum, asked by is_reached() and told by decide_quorum().
bool enough_remotes(const Tally& tally, const QuorumPolicy& policy) {
  return tally.attempted != 0 && tally.attempted >= policy.min_remotes;
}

std::size_t allowed_by(const Tally& tally, const QuorumPolicy& policy) {
  return allowed_failures(tally.attempted, policy);
}

bool enough_agree(const Tally& tally, const QuorumPolicy& policy) {
  return tally.attempted - tally.corroborated <= allowed_by(tally, policy);
}

bool enough_regions(const Tally& tally, const QuorumPolicy& policy) {
  return static_cast<std::size_t>(std::popcount(tally.regions)) >= policy.min_rirs;
}

}  // namespace

std::size_t allowed_failures(std::size_t remotes) {
  if (remotes < 2) return 0;
  return remotes < 6 ? 1 : 2;
}

std::size_t allowed_failures(std::size_t remotes, const QuorumPolicy& policy) {
  if (policy.unanimous || remotes <= policy.min_corroborations) return 0;
  return std::min(allowed_failures(remotes), remotes - policy.min_corroborations);
}

std::string QuorumDecision::fraction() const { return std::to_string(corroborated) + '/' + std::to_string(attempted); }

bool is_reached(const Tally& tally, const QuorumPolicy& policy) {
  return enough_remotes(tally, policy) && enough_agree(tally, policy) && enough_regions(tally, policy);
}

Expected<QuorumDecision> decide_quorum(std::span<const Corroboration> attempt, const QuorumPolicy& policy) {
  QuorumDecision decision;
  Tally tally;
  std::set<PerspectiveId> seen;
  for (const Corroboration& remote : attempt) {
    if (!seen.insert(remote.perspective).second) {
      return fail(ProblemCode::kInternal, remote.perspective.text(), "a perspective is twice in one attempt");
    }
    tally.count(remote.rir, remote.corroborates);
    if (remote.corroborates) decision.rirs.insert(remote.rir);
  }
  decision.attempted = tally.attempted;
  decision.corroborated = tally.corroborated;
  decision.reached = is_reached(tally, policy);
  const std::size_t failures = tally.attempted - tally.corroborated;
  const std::size_t allowed = allowed_by(tally, policy);

  std::string why;
  if (!enough_remotes(tally, policy)) {
    decision.clause = std::string(kClause) + ", Quorum Requirements";
    why = "at least " + std::to_string(policy.min_remotes) + " must be asked";
  } else if (!enough_agree(tally, policy)) {
    decision.clause = allowed < allowed_failures(tally.attempted) ? "stricter quorum of the request"
                                                                  : std::string(kClause) + ", Quorum Requirements";
    why = counted(allowed, "failure is", "failures are") + " allowed, " + std::to_string(failures) +
          (failures == 1 ? " was seen" : " were seen");
  } else if (!enough_regions(tally, policy)) {
    decision.clause = std::string(kClause) + ", RIR diversity";
    why = "those that corroborate must lie in at least " + counted(policy.min_rirs, "RIR region", "RIR regions");
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
