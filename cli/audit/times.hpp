// Moments as people write and read them. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/domain/observation.hpp"

namespace mpic::cli {

// "2026-11-25" (00:00 UTC) or "2026-11-25T08:00:00Z"; none for anything else.
[[nodiscard]] std::optional<TimePoint> moment_of(const std::string& text);
// The same of an option; throws Failure with its name.
[[nodiscard]] TimePoint time_of(const std::string& option, const std::string& text);

// "2026-11-25T08:00:00.123456789Z"
[[nodiscard]] std::string rfc3339(TimePoint when);

}  // namespace mpic::cli
