// Runs coroutines at once on the current executor and waits for all of them; results in the order given.
// An exception in one of them is a bug of ours: it is rethrown when all have ended.
// Cancelling the caller (asio's cancellation slot) cancels all of them; they have ended when it sees the
// cancellation.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "common/async/mailbox.hpp"

namespace mpic {

template <class T>
asio::awaitable<std::vector<T>> gather(std::vector<asio::awaitable<T>> work) {
  struct State {
    explicit State(asio::any_io_executor executor, std::size_t size)
        : done(std::move(executor)), results(size), signals(size) {}
    Mailbox<std::size_t> done;
    std::vector<std::optional<T>> results;
    std::deque<asio::cancellation_signal> signals;
    std::exception_ptr error;
  };
  const auto executor = co_await asio::this_coro::executor;
  auto cancellation = co_await asio::this_coro::cancellation_state;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  // Children may use what the caller owns, so they are waited for even then.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto state = std::make_shared<State>(executor, work.size());
  for (std::size_t i = 0; i < work.size(); ++i) {
    auto on_end = [state, i](std::exception_ptr error, T result) {
      if (error) {
        state->error = error;
      } else {
        state->results[i] = std::move(result);
      }
      state->done.push(i);
    };
    asio::co_spawn(executor, std::move(work[i]),
                   asio::bind_cancellation_slot(state->signals[i].slot(), std::move(on_end)));
  }
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    for (auto& signal : state->signals) signal.emit(asio::cancellation_type::terminal);
  }
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (cancellation.slot().is_connected()) {  // anew each time: asio clears the slot when a coroutine resumes
      cancellation.slot().assign([state](asio::cancellation_type type) {
        for (auto& signal : state->signals) signal.emit(type);
      });
    }
    co_await state->done.pop();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (throws && cancellation.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted, "gather");
  }
  if (state->error) std::rethrow_exception(state->error);
  std::vector<T> results;
  results.reserve(work.size());
  for (auto& result : state->results) results.push_back(std::move(*result));
  co_return results;
}

}  // namespace mpic
