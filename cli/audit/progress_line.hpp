// A line that tells how far long work is, drawn anew on a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/batch/progress.hpp"
#include "cli/commands.hpp"

namespace mpic::cli {

class ProgressLine {
 public:
  // `around` outlives it.
  explicit ProgressLine(Surroundings& around) : around_(around) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(std::uint64_t done, std::uint64_t of) {
    if (!around_.notes_style) return;
    const auto now = std::chrono::steady_clock::now();
    rate_.observe(now, done);
    if (done != of && now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const BatchProgress progress{.done = done, .total = of, .per_second = rate_.per_second()};
    around_.notes << '\r' << progress_bar(progress, Tally(false), *around_.notes_style) << "\x1b[K" << std::flush;
    is_shown_ = true;
  }
  void clear() {
    if (is_shown_) around_.notes << "\r\x1b[K" << std::flush;
    is_shown_ = false;
  }

 private:
  Surroundings& around_;
  RateMeter rate_;
  std::chrono::steady_clock::time_point drawn_{};
  bool is_shown_ = false;
};

}  // namespace mpic::cli
