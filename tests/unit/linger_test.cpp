// Messages wait for company only where company comes.
#include "common/async/linger.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace std::chrono_literals;

namespace {

// The wait after `count` items, one every `pause`.
std::chrono::microseconds wait_after(std::size_t count, std::chrono::microseconds pause) {
  Linger linger;
  Linger::Time now{1h};
  std::chrono::microseconds wait{0};
  for (std::size_t i = 0; i < count; ++i, now += pause) wait = linger.after_item(now);
  return wait;
}

}  // namespace

TEST_CASE("nothing waits while little comes", "[linger]") {
  CHECK(wait_after(1, 1ms) == 0us);
  CHECK(wait_after(1'000, 6ms) == 0us);  // 167 in a second
}

TEST_CASE("the faster they come, the longer they wait, up to the longest", "[linger]") {
  const auto some = wait_after(2'000, 2'500us);  // 400 in a second
  CHECK(some > 1ms);
  CHECK(some < 2ms);
  CHECK(wait_after(10'000, 100us) == Linger::kLongest);
}

TEST_CASE("when the rush is over, nothing waits any more", "[linger]") {
  Linger linger;
  Linger::Time now{1h};
  for (int i = 0; i < 10'000; ++i, now += 100us) (void)linger.after_item(now);
  CHECK(linger.after_item(now) == Linger::kLongest);
  CHECK(linger.after_item(now + 2min) == 0us);
}
