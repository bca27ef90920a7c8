// Runs one coroutine to its end with real sockets and in real time, and gives back what it returned.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "common/async/clock.hpp"

namespace mpic::test {

struct RealTime {
  asio::io_context context;
  SystemClock clock;
  std::chrono::milliseconds took{0};  // the last run

  // `cancel_after`: cancelled then, and none returned (operation_aborted), unless it had ended before.
  template <class T>
  std::optional<T> run(asio::awaitable<T> work, std::optional<std::chrono::milliseconds> cancel_after) {
    std::optional<T> result;
    std::exception_ptr error;
    asio::cancellation_signal signal;
    asio::steady_timer timer(context);
    const SteadyPoint start = clock.steady_now();
    asio::co_spawn(context, std::move(work),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, T value) {
                     error = e;
                     if (!e) result = std::move(value);
                     timer.cancel();
                   }));
    if (cancel_after) {
      timer.expires_after(*cancel_after);
      timer.async_wait([&](boost::system::error_code ended) {
        if (!ended) signal.emit(asio::cancellation_type::terminal);
      });
    }
    context.restart();
    context.run();  // until nothing is left: what goes on after the end would be seen in `took`
    took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - start);
    if (error && !cancel_after) std::rethrow_exception(error);
    return result;
  }
  template <class T>
  T run(asio::awaitable<T> work) {
    return *run(std::move(work), std::nullopt);
  }

  [[nodiscard]] Deadline in(std::chrono::milliseconds budget) const { return Deadline::after(clock, budget); }
};

}  // namespace mpic::test
