#include "common/async/gather.hpp"

#include <boost/asio/post.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

asio::awaitable<int> number_after(Clock& clock, std::chrono::milliseconds wait, int number, int& alive) {
  struct Alive {
    explicit Alive(int& c) : count(c) { ++count; }
    ~Alive() { --count; }
    int& count;
  } mark(alive);
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock.make_timer(executor);
  co_await timer->wait_until(clock.steady_now() + wait);
  if (number < 0) throw std::runtime_error("negative");
  co_return number;
}

asio::awaitable<std::vector<int>> three(Clock& clock, int last, int& alive) {
  std::vector<asio::awaitable<int>> work;
  work.push_back(number_after(clock, 300ms, 1, alive));
  work.push_back(number_after(clock, 100ms, 2, alive));
  work.push_back(number_after(clock, 200ms, last, alive));
  co_return co_await gather(std::move(work));
}

}  // namespace

TEST_CASE("gather runs at once and keeps the order given", "[async]") {
  VirtualTime time;
  int alive = 0;
  CHECK(time.run(three(time.clock, 3, alive)) == std::vector<int>{1, 2, 3});
  CHECK(time.elapsed() == 300ms);
}

TEST_CASE("gather of nothing ends", "[async]") {
  VirtualTime time;
  CHECK(time.run(gather(std::vector<asio::awaitable<int>>{})).empty());
}

TEST_CASE("an exception is rethrown when all have ended", "[async]") {
  VirtualTime time;
  int alive = 0;
  CHECK_THROWS_AS(time.run(three(time.clock, -1, alive)), std::runtime_error);
  CHECK(alive == 0);
  CHECK(time.elapsed() == 300ms);
}

TEST_CASE("a cancelled gather ends at once, after all its children", "[async]") {
  VirtualTime time;
  int alive = 0;
  int alive_at_end = -1;
  bool aborted = false;
  asio::cancellation_signal signal;
  auto on_end = [&](std::exception_ptr error, std::vector<int>) {
    alive_at_end = alive;
    try {
      if (error) std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
      aborted = e.code() == asio::error::operation_aborted;
    }
  };
  asio::co_spawn(time.context, three(time.clock, 3, alive), asio::bind_cancellation_slot(signal.slot(), on_end));
  SECTION("in the middle, when one has ended already") {
    const auto canceller = [&]() -> asio::awaitable<int> {
      const auto timer = time.clock.make_timer(time.context.get_executor());
      co_await timer->wait_until(time.clock.steady_now() + 150ms);
      signal.emit(asio::cancellation_type::terminal);
      co_return 0;
    };
    time.run(canceller());
    CHECK(time.elapsed() == 150ms);
  }
  SECTION("before it began") {
    signal.emit(asio::cancellation_type::terminal);
    time.clock.run(time.context);
    CHECK(time.elapsed() == 0ms);
  }
  CHECK(aborted);
  CHECK(alive_at_end == 0);
}
