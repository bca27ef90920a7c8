// Logging set-up. Lines go to stderr; no line ever carries a challenge value (DESIGN 7).
#pragma once

#include <string>

namespace mpic::telemetry {

// level: trace, debug, info, warn, error. Throws std::invalid_argument naming the accepted ones.
void set_up_log(const std::string& program, const std::string& level);

}  // namespace mpic::telemetry
