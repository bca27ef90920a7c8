#include "coordinator/pipeline/conduct.hpp"

#include <fmt/format.h>

#include <set>

#include "coordinator/perspectives/dissent.hpp"
#include "coordinator/perspectives/health.hpp"

namespace mpic::coordinator {

void KeptConduct::note(const Decision& decision) {
  // One outcome for each attempt, not for each check: evidence that did not come, came for none.
  std::map<PerspectiveId, Outcome> ends;
  for (const CheckDecision& check : decision.checks) {
    std::vector<Dissent::Row> remotes;
    for (const PerspectiveRow& row : check.rows) {
      if (row.asserted) continue;
      const DeployedPerspective& where = row.perspective->where;
      Outcome& end = ends.try_emplace(where.id, row.outcome).first->second;
      if (is_ours(row.outcome)) end = row.outcome;
      if (where.role == Role::kRemote) remotes.push_back({where.id, row.outcome});
    }
    // Beside a Primary that is not positive nobody corroborates: that tells nothing of anybody.
    if (check.rows.front().outcome == Outcome::kCorroborates) dissent_.note(remotes);
  }
  const SteadyPoint now = clock_.steady_now();
  for (const auto& [perspective, outcome] : ends) health_.note_outcome(perspective, outcome, now);
}

std::optional<std::string> KeptConduct::suspicion(const PerspectiveId& perspective) const {
  return dissent_.suspicion(perspective);
}

Standing KeptConduct::standing(const PerspectiveId& perspective) const { return health_.standing(perspective); }

void add_suspicions(const Conduct& conduct, Decision& decision) {
  std::set<PerspectiveId> told;
  for (const CheckDecision& check : decision.checks) {
    if (check.rows.front().outcome != Outcome::kCorroborates) continue;
    for (const PerspectiveRow& row : check.rows) {
      const DeployedPerspective& where = row.perspective->where;
      if (where.role != Role::kRemote || row.outcome != Outcome::kContradicts) continue;
      const auto why = conduct.suspicion(where.id);
      if (why && told.insert(where.id).second) decision.findings.push_back(fmt::format("{} {}", where.id.text(), *why));
    }
  }
}

}  // namespace mpic::coordinator
