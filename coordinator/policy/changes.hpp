// Every dated rule of the Baseline Requirements that this program knows of, of any kind, in the order of their days:
// what changes when. And whether its tables themselves are too old to be relied on. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::coordinator {

// Begins at 00:00 UTC of its day (BR 1.6.4).
struct PolicyChange {
  std::chrono::sys_days day;
  std::string what;  // one clause for people: "5 remote perspectives in 2 RIR regions are needed"
  std::string clause;
};

// That begin after `when`, sorted by day: numbers of the quorum, ends of methods, how long a validation may be reused
// and a certificate be valid, and what else has a day. Of S/MIME only what it takes over from TLS. `custom`: as TLS.
[[nodiscard]] std::vector<PolicyChange> changes_after(Profile profile, TimePoint when);

// From the day on that is six calendar months after `compared`; of a month that has no such day, from its last.
[[nodiscard]] bool is_stale(std::chrono::sys_days compared, TimePoint when);

// Sentences about the profile's tables: when they were compared with the standard six months ago or longer, and when a
// newer text was published already then.
[[nodiscard]] std::vector<std::string> table_warnings(Profile profile, TimePoint when);

}  // namespace mpic::coordinator
