// What the log says of changes in the coordinator.
#include "coordinator/log/change_log.hpp"

#include "common/domain/version.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_fakes.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using test::LogOnFakes;

namespace {

struct Changing {
  LogOnFakes log;
  ChangeLog changes{log.store, log.time.clock, log.events, "mpic@host1"};

  [[nodiscard]] const Settings& settings() {
    held = log.settings.get();
    return *held;
  }
  [[nodiscard]] v1::ChangeEvent last() const {
    v1::ChangeEvent event;
    REQUIRE_FALSE(log.store.events.empty());
    REQUIRE(event.ParseFromString(log.store.events.back().body));
    return event;
  }
  SettingsPtr held;
};

std::vector<std::string> sentences(const v1::ChangeEvent& event) { return {event.what().begin(), event.what().end()}; }

}  // namespace

TEST_CASE("a start says what started, and how the last run ended", "[log]") {
  Changing changing;
  const auto started = [&] {
    const auto history = read_history(changing.log.store);
    REQUIRE(history);
    REQUIRE(changing.changes.started(changing.settings(), "/etc/mpic/coordinator.yaml", *history, 2));
    return sentences(changing.last());
  };
  const std::string first =
      "mpic-coordinator " + std::string(kSoftwareVersion) + " started with /etc/mpic/coordinator.yaml";
  const std::string closed = "requests of the last run that were closed as \"no result\": 2";
  CHECK(started() == std::vector<std::string>{first, "the log has no earlier run", closed});
  CHECK(started() ==
        std::vector<std::string>{
            first, "the last run had not ended in order: it crashed, was killed, or lost its power", closed});
  REQUIRE(changing.changes.stopped(changing.settings()));
  CHECK(started() == std::vector<std::string>{first, "the last run had ended in order", closed});

  const v1::ChangeEvent event = changing.last();
  CHECK(event.kind() == v1::ChangeEvent::STARTED);
  CHECK(event.log_origin() == "mpic.example/log");
  CHECK(event.who() == "mpic@host1");
  CHECK(wire::decode(event.at()) == changing.log.time.clock.now());
  CHECK(event.snapshot_sha256().size() == 32);
  CHECK(event.software_version() == kSoftwareVersion);
  CHECK(event.ruleset_version() == kRulesetVersion);
  CHECK(changing.log.events.kinds() == std::vector<std::string>{"started", "started", "stopped", "started"});
}

TEST_CASE("a reload says what is new, and keys are told of apart", "[log]") {
  Changing changing;
  const std::vector<std::string> news = {"client batch added", "signing key: aa to bb", "perspective dub: keys, place",
                                         "perspective iad: place", "checkpoint key: 01 to 02"};
  REQUIRE(changing.changes.reloaded(changing.settings(), "coordinator.yaml", news));
  CHECK(changing.last().kind() == v1::ChangeEvent::RELOADED);
  CHECK(sentences(changing.last()) == news);
  CHECK(changing.log.events.kinds() ==
        std::vector<std::string>{"configuration_changed", "key_changed", "key_changed", "key_changed"});
  REQUIRE(changing.changes.reloaded(changing.settings(), "coordinator.yaml", {}));
  CHECK(sentences(changing.last()) == std::vector<std::string>{"nothing is new"});
}

TEST_CASE("a reload that was refused says why, within bounds", "[log]") {
  Changing changing;
  const std::string reason = "coordinator.yaml:3: listen: \x1b[2J" + std::string(100'000, 'x');
  REQUIRE(changing.changes.reload_refused(changing.settings(), "coordinator.yaml", reason));
  const auto said = sentences(changing.last());
  REQUIRE(said.size() == 1);
  CHECK(said[0].size() <= 1'024);
  CHECK_THAT(said[0], Catch::StartsWith("coordinator.yaml:3: listen: \\x1b[2J") && Catch::EndsWith("..."));
  CHECK(changing.last().kind() == v1::ChangeEvent::RELOAD_REFUSED);
}

TEST_CASE("however much changes, an event is bounded", "[log]") {
  Changing changing;
  const std::vector<std::string> news(10'000, "client added");
  const auto event = change_event(v1::ChangeEvent::RELOADED, std::string(10'000, 'w'), news, changing.settings(),
                                  changing.log.time.clock.now());
  CHECK(event.what_size() == 256);
  CHECK(event.what(255) == "and 9745 more");
  CHECK(event.who().size() <= 256);
}

TEST_CASE("an event that the log cannot have is told all the same", "[log]") {
  Changing changing;
  changing.log.store.fails = true;
  CHECK_FALSE(changing.changes.reloaded(changing.settings(), "coordinator.yaml", {}));
  CHECK(changing.log.events.kinds() == std::vector<std::string>{"configuration_changed"});
}

TEST_CASE("what was pruned is found again, however much happened since", "[log]") {
  Changing changing;
  v1::Pruned pruned;
  for (const std::uint64_t minimum : {5, 9}) {
    pruned.set_minimum_index(minimum);
    REQUIRE(changing.changes.pruned(changing.settings(), pruned));
  }
  for (int i = 0; i < 50; ++i) REQUIRE(changing.changes.reloaded(changing.settings(), "c.yaml", {}));
  const auto history = read_history(changing.log.store);
  REQUIRE(history);
  REQUIRE(history->pruned);
  CHECK(history->pruned->minimum_index() == 9);
  CHECK(history->last->kind() == v1::ChangeEvent::RELOADED);
}

TEST_CASE("an event that cannot be read stops the start", "[log]") {
  Changing changing;
  REQUIRE(changing.log.store.append_event({"\xff\xff no event", changing.log.time.clock.now()}));
  CHECK_FALSE(read_history(changing.log.store));
}
