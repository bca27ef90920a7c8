// Work that blocks, on a thread of its own: in order, bounded, and none that was taken is lost. For the thread
// sanitizer.
#include "common/async/worker.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <vector>

#include "tests/support/catch.hpp"

using namespace mpic;

TEST_CASE("a worker does what it took, in order, before it ends", "[async][threads]") {
  std::vector<int> done;
  {
    Worker worker(1'000);
    for (int i = 0; i < 1'000; ++i) {
      if (!worker.post([&done, i] { done.push_back(i); })) --i;  // full: again
    }
  }
  REQUIRE(done.size() == 1'000);
  CHECK(std::is_sorted(done.begin(), done.end()));
}

TEST_CASE("a worker takes no more than may wait", "[async][threads]") {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<int> done{0};
  {
    Worker worker(2);
    REQUIRE(worker.post([&] {
      begun.set_value();
      go_on.get_future().wait();
    }));
    begun.get_future().wait();
    CHECK(worker.post([&] { ++done; }));
    CHECK(worker.post([&] { ++done; }));
    CHECK_FALSE(worker.post([&] { ++done; }));
    go_on.set_value();
  }
  CHECK(done == 2);
}

TEST_CASE("many threads may hand work to a worker", "[async][threads]") {
  std::atomic<int> taken{0};
  int done = 0;
  {
    Worker worker(50);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 500; ++turn) {
          if (worker.post([&] { ++done; })) ++taken;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(done == taken);
  CHECK(done > 0);
}
