// Whether a perspective is planned onto, in virtual time: each row is a story, and how it ends.
#include "coordinator/perspectives/health.hpp"

#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

// Words of a story: "+" connected, "-" connection lost, "ok" answered, "no" failed by our fault, "odd" evidence
// invalid, "late" not waited for, "ill" not ready by its own word, "well" ready by its own word; "5s" lets time pass;
// "x3" says the word before it twice more; "x3/2s" the same, with 2 s after each.
class Told {
 public:
  explicit Told(const std::string& story) {
    std::istringstream words(story);
    std::string last;
    for (std::string word; words >> word; last = word) {
      if (word[0] == 'x') {
        repeat(last, word.substr(1));
      } else {
        tell(word);
      }
    }
  }
  [[nodiscard]] Standing standing() { return health_.standing(now_); }

 private:
  void repeat(const std::string& word, const std::string& how) {
    const auto slash = how.find('/');
    const std::string pause = slash == std::string::npos ? "0s" : how.substr(slash + 1);
    tell(pause);
    for (int i = 1; i < std::stoi(how); ++i) {
      tell(word);
      tell(pause);
    }
  }
  void tell(const std::string& word) {
    if (word == "+") return health_.note_connected(true, now_);
    if (word == "-") return health_.note_connected(false, now_);
    if (word == "ill") return health_.note_status(false, "its resolver is away", now_);
    if (word == "well") return health_.note_status(true, "", now_);
    if (word == "ok") return health_.note_outcome(Outcome::kCouldNotLook, now_);
    if (word == "no") return health_.note_outcome(Outcome::kRefused, now_);
    if (word == "odd") return health_.note_outcome(Outcome::kEvidenceInvalid, now_);
    if (word == "late") return health_.note_outcome(Outcome::kNotWaitedFor, now_);
    REQUIRE(word.back() == 's');
    now_ += std::chrono::seconds(std::stoi(word));
  }

  SteadyPoint now_{1h};
  DampedHealth health_;
};

struct Row {
  const char* rule;
  const char* story;
  const char* why;  // empty: it ends ready
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.story << ")") {
      const Standing standing = Told(row.story).standing();
      CHECK(standing.why == row.why);
      CHECK(standing.ready == standing.why.empty());
    }
}

}  // namespace

TEST_CASE("what makes a ready perspective not ready, and what does not", "[health]") {
  const Row rows[] = {
      {"before its first connection it is not ready", "30s", "it has not been connected yet"},
      {"with its first connection it is, at once", "30s +", ""},
      {"that it cannot be reached at first changes nothing", "- 1s - 1s +", ""},
      {"a connection lost for less than 5 s keeps it ready", "+ - 4s", ""},
      {"and after it is back, ready it stays", "+ - 4s + 60s", ""},
      {"5 s without a connection are too long", "+ - 5s", "no connection for 5 s"},
      {"however often it was tried meanwhile", "+ - 3s - 3s -", "no connection for 6 s"},
      {"two connections lost in a minute are chance", "+ x20/1s - 1s + 40s - 1s +", ""},
      {"three are not", "+ - 1s + 20s - 1s + 20s - 1s +",
       "it lost its connection 3 times in 42 s; good again for 0 s of 30 s"},
      {"three in two minutes are", "+ - 1s + 50s - 1s + 50s - 1s +", ""},
      {"one failure among many keeps it ready", "+ ok x9 no ok x9", ""},
      {"two in a row too", "+ ok no x2 ok", ""},
      {"and the next two after an answer", "+ no x2 ok no x2", ""},
      {"three in a row do not", "+ ok x9 no x3",
       "3 attempts in a row got no usable answer from it; good again for 0 s of 30 s"},
      {"nor does evidence that does not verify", "+ odd x3",
       "3 attempts in a row got no usable answer from it; good again for 0 s of 30 s"},
      {"who was not waited for says nothing", "+ no x2 late x5 ok no x2", ""},
      {"not even between two failures", "+ no x2 late no",
       "3 attempts in a row got no usable answer from it; good again for 0 s of 30 s"},
      {"ten of the last twenty may fail", "+ no no ok no no ok no no ok no no ok no no ok ok ok ok ok ok", ""},
      {"eleven may not", "+ no no ok no no ok no no ok no no ok no no ok no",
       "11 of its last 20 attempts got no usable answer; good again for 0 s of 30 s"},
      {"those before the last twenty do not count", "+ no no ok no no ok no no ok no no ok no no ok ok x15 no no ok no",
       ""},
      {"a connection that breaks with many attempts open is one event", "+ ok - no x50 1s + no x50 13s no x3", ""},
      {"until 15 s later", "+ ok - 1s + 14s no x3",
       "3 attempts in a row got no usable answer from it; good again for 0 s of 30 s"},
      {"its own word counts after 10 s", "+ well ill 10s", "not ready by its own word for 10 s: its resolver is away"},
      {"and not before", "+ well ill 9s", ""},
      {"however often it says it", "+ ill 6s ill 6s", "not ready by its own word for 12 s: its resolver is away"},
      {"a moment in which it calls itself ready begins anew", "+ ill 9s well ill 9s", ""},
  };
  check(rows);
}

TEST_CASE("what makes it ready again", "[health]") {
  const Row rows[] = {
      {"30 s of connection", "+ - 60s + 30s", ""},
      {"not less", "+ - 60s + 29s", "it had no connection; good again for 29 s of 30 s"},
      {"a loss in between begins anew", "+ - 60s + 20s - 1s + 20s",
       "it had no connection; good again for 20 s of 30 s"},
      {"a failure in between too", "+ no x3 20s no 20s",
       "3 attempts in a row got no usable answer from it; good again for 20 s of 30 s"},
      {"an answer does not", "+ no x3 20s ok 10s", ""},
      {"its own word, for 30 s", "+ ill 60s well 30s", ""},
      {"not less of it", "+ ill 60s well 29s", "it called itself not ready; good again for 29 s of 30 s"},
      {"a new connection takes back what it said of itself on the last", "+ ill 60s - 1s + 30s", ""},
      {"while it has no connection, its own word does not count", "+ - 60s well 60s", "no connection for 120 s"},
      {"what made it fall does not do so again", "+ no x3 30s no x2 ok", ""},
      {"falling again within 10 minutes doubles the time", "+ no x3 40s no x3 30s",
       "3 attempts in a row got no usable answer from it; good again for 30 s of 60 s"},
      {"and once more", "+ no x3 40s no x3 70s no x3 119s",
       "3 attempts in a row got no usable answer from it; good again for 119 s of 120 s"},
      {"then it is ready", "+ no x3 40s no x3 70s no x3 120s", ""},
      {"up to 5 minutes", "+ no x3 40s no x3 70s no x3 130s no x3 250s no x3 310s no x3 310s no x3 299s",
       "3 attempts in a row got no usable answer from it; good again for 299 s of 300 s"},
      {"and then it is ready too", "+ no x3 40s no x3 70s no x3 130s no x3 250s no x3 310s no x3 300s", ""},
      {"who falls after 10 good minutes has 30 s again", "+ no x3 40s no x3 60s 600s no x3 30s", ""},
  };
  check(rows);
}

TEST_CASE("a deployment's perspectives, each by itself, and the operator's will", "[health]") {
  const auto id = [](const char* text) { return PerspectiveId::parse(text).value(); };
  const auto deployment = [&](std::vector<std::pair<const char*, bool>> entries) {
    Deployment out;
    for (const auto& [name, drained] : entries) {
      PerspectiveEntry entry{.where = {.id = id(name)}};
      entry.drained = drained;
      out.perspectives.push_back(std::move(entry));
    }
    return out;
  };
  test::FakeClock clock(test::kSomeDay);
  const SteadyPoint now = clock.steady_now();
  HealthBoard board(deployment({{"a", false}, {"b", true}}), clock);
  for (const char* name : {"a", "b", "c"}) board.note_connected(id(name), true, now);
  CHECK(board.standing(id("a")).ready);
  CHECK(board.standing(id("b")).why == "drained by the operator");
  CHECK(board.standing(id("c")).why == "not part of the deployment");
  for (int i = 0; i < 3; ++i) board.note_outcome(id("a"), Outcome::kUnreachable, now);
  CHECK_FALSE(board.standing(id("a")).ready);

  SECTION("a reload drains and undrains; health stays") {
    board.apply(deployment({{"a", false}, {"b", false}, {"c", false}}));
    CHECK_FALSE(board.standing(id("a")).ready);
    CHECK(board.standing(id("b")).ready);
    CHECK(board.standing(id("c")).why == "it has not been connected yet");
  }
  SECTION("who was removed and comes back begins anew") {
    board.apply(deployment({{"b", false}}));
    board.note_connected(id("a"), true, now);
    CHECK(board.standing(id("a")).why == "not part of the deployment");
    board.apply(deployment({{"a", false}}));
    CHECK(board.standing(id("a")).why == "it has not been connected yet");
  }
}
