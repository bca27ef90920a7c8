// A clock that goes when a test says so; of timers there are none.
#pragma once

#include <stdexcept>

#include "common/async/clock.hpp"

namespace mpic::test {

class HandSetClock final : public Clock {
 public:
  explicit HandSetClock(TimePoint start) : now_(start) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] SteadyPoint steady_now() const override { return steady_; }
  [[nodiscard]] std::unique_ptr<Timer> make_timer(asio::any_io_executor) override {
    throw std::logic_error("nobody waits by this clock");
  }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    steady_ += time;
  }

 private:
  TimePoint now_;
  SteadyPoint steady_{};
};

}  // namespace mpic::test
