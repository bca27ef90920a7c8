// Logging set-up. Lines go to stderr; control characters in a message are escaped. No line ever carries a
// challenge value: that is for the callers to hold to.
#pragma once

#include <string>

namespace mpic::telemetry {

// level: trace, debug, info, warn, error. Throws std::invalid_argument naming the accepted ones.
void set_up_log(const std::string& program, const std::string& level);

}  // namespace mpic::telemetry
