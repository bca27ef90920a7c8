// What operators should know before it hurts: how the deployment stands to the policy now and at its next change, and
// what sites it will not be able to look at. A plain function of its arguments.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/program/readiness.hpp"

namespace mpic::coordinator {

struct Outlook {
  bool complies = false;  // now
  std::optional<std::chrono::sys_days> next_change;
  bool complies_then = true;          // at the next change, if any
  std::chrono::days table_age{0};     // of the oldest of the profiles that are served
  std::vector<std::string> warnings;  // sentences
};

// `agents_known`: all have had time to tell how they are, so what they have not told, they have not got.
[[nodiscard]] Outlook outlook(const Deployment& deployment, const ReadinessFacts& facts, bool agents_known);

}  // namespace mpic::coordinator
