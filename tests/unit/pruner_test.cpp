// Retention in virtual time: what loses its body, when, and what is said of it before.
#include "coordinator/log/pruner.hpp"

#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_fakes.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;
using test::LogOnFakes;

namespace {

constexpr std::chrono::hours kDay{24};

struct Pruning {
  LogOnFakes log;
  CheckpointKeeper keeper = log.keeper();
  ChangeLog changes{log.store, log.time.clock, log.events, "mpic@host"};
  Pruner pruner{parts(), std::nullopt};
  Pruning() { REQUIRE(keeper.begin()); }

  Pruner::Parts parts() {
    return {log.store, log.settings, log.time.clock, log.checkpoints, changes, log.metrics, log.events};
  }
  // As the log's thread does it, for a moment.
  void work(int rounds = 5) {
    for (int i = 0; i < rounds; ++i) {
      keeper.look();
      pruner.look();
      log.pass(100ms);
    }
  }
  [[nodiscard]] bool has_body(const std::string& id) { return !log.store.records.at(id).body.empty(); }
  [[nodiscard]] std::vector<v1::Pruned> said() const {
    std::vector<v1::Pruned> out;
    for (const StoredEvent& stored : log.store.events) {
      v1::ChangeEvent event;
      REQUIRE(event.ParseFromString(stored.body));
      if (event.kind() == v1::ChangeEvent::PRUNED) out.push_back(event.pruned());
    }
    return out;
  }
};

}  // namespace

TEST_CASE("without a time to keep, everything is kept for ever", "[log][retention]") {
  Pruning pruning;
  pruning.log.record("a");
  pruning.log.pass(20'000 * kDay);
  pruning.work();
  CHECK(pruning.has_body("a"));
  CHECK(pruning.said().empty());
}

TEST_CASE("what was kept for long enough loses its body, after the log has said so", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  pruning.log.record("old");
  pruning.log.pass(10 * kDay);
  pruning.log.record("new");
  pruning.work();
  CHECK(pruning.has_body("old"));
  CHECK(pruning.said().empty());

  pruning.log.pass(21 * kDay);
  pruning.work();
  CHECK_FALSE(pruning.has_body("old"));
  CHECK(pruning.log.store.records.at("old").statement.empty());
  CHECK(pruning.has_body("new"));
  const auto said = pruning.said();
  REQUIRE(said.size() == 1);
  CHECK(said[0].minimum_index() == 1);
  CHECK(said[0].keep_days() == 30);
  CHECK(wire::decode(said[0].decided_before()).value() < pruning.log.store.records.at("new").decided);
  CHECK(pruning.log.events.count(telemetry::event_kind::kPruned) == 1);
  CHECK(pruning.log.store.tree_head().size == 3);  // leaves stay, and what was said is one
}

TEST_CASE("nothing is pruned before the log has said so durably", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  pruning.log.record("old");
  pruning.keeper.look();
  pruning.log.pass(31 * kDay);
  pruning.log.store.fails = true;
  pruning.pruner.look();
  pruning.pruner.look();
  CHECK(pruning.has_body("old"));
  pruning.log.store.fails = false;
  pruning.work();
  CHECK(pruning.has_body("old"));  // tried again in an hour
  pruning.log.pass(1h);
  pruning.work();
  CHECK_FALSE(pruning.has_body("old"));
}

TEST_CASE("nothing is pruned that no checkpoint covers", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  pruning.log.record("covered");
  pruning.keeper.look();
  pruning.log.record("not covered");
  pruning.log.pass(31 * kDay);
  pruning.pruner.look();
  CHECK(pruning.said().at(0).minimum_index() == 1);
  pruning.work();
  CHECK_FALSE(pruning.has_body("covered"));
  CHECK(pruning.has_body("not covered"));
}

TEST_CASE("nothing is pruned before a checkpoint covers what says so", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  pruning.log.record("old");
  pruning.keeper.look();
  pruning.log.pass(31 * kDay);
  for (int i = 0; i < 5; ++i) pruning.pruner.look();  // and the keeper is stuck
  CHECK(pruning.said().size() == 1);
  CHECK(pruning.has_body("old"));
  pruning.keeper.look();
  pruning.pruner.look();
  CHECK_FALSE(pruning.has_body("old"));
}

TEST_CASE("what was said before a start waits for a checkpoint of that log, too", "[log][retention]") {
  Pruning pruning;
  pruning.log.record("a");
  pruning.keeper.look();
  v1::Pruned before;
  before.set_minimum_index(1);
  REQUIRE(pruning.changes.pruned(*pruning.log.settings.get(), before));  // and then it was killed
  Pruner next(pruning.parts(), before);
  for (int i = 0; i < 4; ++i) next.look();
  CHECK(pruning.has_body("a"));
  pruning.log.pass(1s);
  pruning.keeper.look();
  next.look();
  CHECK_FALSE(pruning.has_body("a"));
}

TEST_CASE("without any checkpoint nothing is pruned", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  pruning.log.record("a");
  pruning.log.pass(31 * kDay);
  for (int i = 0; i < 5; ++i) pruning.pruner.look();
  CHECK(pruning.has_body("a"));
}

TEST_CASE("much is pruned in small batches, one a look", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(30);
  for (int i = 0; i < 1'200; ++i) pruning.log.record(std::to_string(i));
  pruning.keeper.look();
  pruning.log.pass(31 * kDay);
  const auto left = [&] {
    return std::count_if(pruning.log.store.records.begin(), pruning.log.store.records.end(),
                         [](const auto& record) { return !record.second.body.empty(); });
  };
  pruning.pruner.look();  // says so
  pruning.keeper.look();
  CHECK(left() == 1'200);
  pruning.pruner.look();
  CHECK(left() == 700);
  pruning.pruner.look();
  CHECK(left() == 200);
  pruning.pruner.look();
  CHECK(left() == 0);
  CHECK(pruning.said().size() == 1);
}

TEST_CASE("each hour it is looked for what has become old, and nothing is said twice", "[log][retention]") {
  Pruning pruning;
  pruning.log.keep_days(1);
  pruning.log.record("a");
  pruning.log.pass(30min);
  pruning.log.record("b");
  pruning.keeper.look();
  pruning.log.pass(23h + 45min);
  pruning.work(8);
  CHECK_FALSE(pruning.has_body("a"));
  CHECK(pruning.has_body("b"));
  pruning.log.pass(50min);
  pruning.work(8);
  CHECK(pruning.has_body("b"));  // old, and the hour is not over
  pruning.log.pass(10min);
  pruning.work(8);
  CHECK_FALSE(pruning.has_body("b"));
  pruning.log.pass(2h);
  pruning.work(8);
  CHECK(pruning.said().size() == 2);
}

TEST_CASE("what a killed coordinator had begun to prune is finished, and not said again", "[log][retention]") {
  Pruning pruning;
  pruning.log.record("a");
  pruning.log.record("b");
  v1::Pruned before;
  before.set_minimum_index(1);
  pruning.keeper.look();
  Pruner next(pruning.parts(), before);  // keeps for ever by now
  for (int i = 0; i < 4; ++i) next.look();
  CHECK_FALSE(pruning.has_body("a"));
  CHECK(pruning.has_body("b"));
  CHECK(pruning.said().empty());
}

TEST_CASE("what is kept too short is told once a day", "[log][retention]") {
  Pruning pruning;
  Deployment tls = test::worldwide();
  tls.retention = {std::chrono::days(30), true, false};
  pruning.log.settings.replace(LogOnFakes::settings_with(tls));
  pruning.log.record("a");
  for (int hour = 0; hour < 49; ++hour) {
    pruning.work(2);
    pruning.log.pass(1h);
  }
  CHECK(pruning.log.events.count(telemetry::event_kind::kBelowFloor) == 3);  // of two days and an hour
  CHECK_THAT(pruning.log.events.all().at(0).what,
             Catch::Contains("store.keep_days is 30, and records must be kept for 1130 days"));
}

namespace {

// A clock that somebody sets.
class SetClock final : public Clock {
 public:
  explicit SetClock(test::FakeClock& real) : real_(real) {}
  [[nodiscard]] TimePoint now() const override { return real_.now() + ahead; }
  [[nodiscard]] SteadyPoint steady_now() const override { return real_.steady_now(); }
  [[nodiscard]] std::unique_ptr<Timer> make_timer(asio::any_io_executor executor) override {
    return real_.make_timer(std::move(executor));
  }
  std::chrono::hours ahead{0};

 private:
  test::FakeClock& real_;
};

}  // namespace

TEST_CASE("a clock that was set makes nothing old", "[log][retention]") {
  Pruning pruning;
  SetClock clock(pruning.log.time.clock);
  Pruner pruner({pruning.log.store, pruning.log.settings, clock, pruning.log.checkpoints, pruning.changes,
                 pruning.log.metrics, pruning.log.events},
                std::nullopt);
  pruning.log.keep_days(30);
  pruning.log.record("a");
  pruning.keeper.look();
  clock.ahead = 10'000 * kDay;
  for (int hour = 0; hour < 5; ++hour) {
    for (int i = 0; i < 3; ++i) pruner.look();
    pruning.log.pass(1h);
  }
  CHECK(pruning.has_body("a"));
  CHECK(pruning.said().empty());
}
