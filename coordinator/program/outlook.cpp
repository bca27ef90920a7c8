#include "coordinator/program/outlook.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/policy/changes.hpp"

namespace mpic::coordinator {
namespace {

void warn_of_tables(const Deployment& deployment, TimePoint policy_time, Outlook& out) {
  for (const Profile profile : deployment.profiles) {
    const auto today = std::chrono::floor<std::chrono::days>(policy_time);
    out.table_age = std::max(out.table_age, today - rules_version(profile).compared);
    for (const std::string& warning : table_warnings(profile, policy_time))
      out.warnings.push_back("policy: " + warning);
  }
}

// A site that has only IPv6 is looked at from perspectives that have it.
void warn_of_ipv6(const Deployment& deployment, const ReadinessFacts& facts, Outlook& out) {
  std::size_t remotes = 0;
  std::size_t with_ipv6 = 0;
  for (std::size_t i = 0; i < deployment.perspectives.size() && i < facts.perspectives.size(); ++i) {
    const bool has_it = facts.perspectives[i].ipv6.value_or(false);
    const Role role = deployment.perspectives[i].where.role;
    if (role == Role::kPrimary && !has_it) {
      out.warnings.push_back(fmt::format(
          "IPv6: the Primary {} has no IPv6 egress: names that have only IPv6 addresses cannot be validated",
          facts.perspectives[i].id.text()));
    }
    if (role != Role::kRemote) continue;
    ++remotes;
    if (has_it) ++with_ipv6;
  }
  const auto policy = deployment.quorum_at(facts.policy_time);
  if (!policy) return;
  const std::size_t asked = std::max(remotes_asked(deployment.planning, remotes), policy->min_remotes);
  const std::size_t needed = asked - allowed_failures(asked);
  if (with_ipv6 >= needed) return;
  out.warnings.push_back(
      fmt::format("IPv6: {} of {} remote perspectives have IPv6 egress, and a quorum needs {} (BR 3.2.2.9): names that "
                  "have only IPv6 addresses cannot be corroborated",
                  with_ipv6, remotes, needed));
}

}  // namespace

Outlook outlook(const Deployment& deployment, const ReadinessFacts& facts, bool agents_known) {
  Outlook out;
  const DeploymentFindings now = deployment.findings_at(facts.policy_time);
  const PolicyStanding standing = policy_standing(deployment.policy_subject(), facts.policy_time);
  out.complies = standing.complies_now;
  out.next_change = standing.next;
  out.complies_then = !standing.next || standing.complies_next;
  if (deployment.is_custom()) {  // of any other profile a violation is no warning: nothing is answered
    for (const Problem& violation : now.violations) out.warnings.push_back("policy: " + violation.detail);
  }
  for (const std::string& change : now.upcoming) out.warnings.push_back("policy: " + change);
  for (const std::string& reason : deployment.not_enforceable()) {
    out.warnings.push_back(reason + ": every verdict will be NOT_DETERMINED, with would_be beside it");
  }
  if (const auto below = deployment.below_floor_at(facts.policy_time)) out.warnings.push_back("retention: " + *below);
  warn_of_tables(deployment, facts.policy_time, out);
  if (agents_known) warn_of_ipv6(deployment, facts, out);
  return out;
}

}  // namespace mpic::coordinator
