// Versions that records carry.
#pragma once

#include <string_view>

namespace mpic {

inline constexpr std::string_view kSoftwareVersion = "0.1.0";
// Changes when common/rules would judge any observation differently.
inline constexpr std::string_view kRulesetVersion = "1";

}  // namespace mpic
