// Whether the system's clock goes as time does: who sets it changes what records and evidence say.
#pragma once

#include <optional>

#include "common/async/clock.hpp"

namespace mpic::coordinator {

inline constexpr std::chrono::seconds kClockStep{2};  // less between two looks is what time synchronisation does

class ClockWatch {
 public:
  explicit ClockWatch(const Clock& clock) : clock_(clock) {}

  // By how much the clock was set since the last look; none: it was not. By one thread, about once a second.
  [[nodiscard]] std::optional<std::chrono::milliseconds> look() {
    const auto ahead = clock_.now().time_since_epoch() - clock_.steady_now().time_since_epoch();
    const auto before = std::exchange(ahead_, ahead);
    if (!before || std::chrono::abs(ahead - *before) < kClockStep) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(ahead - *before);
  }

 private:
  const Clock& clock_;
  std::optional<std::chrono::nanoseconds> ahead_;
};

}  // namespace mpic::coordinator
