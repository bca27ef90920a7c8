// Every leaf of a log, in parts, with a line that tells how far it is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cli/audit/progress_line.hpp"
#include "cli/audit/source.hpp"

namespace mpic::cli {

// Those that were there at the beginning, each for `take(leaf)`. Throws Failure with the log's own sentence.
template <class Take>
void for_each_leaf(coordinator::LogReader& log, Surroundings& around, const Take& take) {
  constexpr std::uint64_t kAtOnce = 256;
  ProgressLine line(around);
  const std::uint64_t size = read_or_fail(log.size());
  for (std::uint64_t next = 0; next < size;) {
    const auto leaves = read_or_fail(log.leaves(next, std::min(kAtOnce, size - next)));
    if (leaves.empty()) {
      throw Failure(kExitNotDetermined, log.source() + ": leaf " + std::to_string(next) + " is missing");
    }
    for (const coordinator::LoggedLeaf& leaf : leaves) take(leaf);
    next += leaves.size();
    line.show(next, size);
  }
}

}  // namespace mpic::cli
