#include "tests/support/fake_clock.hpp"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "common/async/mailbox.hpp"

namespace mpic::test {

class FakeClock::FakeTimer final : public Timer {
 public:
  FakeTimer(FakeClock& clock, asio::any_io_executor executor) : clock_(clock), fired_(std::move(executor)) {}
  ~FakeTimer() override { clock_.waiting_.erase(this); }

  asio::awaitable<bool> wait_until(SteadyPoint at) override {
    when = at;
    turn = ++clock_.turns_;
    if (at <= clock_.steady_) co_return true;
    clock_.waiting_.insert(this);
    auto cancellation = co_await asio::this_coro::cancellation_state;
    const bool cancellable = cancellation.slot().is_connected();
    if (cancellable) cancellation.slot().assign([this](asio::cancellation_type) { cancel(); });
    const bool fired = co_await fired_.pop();
    if (cancellable) cancellation.slot().clear();
    co_return fired;
  }

  void cancel() override {
    if (clock_.waiting_.erase(this) != 0) fired_.push(false);
  }

  void fire() {
    clock_.waiting_.erase(this);
    fired_.push(true);
  }

  SteadyPoint when{};
  std::uint64_t turn = 0;  // of two that are due at the same moment, who waited first fires first

 private:
  FakeClock& clock_;
  Mailbox<bool> fired_;
};

std::unique_ptr<Timer> FakeClock::make_timer(asio::any_io_executor executor) {
  return std::make_unique<FakeTimer>(*this, std::move(executor));
}

void FakeClock::advance() {
  const auto next = std::min_element(waiting_.begin(), waiting_.end(), [](const FakeTimer* a, const FakeTimer* b) {
    return std::pair(a->when, a->turn) < std::pair(b->when, b->turn);
  });
  steady_ = std::max(steady_, (*next)->when);
  (*next)->fire();
}

void FakeClock::run(asio::io_context& context, std::size_t limit) {
  std::size_t handlers = 0;
  for (;;) {
    context.restart();
    while (context.poll_one() != 0) {
      if (++handlers > limit) throw std::runtime_error("virtual time does not come to rest");
    }
    if (waiting_.empty()) return;
    advance();
  }
}

}  // namespace mpic::test
