// Waiting for work that blocks, without blocking: it is done elsewhere, and who waits goes on where it was.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "common/async/mailbox.hpp"

namespace mpic {

// Somewhere that blocking work is done: Worker::post, or in tests at once. False: there is no place for it.
using Elsewhere = std::function<bool(std::function<void()>)>;

// What `work` gives; none when there was no place for it. `work` must not throw. Resumes on the caller's executor.
template <class T>
asio::awaitable<std::optional<T>> done_elsewhere(const Elsewhere& elsewhere, std::function<T()> work) {
  const auto executor = co_await asio::this_coro::executor;
  const auto result = std::make_shared<Mailbox<T>>(executor);
  std::function<void()> job = [executor, result, work = std::move(work)] {
    asio::post(executor, [result, value = work()]() mutable { result->push(std::move(value)); });
  };
  if (!elsewhere(std::move(job))) co_return std::nullopt;
  co_return co_await result->pop();
}

}  // namespace mpic
