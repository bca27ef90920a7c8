// Who the program is for the system: what BR 5.4.1 calls the identity of who made an entry.
#pragma once

#include <string>

namespace mpic::telemetry {

[[nodiscard]] std::string host_name();    // "unknown" when the system does not say
[[nodiscard]] std::string system_user();  // the effective user's name, or its number
// "mpic@host1"; at most 256 octets.
[[nodiscard]] std::string user_at_host();

}  // namespace mpic::telemetry
