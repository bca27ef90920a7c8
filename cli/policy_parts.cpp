#include "cli/policy_parts.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <utility>

#include "cli/table.hpp"

namespace mpic::cli {

using coordinator::PolicyChange;
using std::chrono::sys_days;

sys_days day_of(TimePoint when) { return std::chrono::floor<std::chrono::days>(when); }

std::optional<std::string> until(sys_days day, TimePoint at) {
  const auto days = (day - day_of(at)).count();
  if (days <= 0) return std::nullopt;
  return fmt::format("in {} day{}", days, days == 1 ? "" : "s");
}

std::string compliance(std::string_view when, bool complies, const Style& style) {
  const std::string_view good = style.unicode ? "✓" : "+";
  const std::string_view bad = style.unicode ? "✗" : "x";
  return fmt::format("  {} {} {}\n", toned(complies ? good : bad, complies ? Tone::kGood : Tone::kBad, style),
                     complies ? "complies" : "does not comply", when);
}

std::string bullet(std::string_view item, const Style& style) {
  return paragraph("    -", for_terminal(item), 6, style);
}

std::string changes_table(std::span<const PolicyChange> changes, TimePoint at, const Style& style) {
  Table table({{"FROM"}, {"STANDING"}, {"CLAUSE"}, {"WHAT"}});
  for (const PolicyChange& change : changes) {
    table.add(
        {{coordinator::to_string(change.day)}, {until(change.day, at).value_or("")}, {change.clause}, {change.what}});
  }
  return table.render(2, style);
}

boost::json::array changes_json(std::span<const PolicyChange> changes) {
  boost::json::array rows;
  for (const PolicyChange& change : changes) {
    boost::json::object row;
    row["from"] = coordinator::to_string(change.day);
    row["what"] = change.what;
    row["clause"] = change.clause;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mpic::cli
