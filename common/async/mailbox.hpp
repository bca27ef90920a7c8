// A queue with one waiting reader, on one executor: how results of concurrent work reach the coroutine that
// collects them. push() may come from any handler on that executor, never from another thread.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <utility>

namespace mpic {

namespace asio = boost::asio;

template <class T>
class Mailbox {
 public:
  explicit Mailbox(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void push(T value) {
    queue_.push_back(std::move(value));
    if (reader_) asio::post(executor_, std::exchange(reader_, nullptr));
  }

  [[nodiscard]] bool empty() const { return queue_.empty(); }

  // Waits for the next value. One reader at a time.
  asio::awaitable<T> pop() {
    while (queue_.empty()) {
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
          [this](auto handler) {
            // Without the reader's cancellation slot: it stays free for whoever waits here (gather).
            // swap(): move assignment of Boost 1.81's any_completion_handler wraps the handler in itself, without end.
            asio::any_completion_handler<void()> waiting(
                asio::bind_cancellation_slot(asio::cancellation_slot(), std::move(handler)));
            reader_.swap(waiting);
          },
          asio::use_awaitable);
    }
    T value = std::move(queue_.front());
    queue_.pop_front();
    co_return value;
  }

 private:
  asio::any_io_executor executor_;
  std::deque<T> queue_;
  asio::any_completion_handler<void()> reader_;
};

}  // namespace mpic
