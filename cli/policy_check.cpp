#include "cli/policy_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "cli/exit_status.hpp"
#include "cli/json.hpp"
#include "cli/policy_parts.hpp"
#include "coordinator/perspectives/policy_report.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::ComplianceThen;
using coordinator::PolicyChange;
using coordinator::to_string;

// Before the first phase no quorum is required, and a coordinator answers no request.
bool complies_now(const ProfileCheck& check) { return check.report.has_current() && check.report.complies_now(); }

bool complies_later(const ProfileCheck& check) {
  return std::all_of(check.later.begin(), check.later.end(),
                     [](const ComplianceThen& then) { return then.violations.empty(); });
}

std::string text_of(const Problem& violation) {
  return violation.where.empty() ? violation.detail : fmt::format("{}: {}", violation.where, violation.detail);
}

std::string demand(const v1::GetPolicyResponse& report) {
  if (!report.has_current()) return "no quorum yet";
  const v1::QuorumRequirement& current = report.current();
  return fmt::format("{} remote perspective{} in {} RIR region{}, any two perspectives 500 km apart ({})",
                     current.min_remotes(), current.min_remotes() == 1 ? "" : "s", current.min_rirs(),
                     current.min_rirs() == 1 ? "" : "s", for_terminal(current.clause()));
}

std::string later_text(const ProfileCheck& check, const Style& style) {
  std::string out;
  for (const ComplianceThen& then : check.later) {
    out += compliance("from " + to_string(then.phase.effective), then.violations.empty(), style);
    for (const Problem& violation : then.violations) out += bullet(text_of(violation), style);
  }
  return out;
}

std::string profile_text(const ProfileCheck& check, TimePoint at, const Style& style) {
  const coordinator::RulesVersion rules = coordinator::rules_version(check.profile);
  const v1::GetPolicyResponse& report = check.report;
  std::string out = fmt::format("\n{}: {} {}, table of {}\n", toned(to_string(check.profile), Tone::kStrong, style),
                                rules.name, rules.version, to_string(rules.compared));
  out += paragraph("  required:", demand(report), 12, style);
  out += compliance("at that date", complies_now(check), style) + bullets(report.violations(), style);
  out += later_text(check, style);
  out += warnings_text(report.warnings(), style);
  if (!report.not_enforceable_because().empty()) {
    out += "  its verdicts are no basis for issuance:\n" + bullets(report.not_enforceable_because(), style);
  }
  const auto changes = coordinator::changes_after(check.profile, at);
  if (changes.empty()) return out + "  no later change is known\n";
  return out + "  what changes next, and what is known of later\n" + changes_table(changes, at, style);
}

bj::array later_json(const ProfileCheck& check) {
  bj::array rows;
  for (const ComplianceThen& then : check.later) {
    bj::object row;
    row["from"] = to_string(then.phase.effective);
    row["min_remotes"] = then.phase.min_remotes;
    row["min_rirs"] = then.phase.min_rirs;
    row["clause"] = bj::string(then.phase.clause);
    row["complies"] = then.violations.empty();
    bj::array violations;
    for (const Problem& violation : then.violations) violations.emplace_back(text_of(violation));
    row["violations"] = std::move(violations);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

PolicyCheck check_policy(const coordinator::Deployment& deployment, const std::string& file,
                         std::optional<TimePoint> day, TimePoint now) {
  PolicyCheck out;
  out.file = file;
  out.at = day.value_or(deployment.policy_time(now));
  out.by_policy_clock = !day && deployment.lab.policy_clock;
  for (const coordinator::Profile profile : deployment.profiles) {
    ProfileCheck& check = out.profiles.emplace_back();
    check.profile = profile;
    check.report = coordinator::policy_report(deployment, profile, out.at);
    *check.report.mutable_stamp() = coordinator::policy_stamp(deployment, profile, out.at);
    check.later = coordinator::complies_at_each_change(deployment.policy_subject(profile), out.at);
  }
  return out;
}

int exit_status(const PolicyCheck& check) {
  const auto all = [&](bool (*complies)(const ProfileCheck&)) {
    return std::all_of(check.profiles.begin(), check.profiles.end(), complies);
  };
  if (!all(complies_now)) return kExitNotCorroborated;
  return all(complies_later) ? kExitCorroborated : kExitNotForLong;
}

std::string render(const PolicyCheck& check, const Style& style) {
  std::string out = fmt::format("{} on {}{}\n", for_terminal(check.file), to_string(day_of(check.at)),
                                check.by_policy_clock ? ", the policy_clock of its lab" : "");
  for (const ProfileCheck& profile : check.profiles) out += profile_text(profile, check.at, style);
  return out;
}

std::string policy_check_json(const PolicyCheck& check) {
  bj::array profiles;
  for (const ProfileCheck& each : check.profiles) {
    bj::object row;
    row["profile"] = bj::string(to_string(each.profile));
    row["report"] = bj::parse(to_json(each.report));
    row["later"] = later_json(each);
    row["changes"] = changes_json(coordinator::changes_after(each.profile, check.at));
    profiles.push_back(std::move(row));
  }
  const int status = exit_status(check);
  bj::object out;
  out["config"] = for_terminal(check.file);
  out["at"] = to_string(day_of(check.at));
  out["by_policy_clock"] = check.by_policy_clock;
  out["complies"] = status != kExitNotCorroborated;
  out["complies_later"] = std::all_of(check.profiles.begin(), check.profiles.end(), complies_later);
  out["profiles"] = std::move(profiles);
  return bj::serialize(out);
}

}  // namespace mpic::cli
