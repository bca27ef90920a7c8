// Rooms that many threads ask for at once: none is given twice or lost, and nobody who waits is forgotten. For the
// thread sanitizer.
#include <atomic>
#include <condition_variable>
#include <thread>

#include "coordinator/pipeline/admission.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

constexpr int kThreads = 4;
constexpr int kEach = 2'000;
constexpr std::size_t kRoom = 5;

std::vector<ClientEntry> clients(std::size_t limit) {
  std::vector<ClientEntry> out;
  for (int i = 0; i < kThreads; ++i) {
    out.push_back({.name = "client-" + std::to_string(i), .san = std::to_string(i), .open_requests = limit});
  }
  return out;
}

void in_threads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

struct Most {
  void enter() {
    const int now = ++inside;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
  }
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
};

}  // namespace

TEST_CASE("never more than there is room for, whoever asks", "[admission][threads]") {
  Admission admission({.open_requests = kRoom, .open_requests_per_target = 2}, clients(0));
  Most seats;
  Most places;
  in_threads([&](int i) {
    const std::string client = "client-" + std::to_string(i);
    for (int turn = 0; turn < kEach; ++turn) {
      const auto seat = admission.seat(client);
      if (!seat) continue;
      seats.enter();
      const auto place = admission.enter({"example.com"}, client, "");
      if (place) places.enter();
      if (place) --places.inside;
      --seats.inside;
    }
  });
  CHECK(seats.most <= static_cast<int>(kRoom));
  CHECK(places.most <= 2);
  // All of it was given back.
  std::vector<Admission::Seat> all;
  for (std::size_t i = 0; i < kRoom; ++i) {
    auto seat = admission.seat("client-" + std::to_string(i));
    REQUIRE(seat);
    all.push_back(*std::move(seat));
  }
}

TEST_CASE("everybody who waits is called once: with a seat, or because it was closed, unless it gave up",
          "[admission][threads]") {
  Admission admission({.open_requests = kRoom}, clients(3));
  std::atomic<int> begun{0};
  std::atomic<int> told{0};
  std::atomic<int> gave_up{0};
  std::vector<char> tickets(kThreads * kEach);
  in_threads([&](int i) {
    const std::string client = "client-" + std::to_string(i);
    for (int turn = 0; turn < kEach; ++turn) {
      const void* const ticket = &tickets[static_cast<std::size_t>(i * kEach + turn)];
      admission.wait_for_seat(client, ticket, [&](Expected<Admission::Seat> seat) { seat ? ++begun : ++told; });
      const auto taken = admission.seat(client);  // and gives it back, for somebody who waits
      if (turn % 3 == 0 && admission.give_up(ticket)) ++gave_up;
      if (turn % 500 == 0) admission.apply({.open_requests = kRoom}, clients(3));
    }
  });
  CHECK(told == 0);
  admission.close();
  CHECK(begun + told + gave_up == kThreads * kEach);
  CHECK(begun > 0);
}
