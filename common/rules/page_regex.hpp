// Regular expressions that callers give for a page (RE2: linear time, whatever the pattern and the page). Pure.
#pragma once

#include <string_view>

#include "common/domain/problem.hpp"

namespace mpic::rules {

inline constexpr std::size_t kMaxRegex = 256;

// kInvalidArgument, `where` "match_regex", with RE2's reason, or for one whose nested repetitions make it slow: a page
// of kMaxBody takes milliseconds. Empty is none, and good.
[[nodiscard]] Expected<void> check_page_regex(std::string_view pattern);
// Anywhere in the page, octet for octet (Latin-1: a page need not be UTF-8). Precondition: check_page_regex().
[[nodiscard]] bool matches_page(std::string_view pattern, std::string_view page);

}  // namespace mpic::rules
