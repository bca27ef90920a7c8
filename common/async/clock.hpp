// Time as a seam: everything that waits or reads a clock does it through Clock, so scenarios run in virtual time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>

#include "common/domain/observation.hpp"

namespace mpic {

namespace asio = boost::asio;
using SteadyPoint = std::chrono::steady_clock::time_point;

// One wait at a time. Used on one executor only; destroying it cancels the wait.
class Timer {
 public:
  virtual ~Timer() = default;
  // True when the moment came, false when cancel() came first.
  virtual asio::awaitable<bool> wait_until(SteadyPoint when) = 0;
  virtual void cancel() = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;           // UTC, may jump
  [[nodiscard]] virtual SteadyPoint steady_now() const = 0;  // for deadlines
  [[nodiscard]] virtual std::unique_ptr<Timer> make_timer(asio::any_io_executor executor) = 0;
};

// The machine's clocks. Safe from any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] SteadyPoint steady_now() const override;
  [[nodiscard]] std::unique_ptr<Timer> make_timer(asio::any_io_executor executor) override;
};

// A moment by which something ends. Each layer gives the next one a little less, so that the innermost, most telling
// reason is the one reported.
class Deadline {
 public:
  explicit Deadline(SteadyPoint at) : at_(at) {}
  [[nodiscard]] static Deadline after(const Clock& clock, std::chrono::milliseconds budget) {
    return Deadline(clock.steady_now() + budget);
  }
  [[nodiscard]] SteadyPoint at() const { return at_; }
  [[nodiscard]] Deadline earlier_by(std::chrono::milliseconds margin) const { return Deadline(at_ - margin); }
  // The sooner of this and `budget` from now: a step's own limit.
  [[nodiscard]] Deadline at_most(const Clock& clock, std::chrono::milliseconds budget) const {
    return Deadline(std::min(at_, clock.steady_now() + budget));
  }
  [[nodiscard]] bool passed(const Clock& clock) const { return clock.steady_now() >= at_; }
  [[nodiscard]] std::chrono::milliseconds left(const Clock& clock) const {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - clock.steady_now());
    return std::max(rest, std::chrono::milliseconds{0});
  }

 private:
  SteadyPoint at_;
};

}  // namespace mpic
