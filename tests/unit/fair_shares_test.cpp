// How many requests of each client may be in progress: in all, by its own limit, by fair shares; and who waits gets
// what is given back.
#include <fmt/format.h>

#include <deque>
#include <map>
#include <sstream>

#include "coordinator/pipeline/admission.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

std::vector<ClientEntry> clients(const std::string& words) {
  std::vector<ClientEntry> out;
  std::istringstream in(words);
  for (std::string word; in >> word;) {  // "A" or "A5": with a limit of its own
    out.push_back({.name = word.substr(0, 1), .san = word.substr(0, 1)});
    if (word.size() > 1) out.back().open_requests = std::stoul(word.substr(1));
  }
  return out;
}

// Clients that take what they are given: "A30" is A asking 30 times, "-A2" two of A's requests ending.
class Crowd {
 public:
  explicit Crowd(Admission& admission) : admission_(admission) {}

  void act(const std::string& words) {
    std::istringstream in(words);
    for (std::string word; in >> word;) {
      const bool leaves = word[0] == '-';
      const std::string client = word.substr(leaves ? 1 : 0, 1);
      const auto times = std::stoul(word.substr(leaves ? 2 : 1));
      for (std::size_t i = 0; i < times; ++i) leaves ? leave(client) : ask(client);
    }
  }

  [[nodiscard]] std::string in_progress() const {
    std::string out;
    for (const auto& [client, seats] : seats_) {
      if (!seats.empty()) out += fmt::format("{}{}{}", out.empty() ? "" : " ", client, seats.size());
    }
    return out;
  }
  [[nodiscard]] const std::string& last_refusal() const { return last_refusal_; }

 private:
  void ask(const std::string& client) {
    auto seat = admission_.seat(client);
    if (seat) {
      seats_[client].push_back(*std::move(seat));
    } else {
      last_refusal_ = seat.error().detail;
    }
  }
  void leave(const std::string& client) { seats_.at(client).pop_front(); }

  Admission& admission_;
  std::map<std::string, std::deque<Admission::Seat>> seats_;
  std::string last_refusal_;
};

struct Noted final : Admission::Watcher {
  void refused(Refusal why) override { ++refusals[std::string(to_string(why))]; }
  void in_progress(const std::string& client, std::size_t now) override { open[client] = now; }
  void waiting(std::size_t requests) override { waits = requests; }
  std::map<std::string, int> refusals;
  std::map<std::string, std::size_t> open;
  std::size_t waits = 0;
};

// Requests that wait for their turn, by name: "A1" is A's first.
class Queue {
 public:
  explicit Queue(Admission& admission) : admission_(admission) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  // Nobody is let in any more by what ends here, or later.
  ~Queue() {
    for (const auto& [name, mark] : tickets_) (void)admission_.give_up(&mark);
    while (!seats_.empty()) end(std::string(seats_.begin()->first));
  }
  void wait(const std::string& name) {
    admission_.wait_for_seat(name.substr(0, 1), ticket(name), [this, name](Expected<Admission::Seat> seat) {
      begun += (begun.empty() ? "" : " ") + name;
      if (seat) {
        seats_.emplace(name, *std::move(seat));
      } else {
        begun += ":" + std::string(to_string(seat.error().code));
      }
    });
  }
  bool give_up(const std::string& name) { return admission_.give_up(ticket(name)); }
  void end(const std::string& name) { const auto seat = seats_.extract(name); }
  std::string begun;  // in their order

 private:
  const void* ticket(const std::string& name) { return &tickets_[name]; }
  Admission& admission_;
  std::map<std::string, int> tickets_;
  std::map<std::string, Admission::Seat> seats_;
};

}  // namespace

TEST_CASE("places are given in all, by a client's own limit, and the last tenth by fair shares", "[admission]") {
  struct Row {
    const char* rule;
    std::size_t in_all;
    const char* configured;
    const char* what_happens;
    const char* in_progress;
  };
  const Row rows[] = {
      {"the only client there is gets everything", 20, "A", "A30", "A20"},
      {"of two, one alone leaves the last tenth", 20, "A B", "A30", "A18"},
      {"which is for the other", 20, "A B", "A30 B30", "A18 B2"},
      {"what the flood gives back, it gets again up to nine tenths of all", 20, "A B", "A30 B30 -A5 A30 B30", "A16 B4"},
      {"a third comes in with the next place, since neither of the others may have it", 20, "A B C",
       "A30 B30 -A4 B30 A30 C1 -A1 A30 B30 C30", "A13 B6 C1"},
      {"floods of three end near their fair shares", 30, "A B C",
       "A40 B40 C40 -A10 C40 B40 A40 -A5 A40 B40 C40 -A5 C40 B40 A40", "A9 B9 C12"},
      {"who has less than the share gets more than the free nine tenths", 20, "A B C D", "A9 B9 C1 D1", "A9 B9 C1 D1"},
      {"a client's own limit is the least of all", 20, "A5 B", "A30", "A5"},
      {"and holds when nobody else asks", 20, "A5", "A30", "A5"},
      {"a limit over that in all changes nothing", 20, "A500", "A30", "A20"},
      {"one place is enough for one", 1, "A B", "A3 B3", "A1"},
      {"and is the other's when it is free", 1, "A B", "A3 B3 -A1 B3 A3", "B1"},
      {"of two places each client gets one", 2, "A B", "A3 B3", "A1 B1"},
      {"with ten, one is kept", 10, "A B", "A30 B30", "A9 B1"},
      {"clients that nobody configured share alike", 20, "", "A30 B30", "A20"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.what_happens << ")") {
      Admission admission({.open_requests = row.in_all}, clients(row.configured));
      Crowd crowd(admission);
      crowd.act(row.what_happens);
      CHECK(crowd.in_progress() == row.in_progress);
    }
}

TEST_CASE("a refusal says which limit it is, and to try again", "[admission]") {
  struct Row {
    const char* configured;
    const char* what_happens;
    const char* reason;
    const char* says;
  };
  const Row rows[] = {
      {"A", "A21", "in_all", "20 requests are in progress, the limit; try again"},
      {"A5", "A6", "client", "5 requests of this client are in progress, its limit; try again"},
      {"A B", "A19", "fair_share",
       "18 requests are in progress, 18 of them this client's; what is left of 20 is for clients with less than their "
       "fair share of 10; try again"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.reason) {
      Noted noted;
      Admission admission({.open_requests = 20}, clients(row.configured), &noted);
      Crowd crowd(admission);
      crowd.act(row.what_happens);
      CHECK(crowd.last_refusal() == row.says);
      CHECK(noted.refusals == std::map<std::string, int>{{row.reason, 1}});
      CHECK(noted.open["A"] == std::stoul(crowd.in_progress().substr(1)));
    }
}

TEST_CASE("other limits hold from the next request on", "[admission]") {
  Admission admission({.open_requests = 5}, clients("A"));
  Crowd crowd(admission);
  crowd.act("A10");
  admission.apply({.open_requests = 3}, clients("A"));
  crowd.act("-A2 A10");
  CHECK(crowd.in_progress() == "A3");
  admission.apply({.open_requests = 10}, clients("A4"));
  crowd.act("A10");
  CHECK(crowd.in_progress() == "A4");
}

TEST_CASE("who waits gets what is given back, first come first", "[admission]") {
  Noted noted;
  Admission admission({.open_requests = 10}, clients("A B1"), &noted);
  Crowd crowd(admission);
  Queue queue(admission);
  SECTION("at once, where there is room") {
    queue.wait("A1");
    CHECK(queue.begun == "A1");
    CHECK(noted.waits == 0);
  }
  SECTION("in the order of their coming") {
    crowd.act("A9 B1");
    for (const char* name : {"A1", "A2", "A3"}) queue.wait(name);
    CHECK(noted.waits == 3);
    CHECK(noted.refusals.empty());
    crowd.act("-A1");  // it is for a client with less than its share of 5
    CHECK(queue.begun.empty());
    crowd.act("-B1");
    CHECK(queue.begun == "A1");
    crowd.act("-A1 -A1");
    CHECK(queue.begun == "A1 A2 A3");
    CHECK(noted.waits == 0);
  }
  SECTION("one that may not have it yet holds up nobody else") {
    crowd.act("A9 B1");
    queue.wait("A1");
    queue.wait("B1");
    crowd.act("-B1");
    CHECK(queue.begun == "B1");
  }
  SECTION("a place that a request of the queue gives back goes to the next") {
    queue.wait("B1");
    queue.wait("B2");
    queue.wait("B3");
    CHECK(queue.begun == "B1");
    queue.end("B1");
    CHECK(queue.begun == "B1 B2");
    queue.end("B2");
    CHECK(queue.begun == "B1 B2 B3");
  }
  SECTION("who gave up is passed over, and knows that it was in time") {
    crowd.act("B1");
    for (const char* name : {"B1", "B2"}) queue.wait(name);
    CHECK(queue.give_up("B1"));
    CHECK_FALSE(queue.give_up("B1"));
    crowd.act("-B1");
    CHECK(queue.begun == "B2");
    CHECK_FALSE(queue.give_up("B2"));
  }
  SECTION("more room by another configuration") {
    crowd.act("B1");
    queue.wait("B1");
    admission.apply({.open_requests = 10}, clients("A B2"));
    CHECK(queue.begun == "B1");
  }
  SECTION("when it is closed, who waits is told, and nobody else comes in") {
    crowd.act("B1");
    queue.wait("B1");
    admission.close();
    CHECK(queue.begun == "B1:INTERNAL");
    queue.wait("A1");
    CHECK(queue.begun == "B1:INTERNAL A1:INTERNAL");
    crowd.act("-B1 A1");
    CHECK(crowd.in_progress().empty());
    CHECK(crowd.last_refusal() == "this coordinator is shutting down");
    CHECK(noted.refusals["shutting_down"] == 3);
  }
}
