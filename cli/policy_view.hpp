// The dated policy for people and as JSON, with the deployment's standing when it could be asked. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/text.hpp"
#include "common/domain/observation.hpp"
#include "coordinator/policy/profile.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

struct PolicyView {
  coordinator::Profile profile = coordinator::Profile::kTls;
  TimePoint at{};
  std::optional<v1::GetPolicyResponse> deployment;  // none: nobody was asked
};

// "2026-12-15", a real day from 2000 to 2199: its first moment, UTC.
[[nodiscard]] std::optional<TimePoint> day_from(std::string_view text);

[[nodiscard]] std::string render(const PolicyView& view, const Style& style);
// One object: profile, br_version, table_date, at, phases, reuse, methods, changes, warnings, min_distance_km,
// deployment (GetPolicyResponse or null).
[[nodiscard]] std::string policy_json(const PolicyView& view);

}  // namespace mpic::cli
