// Virtual time: timers fire in order as fast as the work between them allows, and now() never moves by
// itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <set>

#include "common/async/clock.hpp"

namespace mpic::test {

// Single-threaded. run() drives the io_context: while handlers are ready they run; when none is, time jumps
// to the next timer. It ends when nothing is left to do.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint start) : start_(start) {}

  [[nodiscard]] TimePoint now() const override { return start_ + (steady_ - SteadyPoint{}); }
  [[nodiscard]] SteadyPoint steady_now() const override { return steady_; }
  [[nodiscard]] std::unique_ptr<Timer> make_timer(asio::any_io_executor executor) override;

  // Runs until no handler is ready and no timer is waiting. `limit` handlers at most: a scenario that never
  // ends is a failed scenario (std::runtime_error).
  void run(asio::io_context& context, std::size_t limit = 10'000'000);

 private:
  class FakeTimer;
  void advance();
  TimePoint start_;
  SteadyPoint steady_{};
  std::uint64_t turns_ = 0;
  std::set<FakeTimer*> waiting_;
};

}  // namespace mpic::test
