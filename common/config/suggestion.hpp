// "Did you mean": the accepted word nearest to a misspelt one.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace mpic::config {

// None when no word is near: at most one edit in three letters, and at most three. A swap of neighbours is
// one edit.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::set<std::string>& accepted);

}  // namespace mpic::config
