// What a coordinator that was killed left behind: plans that were sent and never answered to anybody.
#pragma once

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

// One "no result" record for each record id among `plans` (its Primary's plan and its remotes' belong together).
// They do not take the clients' request ids. A plan that cannot be read is kept out and named in `unreadable`.
struct Recovered {
  std::vector<StoredRecord> records;
  std::vector<std::string> unreadable;
};
[[nodiscard]] Recovered close_open_plans(const std::vector<StoredPlan>& plans, TimePoint now,
                                         const evidence::SigningKey& key);

}  // namespace mpic::coordinator
