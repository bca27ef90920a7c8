#include "cli/policy_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <charconv>

#include "cli/json.hpp"
#include "cli/policy_parts.hpp"
#include "cli/table.hpp"
#include "common/domain/perspective.hpp"
#include "coordinator/policy/changes.hpp"
#include "coordinator/policy/methods.hpp"
#include "coordinator/policy/reuse.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::MethodRow;
using coordinator::Profile;
using coordinator::QuorumPhase;
using coordinator::ReusePhase;
using coordinator::to_string;
using std::chrono::sys_days;

// Of phases in their order, whether it is the one at that moment.
template <class Phase>
bool in_force(const Phase& phase, std::span<const Phase> phases, TimePoint at) {
  const auto next =
      std::find_if(phases.begin(), phases.end(), [&](const Phase& each) { return each.effective > phase.effective; });
  return at >= phase.effective && (next == phases.end() || at < next->effective);
}

// "in force", "in 21 days", or "past".
template <class Phase>
Cell standing(const Phase& phase, std::span<const Phase> phases, TimePoint at, const Style& style) {
  if (in_force(phase, phases, at)) return {style.unicode ? "◀ in force" : "< in force", Tone::kGood};
  if (auto coming = until(phase.effective, at)) return {*std::move(coming), Tone::kPlain};
  return {"past", Tone::kFaint};
}

std::string reuse_table(Profile profile, TimePoint at, const Style& style) {
  const auto phases = coordinator::reuse_phases(profile);
  Table table({{"ISSUED FROM"}, {"DAYS", true}, {"STANDING"}, {"CLAUSE"}});
  for (const ReusePhase& phase : phases) {
    const bool always = phase.effective.time_since_epoch().count() == 0;
    table.add({{always ? "the beginning" : to_string(phase.effective),
                in_force(phase, phases, at) ? Tone::kStrong : Tone::kPlain},
               {fmt::format("{}", phase.limit.count())},
               standing(phase, phases, at, style),
               {std::string(phase.clause)}});
  }
  return "\nA validation may be this old when a certificate is issued (dns-persistent: 10 days at most)\n\n" +
         table.render(2, style);
}

Cell standing(const MethodRow& row, TimePoint at) {
  if (auto coming = until(*row.must_not, at)) return {"ends " + *std::move(coming), Tone::kDoubt};
  return {"ended", Tone::kBad};
}

std::string methods_table(Profile profile, TimePoint at, const Style& style) {
  Table table({{"METHOD"}, {"SHOULD NOT SINCE"}, {"MUST NOT FROM"}, {"STANDING"}, {"CLAUSE"}});
  for (const MethodRow& row : coordinator::method_rows()) {
    if (!row.must_not || !coordinator::applies_to(row, profile)) continue;
    table.add({{std::string(to_string(row.method))},
               {row.should_not ? to_string(*row.should_not) : "-"},
               {to_string(*row.must_not)},
               standing(row, at),
               {std::string(row.clause)}});
  }
  return "\nMethods that end, and with them what they showed before\n\n" + table.render(2, style);
}

bj::array reuse_json(Profile profile, TimePoint at) {
  const auto phases = coordinator::reuse_phases(profile);
  bj::array rows;
  for (const ReusePhase& phase : phases) {
    bj::object row;
    row["effective"] = to_string(phase.effective);
    row["days"] = phase.limit.count();
    row["clause"] = bj::string(phase.clause);
    row["in_force"] = in_force(phase, phases, at);
    rows.push_back(std::move(row));
  }
  return rows;
}

bj::array methods_json(Profile profile, TimePoint at) {
  const auto day = [](const std::optional<sys_days>& when) {
    return when ? bj::value(to_string(*when)) : bj::value(nullptr);
  };
  bj::array rows;
  for (const MethodRow& method : coordinator::method_rows()) {
    if (!coordinator::applies_to(method, profile)) continue;
    bj::object row;
    row["method"] = bj::string(to_string(method.method));
    row["for_ip_address"] = method.for_ip;
    row["should_not_since"] = day(method.should_not);
    row["must_not_from"] = day(method.must_not);
    row["clause"] = bj::string(method.clause);
    row["allowed"] = !method.must_not || at < *method.must_not;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string deployment_text(const v1::GetPolicyResponse& deployment, const Style& style) {
  std::string out = "\n" + toned("This deployment", Tone::kStrong, style) + "\n";
  const v1::PolicyStamp& stamp = deployment.stamp();
  out += paragraph("  profile",
                   fmt::format("{}, {} {}, table of {}", for_terminal(stamp.profile()),
                               stamp.profile() == to_string(Profile::kSmime) ? "SBR" : "BR",
                               for_terminal(stamp.br_version()), for_terminal(stamp.table_date())),
                   10, style);
  if (!stamp.clock_is_real()) {
    out += paragraph("  clock", moment(stamp.evaluated_at()) + ", set by its configuration", 10, style);
  }
  out += compliance("at that date", deployment.complies_now(), style) + bullets(deployment.violations(), style);
  if (deployment.has_next()) {
    out += compliance("from " + for_terminal(deployment.next().effective()), deployment.complies_next(), style);
  }
  out += bullets(deployment.upcoming(), style) + warnings_text(deployment.warnings(), style);
  if (!deployment.not_enforceable_because().empty()) {
    out += "  its verdicts are no basis for issuance:\n" + bullets(deployment.not_enforceable_because(), style);
  }
  return out;
}

std::string next_changes(const PolicyView& view, const Style& style) {
  const auto changes = coordinator::changes_after(view.profile, view.at);
  if (changes.empty()) return "\nNo later change is known.\n";
  return "\nWhat changes next, and what is known of later\n\n" + changes_table(changes, view.at, style);
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<TimePoint> day_from(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day || *year < 2000 || *year > 2199) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return TimePoint(sys_days(date));
}

std::string render(const PolicyView& view, const Style& style) {
  const coordinator::RulesVersion rules = coordinator::rules_version(view.profile);
  std::string out = toned(fmt::format("CA/Browser Forum {} {}", rules.name, rules.version), Tone::kStrong, style);
  out += fmt::format("\ntable of {}, read for {}\n", to_string(rules.compared), to_string(day_of(view.at)));
  if (view.profile == Profile::kCustom) out += "The profile custom takes more than these allow, for trials.\n";
  out += warnings_text(coordinator::table_warnings(view.profile, view.at), style) + "\n";
  const auto phases = coordinator::quorum_phases(view.profile);
  Table table({{"FROM"}, {"REMOTES", true}, {"MAY FAIL", true}, {"RIRS", true}, {"STANDING"}, {"CLAUSE"}});
  for (const QuorumPhase& phase : phases) {
    table.add({{to_string(phase.effective), in_force(phase, phases, view.at) ? Tone::kStrong : Tone::kPlain},
               {fmt::format("{}", phase.min_remotes)},
               {fmt::format("{}", coordinator::allowed_failures(phase.min_remotes))},
               {fmt::format("{}", phase.min_rirs)},
               standing(phase, phases, view.at, style),
               {std::string(phase.clause)}});
  }
  out += table.render(2, style);
  if (!coordinator::phase_at(phases, view.at)) out += "\nAt that date no quorum was required yet.\n";
  out += "\nWith 6 or more remotes 2 may fail. ";
  out += fmt::format("Any two perspectives lie at least 500 km apart; under {} km is refused here.\n", kMinDistanceKm);
  out += reuse_table(view.profile, view.at, style) + methods_table(view.profile, view.at, style);
  out += next_changes(view, style);
  if (view.deployment) out += deployment_text(*view.deployment, style);
  return out;
}

std::string policy_json(const PolicyView& view) {
  const coordinator::RulesVersion rules = coordinator::rules_version(view.profile);
  const auto table = coordinator::quorum_phases(view.profile);
  bj::array phases;
  for (const QuorumPhase& phase : table) {
    bj::object row;
    row["effective"] = to_string(phase.effective);
    row["min_remotes"] = phase.min_remotes;
    row["allowed_failures"] = coordinator::allowed_failures(phase.min_remotes);
    row["min_rirs"] = phase.min_rirs;
    row["clause"] = bj::string(phase.clause);
    row["in_force"] = in_force(phase, table, view.at);
    phases.push_back(std::move(row));
  }
  bj::object out;
  out["profile"] = bj::string(to_string(view.profile));
  out["br_version"] = bj::string(rules.version);
  out["table_date"] = to_string(rules.compared);
  out["at"] = to_string(day_of(view.at));
  out["phases"] = std::move(phases);
  out["reuse"] = reuse_json(view.profile, view.at);
  out["methods"] = methods_json(view.profile, view.at);
  out["changes"] = changes_json(coordinator::changes_after(view.profile, view.at));
  out["warnings"] = bj::value_from(coordinator::table_warnings(view.profile, view.at));
  out["min_distance_km"] = static_cast<int>(kMinDistanceKm);
  out["deployment"] = view.deployment ? bj::parse(to_json(*view.deployment)) : bj::value(nullptr);
  return bj::serialize(out);
}

}  // namespace mpic::cli
