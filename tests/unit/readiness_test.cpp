// When a coordinator calls itself ready, and what it says is missing.
#include "coordinator/program/readiness.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }

// Everything as it should be.
struct World {
  Deployment deployment = test::worldwide();
  ReadinessFacts facts;

  World() {
    facts.policy_time = at(2026y / 11 / 23);
    for (const PerspectiveEntry& entry : deployment.perspectives) {
      facts.perspectives.push_back({entry.where.id, true, "", "", {}});
    }
  }
  PerspectiveState& state(const std::string& id) {
    return *std::find_if(facts.perspectives.begin(), facts.perspectives.end(),
                         [&](const PerspectiveState& state) { return state.id.text() == id; });
  }
  PerspectiveEntry& entry(const std::string& id) {
    return *std::find_if(deployment.perspectives.begin(), deployment.perspectives.end(),
                         [&](const PerspectiveEntry& entry) { return entry.where.id.text() == id; });
  }
  void lose(std::initializer_list<const char*> ids) {
    for (const char* id : ids) {
      state(id).connected = false;
      state(id).last_error = "connection refused";
      state(id).standing = {false, "no connection for 9 s"};
    }
  }
  void remove(const std::string& id) {
    std::erase_if(facts.perspectives, [&](const PerspectiveState& state) { return state.id.text() == id; });
    std::erase_if(deployment.perspectives, [&](const PerspectiveEntry& entry) { return entry.where.id.text() == id; });
  }
  void assert_primary() {
    deployment.clients.front().asserted_primary = test::placed("theirs", Role::kPrimary, Rir::kRipe, 48.86, 2.35);
  }
};

std::string lines(const Assessment& assessment) {
  std::string out;
  for (const Missing& missing : assessment.missing) out += missing.what + ": " + missing.why + "\n";
  return out;
}

}  // namespace

TEST_CASE("ready is who can meet the policy of the day", "[readiness]") {
  struct Row {
    const char* rule;
    std::function<void(World&)> change;
    bool ready;
    const char* missing;
  };
  const Row rows[] = {
      {"everything is there", [](World&) {}, true, ""},
      {"of six remotes two may be gone, and are told",
       [](World& world) {
         world.lose({"dub", "jnb"});
       },
       true, "dub: connection refused\njnb: connection refused\n"},
      {"three may not",
       [](World& world) {
         world.lose({"dub", "jnb", "sin"});
       },
       false,
       "dub: connection refused\nsin: connection refused\njnb: connection refused\nquorum: 3 of 6 remote perspectives "
       "can be used; for 100 % of names that is too few\n"},
      {"of five, one", [](World& world) { world.remove("dub"), world.lose({"jnb"}); }, true,
       "jnb: connection refused\n"},
      {"not two",
       [](World& world) {
         world.remove("dub"), world.lose({"jnb", "sin"});
       },
       false,
       "sin: connection refused\njnb: connection refused\nquorum: 3 of 5 remote perspectives can be used; for 100 % of "
       "names that is too few\n"},
      {"nothing without the Primary", [](World& world) { world.lose({"primary"}); }, false,
       "primary: connection refused\n"},
      {"a Primary whose resolver is not known to validate is none",
       [](World& world) { world.state("primary").own_word = "its resolver does not validate"; }, false,
       "primary: its resolver does not validate\n"},
      {"a Primary is not spared for what it was, for it has no substitute",
       [](World& world) {
         world.state("primary").standing = {false, "good again for 3 s of 30 s"};
       },
       true, ""},
      {"a remote is",
       [](World& world) {
         for (const char* id : {"dub", "jnb", "sin"}) world.state(id).standing = {false, "3 failures in a row"};
       },
       false,
       "dub: 3 failures in a row\nsin: 3 failures in a row\njnb: 3 failures in a row\nquorum: 3 of 6 remote "
       "perspectives can be used; for 100 % of names that is too few\n"},
      {"but not for being drained, where all are asked",
       [](World& world) {
         for (const char* id : {"dub", "jnb", "sin"}) {
           world.entry(id).drained = true;
           world.state(id).standing = {false, "drained by the operator"};
         }
       },
       true, ""},
      {"a shadow may be gone", [](World& world) { world.entry("dub").where.role = Role::kShadow, world.lose({"dub"}); },
       true, "dub: connection refused\n"},
      {"without a Primary of its own, where every client speaks for one",
       [](World& world) { world.assert_primary(), world.remove("primary"); }, true, ""},
      {"with one that is gone, where every client speaks for one",
       [](World& world) { world.assert_primary(), world.lose({"primary"}); }, true, "primary: connection refused\n"},
      {"but not where one client does not",
       [](World& world) {
         world.assert_primary(), world.deployment.clients.push_back({.name = "b", .san = "b"});
         world.lose({"primary"});
       },
       false, "primary: connection refused\n"},
      {"records cannot be written", [](World& world) { world.facts.store_fault = "disk full"; }, false,
       "the record store cannot be written: disk full\n"},
      {"the log is not what was signed", [](World& world) { world.facts.log_fault = "it has 2 leaves, and had 3"; },
       false, "the log's checkpoints cannot be signed: it has 2 leaves, and had 3\n"},
      {"it ends", [](World& world) { world.facts.stopping = true; }, false, "coordinator: it is shutting down\n"},
      {"four remotes comply until the day before",
       [](World& world) {
         world.remove("dub"), world.remove("pdx"), world.facts.policy_time = at(2026y / 12 / 15) - 1s;
       },
       true, ""},
      {"and from midnight on they do not",
       [](World& world) { world.remove("dub"), world.remove("pdx"), world.facts.policy_time = at(2026y / 12 / 15); },
       false,
       "policy of 2026-12-15: BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4\nquorum: 4 of 4 remote "
       "perspectives can be used; for 100 % of names that is too few\n"},
      {"before the first phase", [](World& world) { world.facts.policy_time = at(2025y / 1 / 1); }, false,
       "policy: no phase of BR 3.2.2.9 is in force at the policy clock's date\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      World world;
      row.change(world);
      const Assessment found = assess(world.deployment, world.facts);
      CHECK(found.ready == row.ready);
      CHECK(lines(found) == row.missing);
    }
}

TEST_CASE("with planning it is ready when most names can be corroborated", "[readiness][planning]") {
  World world;
  world.deployment.planning.remotes = 5;
  world.deployment.planning.secret = std::string(32, 's');
  SECTION("one that is gone has a substitute") {
    world.lose({"jnb"});
    CHECK(assess(world.deployment, world.facts).ready);
    CHECK(lines(assess(world.deployment, world.facts)) == "jnb: connection refused\n");
  }
  SECTION("of two, one has none, and five tolerate one") {
    world.lose({"jnb", "dub"});
    CHECK(assess(world.deployment, world.facts).ready);
  }
  SECTION("three are too many, whichever name") {
    world.lose({"jnb", "dub", "sin"});
    CHECK_FALSE(assess(world.deployment, world.facts).ready);
  }
  SECTION("in cohorts it depends on the name, and is told in part") {
    world.facts.policy_time = at(2026y / 4 / 1);  // three remotes are asked for
    world.deployment.planning.remotes = 3;
    world.deployment.planning.cohorts = 2;
    world.lose({"jnb", "dub"});
    const Assessment found = assess(world.deployment, world.facts);
    REQUIRE(found.missing.size() == 3);
    CHECK(found.missing.back().what == "quorum");
    CHECK(found.missing.back().why.find("for 100 %") == std::string::npos);
  }
}
