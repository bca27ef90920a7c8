// What `mpic policy show` and `mpic policy check` write alike. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/text.hpp"
#include "coordinator/policy/changes.hpp"

namespace mpic::cli {

[[nodiscard]] std::chrono::sys_days day_of(TimePoint when);

// "in 21 days"; none for what is past.
[[nodiscard]] std::optional<std::string> until(std::chrono::sys_days day, TimePoint at);

// "✓ complies from 2026-12-15", or that it does not.
[[nodiscard]] std::string compliance(std::string_view when, bool complies, const Style& style);

// One paragraph for each, behind a dash; `items` are texts of the coordinator or of its rules.
[[nodiscard]] std::string bullet(std::string_view item, const Style& style);
template <class Items>
[[nodiscard]] std::string bullets(const Items& items, const Style& style) {
  std::string out;
  for (const std::string& item : items) out += bullet(item, style);
  return out;
}

// What asks for an operator's attention; empty without items.
template <class Items>
[[nodiscard]] std::string warnings_text(const Items& items, const Style& style) {
  std::string out;
  for (const std::string& item : items) {
    out += paragraph(toned("  !", Tone::kDoubt, style), for_terminal(item), 4, style);
  }
  return out;
}

[[nodiscard]] std::string changes_table(std::span<const coordinator::PolicyChange> changes, TimePoint at,
                                        const Style& style);
// Objects with day, what, clause.
[[nodiscard]] boost::json::array changes_json(std::span<const coordinator::PolicyChange> changes);

}  // namespace mpic::cli
