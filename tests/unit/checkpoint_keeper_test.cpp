// When a checkpoint is signed, over what, and when none ever is.
#include "coordinator/log/checkpoint_keeper.hpp"

#include "common/telemetry/event_kinds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_fakes.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;
using test::LogOnFakes;

namespace {

evidence::Checkpoint opened(const LogOnFakes& log) {
  const auto last = log.checkpoints.last();
  REQUIRE(last);
  const std::vector<evidence::NoteVerifier> known = {log.log_key()};
  const auto said = evidence::open_checkpoint(last->note, known);
  REQUIRE(said);
  return *said;
}

double metric(const LogOnFakes& log, const std::string& name) {
  const std::string text = log.metrics.text();
  const std::size_t at = text.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::stod(text.substr(at + name.size() + 2));
}

}  // namespace

TEST_CASE("an empty log gets no checkpoint", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  keeper.look();
  keeper.finish();
  CHECK_FALSE(log.checkpoints.last());
  CHECK(log.store.checkpoints.empty());
}

TEST_CASE("what is durable is signed, kept, and then published", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  log.record("b");
  keeper.look();
  const evidence::Checkpoint said = opened(log);
  CHECK(said.origin == "mpic.example/log");
  CHECK(said.size == 2);
  CHECK(said.root == log.store.tree_head().root);
  REQUIRE(log.store.checkpoints.size() == 1);
  CHECK(log.store.checkpoints.at(2).note == log.checkpoints.last()->note);
  CHECK(log.store.checkpoints.at(2).signed_at == log.time.clock.now());
  CHECK(metric(log, "mpic_log_size") == 2);
  CHECK(metric(log, "mpic_log_checkpoint_size") == 2);
  CHECK(metric(log, "mpic_log_checkpoint_lag_seconds") == 0);
}

TEST_CASE("at most one checkpoint a second, and only when there is news", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  for (int tick = 0; tick < 50; ++tick) {  // five seconds, with records in the first two
    if (tick < 20) log.record("r" + std::to_string(tick));
    keeper.look();
    log.pass(100ms);
  }
  // At 0 s the first record, at 1 s ten more, at 2 s the rest; then there is no news.
  std::vector<std::uint64_t> sizes;
  for (const auto& [size, checkpoint] : log.store.checkpoints) sizes.push_back(size);
  CHECK(sizes == std::vector<std::uint64_t>{1, 11, 20});
}

TEST_CASE("what came since is signed at the end without waiting for its second", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  keeper.look();
  log.record("b");
  keeper.look();
  CHECK(opened(log).size == 1);
  keeper.finish();
  CHECK(opened(log).size == 2);
  keeper.finish();
  CHECK(log.store.checkpoints.size() == 2);
}

TEST_CASE("after a kill the next checkpoint covers what was durable", "[log]") {
  LogOnFakes log;
  {
    auto killed = log.keeper();
    REQUIRE(killed.begin());
    log.record("a");
    killed.look();
    log.record("b");
  }
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  CHECK(opened(log).size == 1);  // what was published before is so again
  keeper.look();
  CHECK(opened(log).size == 2);
}

TEST_CASE("each checkpoint extends the one before", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  std::optional<evidence::Checkpoint> before;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i <= round * 7 % 31; ++i) log.record(std::to_string(round) + "/" + std::to_string(i));
    log.pass(1s);
    keeper.look();
    const evidence::Checkpoint now = opened(log);
    if (before) {
      const auto proof = evidence::consistency_proof(log.store, before->size, now.size);
      REQUIRE(proof);
      CHECK(evidence::verify_consistency(before->size, before->root, now.size, now.root, *proof));
    }
    before = now;
  }
}

TEST_CASE("a log that is not what was signed gets no signature, and is told of", "[log]") {
  struct Row {
    const char* rule;
    std::vector<std::string> then;  // records of the log that is found
    const char* says;
  };
  const Row rows[] = {
      {"a leaf was changed", {"a", "B", "c"}, "its first 3 leaves are not those of its last checkpoint"},
      {"the same size, other leaves", {"x", "y", "z"}, "its first 3 leaves are not those of its last checkpoint"},
      {"leaves in another order", {"b", "a", "c"}, "its first 3 leaves are not those of its last checkpoint"},
      {"it went on from another beginning", {"a", "x", "c", "d", "e"}, "its first 3 leaves are not those"},
      {"leaves were lost", {"a", "b"}, "it has 2 leaves, and had 3 when its last checkpoint was signed"},
      {"all of it was lost", {}, "it has 0 leaves, and had 3"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      LogOnFakes signed_log;
      auto signing = signed_log.keeper();
      REQUIRE(signing.begin());
      for (const char* id : {"a", "b", "c"}) signed_log.record(id);
      signing.look();

      LogOnFakes found;
      for (const std::string& id : row.then) found.record(id);
      found.store.checkpoints = signed_log.store.checkpoints;
      auto keeper = found.keeper();
      REQUIRE(keeper.begin());
      keeper.look();
      found.pass(1s);
      keeper.look();
      CHECK_THAT(keeper.fault(), Catch::Contains(row.says));
      CHECK(found.store.checkpoints.size() == 1);
      CHECK(found.checkpoints.last()->size == 3);
      CHECK(metric(found, "mpic_log_consistent") == 0);
      CHECK(metric(found, "mpic_log_checkpoint_failures_total") == 2);
      CHECK(metric(found, "mpic_log_checkpoint_lag_seconds") == 1);
      CHECK(found.events.kinds() == std::vector<std::string>{"log_inconsistent"});  // once
    }
}

TEST_CASE("a store that was repaired is signed again", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  for (const char* id : {"a", "b"}) log.record(id);
  keeper.look();
  const auto good = log.store.checkpoints;

  LogOnFakes other;
  for (const char* id : {"x", "y", "z"}) other.record(id);
  std::swap(log.store, other.store);
  log.store.checkpoints = good;
  log.pass(1s);
  keeper.look();
  CHECK_FALSE(keeper.fault().empty());
  std::swap(log.store, other.store);
  log.store.checkpoints = good;
  log.record("c");
  log.pass(1s);
  keeper.look();
  CHECK(keeper.fault().empty());
  CHECK(opened(log).size == 3);
  CHECK(metric(log, "mpic_log_consistent") == 1);
  CHECK(log.events.kinds() == std::vector<std::string>{"log_inconsistent", "log_consistent"});
}

TEST_CASE("a store that has lost what was answered is told of, although all that was signed may be there", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  keeper.look();
  if (GENERATE(true, false)) log.record("b");  // which nothing is signed over
  log.store.known_to_have_lost = true;
  for (int i = 0; i < 2; ++i) {
    log.pass(1s);
    keeper.look();
    keeper.look();  // not more often than it is signed
  }
  keeper.finish();
  CHECK_THAT(keeper.fault(), Catch::Contains("it has 1 leaves, and had 2"));
  CHECK(log.store.checkpoints.size() == 1);
  CHECK(metric(log, "mpic_log_consistent") == 0);
  CHECK(metric(log, "mpic_log_checkpoint_failures_total") == 2);
  CHECK(log.events.kinds() == std::vector<std::string>{"log_inconsistent"});
  log.store.known_to_have_lost = false;
  log.pass(1s);
  keeper.look();
  CHECK(keeper.fault().empty());
  CHECK(metric(log, "mpic_log_consistent") == 1);
  CHECK(log.events.kinds() == std::vector<std::string>{"log_inconsistent", "log_consistent"});
}

TEST_CASE("what cannot be kept is not shown to anybody", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  log.store.fails = true;
  keeper.look();
  CHECK_FALSE(log.checkpoints.last());
  CHECK_THAT(keeper.fault(), Catch::Contains("disk full"));
  CHECK(metric(log, "mpic_log_consistent") == 1);
  CHECK(log.events.all().empty());
  log.store.fails = false;
  keeper.look();  // not yet: a second has not passed
  CHECK_FALSE(log.checkpoints.last());
  log.pass(1s);
  keeper.look();
  CHECK(opened(log).size == 1);
  CHECK(keeper.fault().empty());
}

TEST_CASE("while the store is known not to be writable nothing is tried", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  log.store.known_to_fail = true;
  keeper.look();
  CHECK(log.store.checkpoints.empty());
  CHECK(metric(log, "mpic_log_checkpoint_failures_total") == 0);
}

TEST_CASE("a last checkpoint that is none, or of another log, stops the start", "[log]") {
  LogOnFakes log;
  log.record("a");
  SECTION("it cannot be read") { log.store.checkpoints[1] = {1, log.time.clock.now(), "no note"}; }
  SECTION("of another log") {
    const auto other = evidence::NoteSigner::generate("other.example/log");
    log.store.checkpoints[1] = {1, log.time.clock.now(), other.sign({"other.example/log", 1, Digest{}})};
  }
  SECTION("of another size than it is kept under") {
    const auto other = evidence::NoteSigner::generate("mpic.example/log");
    log.store.checkpoints[1] = {1, log.time.clock.now(), other.sign({"mpic.example/log", 2, Digest{}})};
  }
  auto keeper = log.keeper();
  CHECK_FALSE(keeper.begin());
}

TEST_CASE("a key that was replaced signs from then on, over the same log", "[log]") {
  LogOnFakes log;
  auto keeper = log.keeper();
  REQUIRE(keeper.begin());
  log.record("a");
  keeper.look();
  const SettingsPtr before = log.settings.get();
  const auto next = evidence::NoteSigner::generate("mpic.example/log");
  log.settings.replace(
      std::make_shared<const Settings>(Settings{before->deployment, Digest{}, before->key, {}, {}, {}, {}, {}, next}));
  log.record("b");
  log.pass(1s);
  keeper.look();
  CHECK(opened(log).size == 2);
  const std::vector<evidence::NoteVerifier> old_key = {before->checkpoint_key->verifier()};
  CHECK_FALSE(evidence::open_checkpoint(log.checkpoints.last()->note, old_key));
}
