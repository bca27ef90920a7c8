// Who sets the system's clock is noticed.
#include "coordinator/program/clock_watch.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace std::chrono_literals;

namespace {

class HandSetClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return test::kSomeDay + elapsed + ahead; }
  [[nodiscard]] SteadyPoint steady_now() const override { return SteadyPoint{} + elapsed; }
  [[nodiscard]] std::unique_ptr<Timer> make_timer(asio::any_io_executor) override { return nullptr; }
  std::chrono::milliseconds elapsed{0};
  std::chrono::milliseconds ahead{0};
};

}  // namespace

TEST_CASE("a clock that was set is noticed, one that is steered is not", "[clock]") {
  HandSetClock clock;
  coordinator::ClockWatch watch(clock);
  CHECK_FALSE(watch.look());
  for (int second = 0; second < 100; ++second) {  // 10 ms too fast in each: what time synchronisation does
    clock.elapsed += 1s;
    clock.ahead += 10ms;
    CHECK_FALSE(watch.look());
  }
  clock.ahead -= 1h;
  CHECK(watch.look() == std::chrono::milliseconds(-1h));
  CHECK_FALSE(watch.look());  // told once
  clock.ahead += 2s;
  CHECK(watch.look() == 2s);
}
