// Runs one coroutine to its end in virtual time and gives back what it returned.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "tests/support/fake_clock.hpp"

namespace mpic::test {

// An arbitrary day; nothing depends on the day a test runs.
inline constexpr TimePoint kSomeDay{std::chrono::sys_days{std::chrono::year{2027} / 1 / 10}};

struct VirtualTime {
  asio::io_context context;
  FakeClock clock{kSomeDay};

  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr error;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T value) {
      error = e;
      if (!e) result = std::move(value);
    });
    clock.run(context);
    if (error) std::rethrow_exception(error);
    return std::move(result).value();
  }

  [[nodiscard]] Deadline in(std::chrono::milliseconds budget) const { return Deadline::after(clock, budget); }
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - SteadyPoint{});
  }
};

}  // namespace mpic::test
