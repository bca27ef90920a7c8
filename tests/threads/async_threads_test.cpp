// Io threads, mailboxes and metrics as the programs use them: work that crosses from one thread to another only by
// post(). For the thread sanitizer.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "common/async/gather.hpp"
#include "common/async/io_threads.hpp"
#include "common/async/mailbox.hpp"
#include "common/telemetry/metrics.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;

namespace {

constexpr int kSenders = 4;
constexpr int kEach = 500;

asio::awaitable<void> collect(std::shared_ptr<Mailbox<int>> mailbox, int expected, std::atomic<int>& sum) {
  int total = 0;
  for (int i = 0; i < expected; ++i) total += co_await mailbox->pop();
  sum = total;
}

asio::awaitable<int> hop(asio::any_io_executor home, int value) {
  for (int i = 0; i < 10; ++i) co_await asio::post(home, asio::use_awaitable);
  co_return value;
}

asio::awaitable<void> gathered(std::atomic<int>& sum) {
  const auto home = co_await asio::this_coro::executor;
  std::vector<asio::awaitable<int>> work;
  for (int i = 1; i <= 10; ++i) work.push_back(hop(home, i));
  const auto results = co_await gather(std::move(work));
  for (const int result : results) sum += result;
}

void wait_for(const std::atomic<int>& value, int expected) {
  while (value != expected) std::this_thread::yield();
}

}  // namespace

TEST_CASE("a mailbox takes what other threads post to its own", "[async][threads]") {
  std::atomic<int> sum = 0;
  IoThreads threads(kSenders);
  auto& home = threads.next();
  const auto mailbox = std::make_shared<Mailbox<int>>(home.get_executor());
  asio::co_spawn(home, collect(mailbox, kSenders * kEach, sum), asio::detached);
  std::vector<std::thread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) asio::post(home, [mailbox] { mailbox->push(1); });
    });
  }
  for (std::thread& sender : senders) sender.join();
  wait_for(sum, kSenders * kEach);
  CHECK(sum == kSenders * kEach);
}

TEST_CASE("each io thread gathers its own work", "[async][threads]") {
  std::atomic<int> sum = 0;
  IoThreads threads(kSenders);
  for (int i = 0; i < 40; ++i) asio::co_spawn(threads.next(), gathered(sum), asio::detached);
  wait_for(sum, 40 * 55);
  CHECK(sum == 40 * 55);
}

TEST_CASE("io threads stop while work is under way", "[async][threads]") {
  std::atomic<int> sum = 0;
  IoThreads threads(2);
  for (int i = 0; i < 1'000; ++i) {
    auto& io = threads.next();
    asio::co_spawn(io, hop(io.get_executor(), 1), [&sum](std::exception_ptr, int one) { sum += one; });
  }
  threads.stop();
  CHECK(sum <= 1'000);
}

TEST_CASE("metrics are counted by many threads while they are read", "[telemetry][threads]") {
  telemetry::Metrics metrics;
  std::vector<std::thread> counting;
  for (int i = 0; i < kSenders; ++i) {
    counting.emplace_back([&metrics, i] {
      for (int turn = 0; turn < kEach; ++turn) {
        metrics.counter("mpic_turns_total", "Turns").Increment();
        metrics.gauge("mpic_last", "Last", {{"thread", std::to_string(i)}}).Set(turn);
        metrics.seconds("mpic_seconds", "Seconds").Observe(0.001 * turn);
        if (turn % 50 == 0) (void)metrics.text();
      }
    });
  }
  for (std::thread& thread : counting) thread.join();
  CHECK(metrics.counter("mpic_turns_total", "Turns").Value() == kSenders * kEach);
}
