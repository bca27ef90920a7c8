// `mpic policy check`: whether the deployment that a coordinator.yaml describes satisfies the policy of a day, and will
// at each change of it that is known. Nobody is asked. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/text.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::cli {

struct ProfileCheck {
  coordinator::Profile profile;
  v1::GetPolicyResponse report;
  std::vector<coordinator::ComplianceThen> later;  // at each phase of the quorum to come
};

struct PolicyCheck {
  std::string file;
  TimePoint at{};
  bool by_policy_clock = false;  // `at` is the policy_clock of the file's lab
  std::vector<ProfileCheck> profiles;
};

// At the start of `day`; without one at the lab's policy_clock, or else `now`.
[[nodiscard]] PolicyCheck check_policy(const coordinator::Deployment& deployment, const std::string& file,
                                       std::optional<TimePoint> day, TimePoint now);

// Of all profiles together: kExitCorroborated, kExitNotCorroborated or kExitNotForLong.
[[nodiscard]] int exit_status(const PolicyCheck& check);

[[nodiscard]] std::string render(const PolicyCheck& check, const Style& style);
// One object: config, at, by_policy_clock, complies, complies_later, profiles; each of those has profile, report
// (GetPolicyResponse), later (from, min_remotes, min_rirs, clause, complies, violations) and changes (from, what,
// clause).
[[nodiscard]] std::string policy_check_json(const PolicyCheck& check);

}  // namespace mpic::cli
