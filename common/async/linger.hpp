// How long a message may wait for more to go with it. Every message costs its sender and its receiver a system call, an
// encryption and, for evidence, a signature and its verification: so under load several travel together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace mpic {

// Follows how fast items come, not how many are open: those may wait for targets that never answer, and nobody should
// wait for them. Not thread-safe.
class Linger {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::microseconds kLongest{5'000};

  // Told of an item that came at `now`; how long it may wait. Nothing while too few come for another to be expected in
  // time; then longer with their rate, so that a handful go together.
  [[nodiscard]] std::chrono::microseconds after_item(Time now) {
    ++items_;
    const auto elapsed = now - window_;
    if (elapsed >= kWindow) {
      const auto seconds = std::chrono::duration<double>(elapsed).count();
      rate_ = static_cast<double>(items_) / seconds;
      items_ = 0;
      window_ = now;
    }
    constexpr double kFew = 200;         // per second
    constexpr double kMicroseconds = 8;  // for each one more per second
    const double wanted = std::clamp((rate_ - kFew) * kMicroseconds, 0.0, static_cast<double>(kLongest.count()));
    return std::chrono::microseconds(static_cast<std::chrono::microseconds::rep>(wanted));
  }

 private:
  static constexpr std::chrono::milliseconds kWindow{50};
  Time window_{};
  std::size_t items_ = 0;
  double rate_ = 0;  // items per second, over the last window
};

}  // namespace mpic
