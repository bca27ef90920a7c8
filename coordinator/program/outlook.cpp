#include "coordinator/program/outlook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace mpic::coordinator {
namespace {

std::chrono::sys_days table_date() {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  std::sscanf(std::string(kBrTableDate).c_str(), "%d-%u-%u", &year, &month, &day);
  return std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day);
}

void warn_of_table(std::chrono::sys_days today, Outlook& out) {
  const std::chrono::sys_days compared = table_date();
  out.table_age = std::max(today - compared, std::chrono::days{0});
  const std::chrono::year_month_day date(compared);
  auto old = date + kTableIsOld;
  if (!old.ok()) old = old.year() / old.month() / std::chrono::last;
  if (today < std::chrono::sys_days(old)) return;
  out.warnings.push_back(fmt::format(
      "policy: this program's table of the Baseline Requirements was last compared with them on {}, {} days ago: they "
      "may demand more by now; update it",
      kBrTableDate, out.table_age.count()));
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
  out.complies = now.violations.empty();
  if (const auto phase = next_quorum_phase(facts.policy_time)) {
    out.next_change = phase->effective;
    out.complies_then = deployment.findings_at(phase->effective).violations.empty();
  }
  for (const std::string& change : now.upcoming) out.warnings.push_back("policy: " + change);
  for (const std::string& reason : deployment.not_enforceable()) {
    out.warnings.push_back(reason + ": every verdict will be NOT_DETERMINED, with would_be beside it");
  }
  warn_of_table(std::chrono::floor<std::chrono::days>(facts.policy_time), out);
  if (agents_known) warn_of_ipv6(deployment, facts, out);
  return out;
}

}  // namespace mpic::coordinator
