// How long a message may wait for more to go with it. Every message costs its sender and its receiver a system call, an
// encryption and, for evidence, a signature and its verification: so under load several travel together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace mpic {

inline constexpr std::chrono::microseconds kMaxLinger{4'000};

// Grows with what is under way, so that it stays a small part of the time that each has to wait for its turn anyway; none
// at all while there is little to wait for.
[[nodiscard]] constexpr std::chrono::microseconds linger_for(std::size_t under_way) {
  constexpr std::size_t kFew = 4;
  constexpr std::chrono::microseconds kEach{30};
  if (under_way < kFew) return std::chrono::microseconds{0};
  return std::min(kMaxLinger, kEach * static_cast<std::chrono::microseconds::rep>(std::min<std::size_t>(under_way, 1'000)));
}

}  // namespace mpic
