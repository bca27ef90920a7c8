#include "cli/policy_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "cli/json.hpp"
#include "cli/table.hpp"
#include "common/domain/perspective.hpp"
#include "coordinator/policy/baseline_requirements.hpp"
#include "coordinator/policy/methods.hpp"
#include "coordinator/policy/reuse.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::MethodRow;
using coordinator::QuorumPhase;
using coordinator::ReusePhase;
using std::chrono::sys_days;

sys_days day_of(TimePoint when) { return std::chrono::floor<std::chrono::days>(when); }

bool in_force(const QuorumPhase& phase, TimePoint at) {
  const auto current = coordinator::quorum_phase_at(at);
  return current && current->effective == phase.effective;
}

bool in_force(const ReusePhase& phase, TimePoint at) {
  const auto phases = coordinator::reuse_phases();
  const auto next = std::find_if(phases.begin(), phases.end(),
                                 [&](const ReusePhase& each) { return each.effective > phase.effective; });
  return at >= phase.effective && (next == phases.end() || at < next->effective);
}

// "in 21 days"; none for what is past.
std::optional<std::string> until(sys_days day, TimePoint at) {
  const auto days = (day - day_of(at)).count();
  if (days <= 0) return std::nullopt;
  return fmt::format("in {} day{}", days, days == 1 ? "" : "s");
}

// "in force", "in 21 days", or "past".
template <class Phase>
Cell standing(const Phase& phase, TimePoint at, const Style& style) {
  if (in_force(phase, at)) return {style.unicode ? "◀ in force" : "< in force", Tone::kGood};
  if (auto coming = until(phase.effective, at)) return {*std::move(coming), Tone::kPlain};
  return {"past", Tone::kFaint};
}

std::string reuse_table(TimePoint at, const Style& style) {
  Table table({{"ISSUED FROM"}, {"DAYS", true}, {"STANDING"}, {"CLAUSE"}});
  for (const ReusePhase& phase : coordinator::reuse_phases()) {
    const bool always = phase.effective.time_since_epoch().count() == 0;
    table.add({{always ? "the beginning" : coordinator::to_string(phase.effective),
                in_force(phase, at) ? Tone::kStrong : Tone::kPlain},
               {fmt::format("{}", phase.limit.count())},
               standing(phase, at, style),
               {std::string(phase.clause)}});
  }
  return "\nA validation may be this old when a certificate is issued (dns-persistent: 10 days at most)\n\n" +
         table.render(2, style);
}

Cell standing(const MethodRow& row, TimePoint at) {
  if (auto coming = until(*row.must_not, at)) return {"ends " + *std::move(coming), Tone::kDoubt};
  return {"ended", Tone::kBad};
}

std::string methods_table(TimePoint at, const Style& style) {
  Table table({{"METHOD"}, {"SHOULD NOT SINCE"}, {"MUST NOT FROM"}, {"STANDING"}, {"CLAUSE"}});
  for (const MethodRow& row : coordinator::method_rows()) {
    if (!row.must_not) continue;
    table.add({{std::string(to_string(row.method))},
               {row.should_not ? coordinator::to_string(*row.should_not) : "-"},
               {coordinator::to_string(*row.must_not)},
               standing(row, at),
               {std::string(row.clause)}});
  }
  return "\nMethods that end, and with them what they showed before\n\n" + table.render(2, style);
}

bj::array reuse_json(TimePoint at) {
  bj::array rows;
  for (const ReusePhase& phase : coordinator::reuse_phases()) {
    bj::object row;
    row["effective"] = coordinator::to_string(phase.effective);
    row["days"] = phase.limit.count();
    row["clause"] = bj::string(phase.clause);
    row["in_force"] = in_force(phase, at);
    rows.push_back(std::move(row));
  }
  return rows;
}

bj::array methods_json(TimePoint at) {
  const auto day = [](const std::optional<sys_days>& when) {
    return when ? bj::value(coordinator::to_string(*when)) : bj::value(nullptr);
  };
  bj::array rows;
  for (const MethodRow& method : coordinator::method_rows()) {
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

std::string bullets(const google::protobuf::RepeatedPtrField<std::string>& items, const Style& style) {
  std::string out;
  for (const std::string& item : items) out += paragraph("    -", for_terminal(item), 6, style);
  return out;
}

std::string compliance(std::string_view when, bool complies, const Style& style) {
  const std::string_view good = style.unicode ? "✓" : "+";
  const std::string_view bad = style.unicode ? "✗" : "x";
  return fmt::format("  {} {} {}\n", toned(complies ? good : bad, complies ? Tone::kGood : Tone::kBad, style),
                     complies ? "complies" : "does not comply", when);
}

std::string deployment_text(const v1::GetPolicyResponse& deployment, const Style& style) {
  std::string out = "\n" + toned("This deployment", Tone::kStrong, style) + "\n";
  const v1::PolicyStamp& stamp = deployment.stamp();
  out += paragraph("  profile",
                   fmt::format("{}, BR {}, table of {}", for_terminal(stamp.profile()),
                               for_terminal(stamp.br_version()), for_terminal(stamp.table_date())),
                   10, style);
  if (!stamp.clock_is_real()) {
    out += paragraph("  clock", moment(stamp.evaluated_at()) + ", set by its configuration", 10, style);
  }
  out += compliance("at that date", deployment.complies_now(), style) + bullets(deployment.violations(), style);
  if (deployment.has_next()) {
    out += compliance("from " + for_terminal(deployment.next().effective()), deployment.complies_next(), style);
  }
  out += bullets(deployment.upcoming(), style);
  if (!deployment.not_enforceable_because().empty()) {
    out += "  its verdicts are no basis for issuance:\n" + bullets(deployment.not_enforceable_because(), style);
  }
  return out;
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
  std::string out = toned(fmt::format("CA/Browser Forum TLS Baseline Requirements {}", coordinator::kBrVersion),
                          Tone::kStrong, style);
  out +=
      fmt::format("\ntable of {}, read for {}\n\n", coordinator::kBrTableDate, coordinator::to_string(day_of(view.at)));
  Table table({{"FROM"}, {"REMOTES", true}, {"MAY FAIL", true}, {"RIRS", true}, {"STANDING"}, {"CLAUSE"}});
  for (const QuorumPhase& phase : coordinator::quorum_phases()) {
    table.add({{coordinator::to_string(phase.effective), in_force(phase, view.at) ? Tone::kStrong : Tone::kPlain},
               {fmt::format("{}", phase.min_remotes)},
               {fmt::format("{}", coordinator::allowed_failures(phase.min_remotes))},
               {fmt::format("{}", phase.min_rirs)},
               standing(phase, view.at, style),
               {std::string(phase.clause)}});
  }
  out += table.render(2, style);
  if (!coordinator::quorum_phase_at(view.at)) out += "\nAt that date no quorum was required yet.\n";
  out += "\nWith 6 or more remotes 2 may fail. ";
  out += fmt::format("Any two perspectives lie at least 500 km apart; under {} km is refused here.\n", kMinDistanceKm);
  out += reuse_table(view.at, style) + methods_table(view.at, style);
  if (view.deployment) out += deployment_text(*view.deployment, style);
  return out;
}

std::string policy_json(const PolicyView& view) {
  bj::array phases;
  for (const QuorumPhase& phase : coordinator::quorum_phases()) {
    bj::object row;
    row["effective"] = coordinator::to_string(phase.effective);
    row["min_remotes"] = phase.min_remotes;
    row["allowed_failures"] = coordinator::allowed_failures(phase.min_remotes);
    row["min_rirs"] = phase.min_rirs;
    row["clause"] = bj::string(phase.clause);
    row["in_force"] = in_force(phase, view.at);
    phases.push_back(std::move(row));
  }
  bj::object out;
  out["br_version"] = bj::string(coordinator::kBrVersion);
  out["table_date"] = bj::string(coordinator::kBrTableDate);
  out["at"] = coordinator::to_string(day_of(view.at));
  out["phases"] = std::move(phases);
  out["reuse"] = reuse_json(view.at);
  out["methods"] = methods_json(view.at);
  out["min_distance_km"] = static_cast<int>(kMinDistanceKm);
  out["deployment"] = view.deployment ? bj::parse(to_json(*view.deployment)) : bj::value(nullptr);
  return bj::serialize(out);
}

}  // namespace mpic::cli
