// What each problem means for the owner of a site, and what they can do about it. Pure.
#pragma once

#include <string_view>

#include "common/domain/problem.hpp"

namespace mpic::rules {

struct Explanation {
  std::string_view meaning;  // one sentence, at most 200 octets
  std::string_view advice;   // what to do: one sentence or a few, at most 400 octets
};

// For every code there is; nothing of the particular case is in it, since the Problem itself tells that.
[[nodiscard]] Explanation explanation_of(ProblemCode code);

}  // namespace mpic::rules
