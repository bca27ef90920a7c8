// Exit statuses of `mpic`: scripts rely on them.
#pragma once

namespace mpic::cli {

inline constexpr int kExitCorroborated = 0;
inline constexpr int kExitNotCorroborated = 1;
inline constexpr int kExitNotDetermined = 2;  // also: no answer could be had
inline constexpr int kExitNotForLong = 3;     // policy check: it complies, and will not from a known day on
inline constexpr int kExitUsage = 64;         // EX_USAGE: options, profile, or an argument that the coordinator refuses
inline constexpr int kExitInterrupted = 130;  // by SIGINT or SIGTERM, with work left (128 + SIGINT, as shells say)

}  // namespace mpic::cli
