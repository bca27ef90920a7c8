// Runs coroutines at once on the current executor and waits for all of them; results in the order given.
// An exception in one of them is a bug of ours: it is rethrown when all have ended.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "common/async/mailbox.hpp"

namespace mpic {

template <class T>
asio::awaitable<std::vector<T>> gather(std::vector<asio::awaitable<T>> work) {
  struct State {
    explicit State(asio::any_io_executor executor, std::size_t size) : done(std::move(executor)), results(size) {}
    Mailbox<std::size_t> done;
    std::vector<std::optional<T>> results;
    std::exception_ptr error;
  };
  const auto executor = co_await asio::this_coro::executor;
  const auto state = std::make_shared<State>(executor, work.size());
  for (std::size_t i = 0; i < work.size(); ++i) {
    asio::co_spawn(executor, std::move(work[i]), [state, i](std::exception_ptr error, T result) {
      if (error) {
        state->error = error;
      } else {
        state->results[i] = std::move(result);
      }
      state->done.push(i);
    });
  }
  for (std::size_t i = 0; i < work.size(); ++i) co_await state->done.pop();
  if (state->error) std::rethrow_exception(state->error);
  std::vector<T> results;
  results.reserve(work.size());
  for (auto& result : state->results) results.push_back(std::move(*result));
  co_return results;
}

}  // namespace mpic
