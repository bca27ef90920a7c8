#include "common/async/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mpic {
namespace {

class SystemTimer final : public Timer {
 public:
  explicit SystemTimer(asio::any_io_executor executor) : timer_(std::move(executor)) {}

  asio::awaitable<bool> wait_until(SteadyPoint when) override {
    timer_.expires_at(when);
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  void cancel() override { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace

TimePoint SystemClock::now() const { return std::chrono::system_clock::now(); }
SteadyPoint SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }
std::unique_ptr<Timer> SystemClock::make_timer(asio::any_io_executor executor) {
  return std::make_unique<SystemTimer>(std::move(executor));
}

}  // namespace mpic
