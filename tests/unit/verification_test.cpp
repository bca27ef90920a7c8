// What a verifier says of whole logs: order, what may be missing, whose keys count. Changes of every kind:
// mutations_test.cpp and false_records_test.cpp; what other rules decided: judged_differently_test.cpp.
#include "coordinator/audit/verification.hpp"

#include <fmt/format.h>

#include <functional>

#include "tests/support/catch.hpp"
#include "tests/support/log_in_memory.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

constexpr std::size_t kSnapshot = SampleLog::kSnapshot;
constexpr std::size_t kStarted = SampleLog::kStarted;
constexpr std::size_t kRecord = SampleLog::kRecord;
constexpr std::size_t kAddendum = SampleLog::kAddendum;

std::string text_of(const VerifyReport& report) {
  std::string out;
  for (const Fault& fault : report.faults) out += fmt::format("{}: {}\n", fault.place, fault.why);
  return out;
}

VerifyReport verified(LogInMemory& log, const VerifyOptions& options = {}) {
  auto report = verify_log(log, options);
  REQUIRE(report);
  return *std::move(report);
}

void change(LoggedLeaf& leaf, const std::function<void(v1::ChangeEvent&)>& how) {
  v1::ChangeEvent event;
  REQUIRE(event.ParseFromString(leaf.body));
  how(event);
  leaf.body = event.SerializeAsString();
  leaf.body_sha256 = evidence::sha256(leaf.body);
}

void empty(LoggedLeaf& leaf) {
  leaf.body.clear();
  leaf.statement.clear();
}

// What the log's own key signs when these are its leaves.
void sign(LogInMemory& log, const std::string& secret = checkpoint_secret()) {
  FakeHashSource tree;
  for (const LoggedLeaf& leaf : log.held) tree.append(evidence::log_leaf_hash(leaf.kind, leaf.body_sha256));
  const auto signer = evidence::NoteSigner::from_pem(log.origin(), ed25519_pem(secret)).value();
  const evidence::Checkpoint all{log.origin(), log.held.size(), tree.tree().root()};
  log.notes.push_back({log.held.size(), TimePoint{}, signer.sign(all)});
}

}  // namespace

TEST_CASE("bodies may be missing only where the log says so", "[verification]") {
  struct Row {
    const char* rule;
    std::function<void(LogInMemory&, const SampleLog&)> make;
    const char* told;  // nullptr: nothing is wrong
  };
  const Row rows[] = {
      {"nothing is missing", [](LogInMemory&, const SampleLog&) {}, nullptr},
      {"a record below what was pruned",
       [](LogInMemory& log, const SampleLog& sample) {
         empty(log.held[kRecord]);
         empty(log.held[kAddendum]);
         log.add(pruned_event(sample, kAddendum + 1));
         sign(log);
       },
       nullptr},
      {"its addendum may still be there, also where nobody tells the record's id",
       [](LogInMemory& log, const SampleLog& sample) {
         empty(log.held[kRecord]);
         log.add(pruned_event(sample, kRecord + 1));
         sign(log);
       },
       nullptr},
      {"of what may be gone something may still be there",
       [](LogInMemory& log, const SampleLog& sample) { log.add(pruned_event(sample, kAddendum + 1)); }, nullptr},
      {"a record that no event tells of", [](LogInMemory& log, const SampleLog&) { empty(log.held[kRecord]); },
       "leaf 2: bodies are missing"},
      {"one more than the event tells of",
       [](LogInMemory& log, const SampleLog& sample) {
         empty(log.held[kRecord]);
         empty(log.held[kAddendum]);
         log.add(pruned_event(sample, kAddendum));
         sign(log);
       },
       "leaf 3: bodies are missing"},
      {"a record that only an event tells of which no checkpoint covers: whoever has no key can write one",
       [](LogInMemory& log, const SampleLog& sample) {
         sign(log);
         empty(log.held[kRecord]);
         empty(log.held[kAddendum]);
         log.add(pruned_event(sample, kAddendum + 1));
       },
       "leaves 2 to 3: bodies are missing"},
      {"a record that only an event tells of in a log without a checkpoint",
       [](LogInMemory& log, const SampleLog& sample) {
         empty(log.held[kRecord]);
         log.add(pruned_event(sample, kRecord + 1));
       },
       "leaf 2: bodies are missing"},
      {"a record that an event tells of under a checkpoint that another key signed",
       [](LogInMemory& log, const SampleLog& sample) {
         sign(log);
         empty(log.held[kRecord]);
         log.add(pruned_event(sample, kRecord + 1));
         sign(log, std::string(32, 'x'));
       },
       "leaf 2: bodies are missing"},
      {"an event that tells of leaves that come after it",
       [](LogInMemory& log, const SampleLog& sample) { log.add(pruned_event(sample, 9)); },
       "which were not written yet"},
      {"a snapshot", [](LogInMemory& log, const SampleLog&) { empty(log.held[kSnapshot]); }, "leaf 0, snapshot"},
      {"an event", [](LogInMemory& log, const SampleLog&) { empty(log.held[kStarted]); }, "leaf 1, event"},
      {"the body alone, and not its statement",
       [](LogInMemory& log, const SampleLog& sample) {
         log.held[kRecord].body.clear();
         log.add(pruned_event(sample, kRecord + 1));
       },
       "its statement or rows are not"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    const SampleLog sample = sample_log();
    LogInMemory log(sample);
    row.make(log, sample);
    const VerifyReport report = verified(log);
    if (row.told == nullptr) {
      CHECK(text_of(report).empty());
    } else {
      CHECK_THAT(text_of(report), Catch::Contains(row.told));
    }
  }
}

TEST_CASE("a log is another's until a checkpoint by the key that is known covers it", "[verification]") {
  struct Row {
    const char* rule;
    std::function<void(LogInMemory&)> make;
    bool by_key;
    const char* told;  // nullptr: nothing is wrong
    bool trusts_itself;
  };
  constexpr const char* kNone = "the log: no checkpoint of it is signed by the key that is known";
  const Row rows[] = {
      {"one that the key signed", [](LogInMemory& log) { sign(log); }, true, nullptr, false},
      {"no checkpoint", [](LogInMemory&) {}, true, kNone, true},
      {"one by another key", [](LogInMemory& log) { sign(log, std::string(32, 'x')); }, true, kNone, true},
      {"one by the key, of nothing",
       [](LogInMemory& log) {
         auto held = std::exchange(log.held, {});
         sign(log);
         log.held = std::move(held);
       },
       true, kNone, true},
      {"no key is given: it is whole in itself", [](LogInMemory& log) { sign(log); }, false, nullptr, true},
      {"no key is given, and no checkpoint was signed", [](LogInMemory&) {}, false, nullptr, true},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    const SampleLog sample = sample_log();
    LogInMemory log(sample);
    row.make(log);
    VerifyOptions options;
    if (row.by_key) options.log_keys = {evidence::NoteVerifier::from_vkey(sample.vkey).value()};
    const VerifyReport report = verified(log, options);
    if (row.told == nullptr) {
      CHECK(text_of(report).empty());
    } else {
      CHECK_THAT(text_of(report), Catch::Contains(row.told));
    }
    CHECK(report.trusts_itself == row.trusts_itself);
  }
}

TEST_CASE("what must be in a log once, and before something else", "[verification]") {
  struct Row {
    const char* rule;
    std::function<void(LogInMemory&)> make;
    const char* told;
  };
  const Row rows[] = {
      {"a leaf is missing", [](LogInMemory& log) { log.held.erase(log.held.begin() + kRecord); },
       "leaf 2 should stand here"},
      {"a leaf is there twice", [](LogInMemory& log) { log.held.insert(log.held.begin() + 3, log.held[kRecord]); },
       "leaf 3 should stand here"},
      {"an addendum before its record", [](LogInMemory& log) { std::swap(log.held[2], log.held[3]); },
       "its record is not in the log before it"},
      {"a snapshot after what names it", [](LogInMemory& log) { std::swap(log.held[0], log.held[1]); },
       "the snapshot that it names is not in the log before it"},
      {"fewer leaves than it says", [](LogInMemory& log) { log.missing = 1; },
       "it says that it has 5 leaves, and has 4"},
      {"a leaf of no kind", [](LogInMemory& log) { log.held[kStarted].kind = static_cast<evidence::LeafKind>(9); },
       "it is of no known kind"},
      {"an event of another log",
       [](LogInMemory& log) {
         change(log.held[kStarted], [](v1::ChangeEvent& event) { event.set_log_origin("another.example/log"); });
       },
       "it is of the log \"another.example/log\""},
      {"an event without a time",
       [](LogInMemory& log) {
         change(log.held[kStarted], [](v1::ChangeEvent& event) { event.mutable_at()->set_seconds(-1); });
       },
       "no coordinator writes such an event"},
      {"a start that says what was pruned",
       [](LogInMemory& log) {
         change(log.held[kStarted], [](v1::ChangeEvent& event) { event.mutable_pruned()->set_minimum_index(1); });
       },
       "no coordinator writes such an event"},
      {"an event that names no snapshot",
       [](LogInMemory& log) {
         change(log.held[kStarted], [](v1::ChangeEvent& event) { event.clear_snapshot_sha256(); });
       },
       "the snapshot that it names is not in the log before it"},
      {"a second word of the same perspective",
       [](LogInMemory& log) {
         log.held.push_back(log.held[kAddendum]);
         log.held.back().index = 4;
       },
       "leaf 4, addendum: this perspective had spoken"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    LogInMemory log(sample_log());
    row.make(log);
    CHECK_THAT(text_of(verified(log)), Catch::Contains(row.told));
  }
}

TEST_CASE("what a PRUNED event says holds for every record that it counts", "[verification]") {
  struct Row {
    const char* rule;
    std::function<void(v1::Pruned&)> make;
    const char* told;  // nullptr: nothing is wrong
  };
  const Row rows[] = {
      {"decided before", [](v1::Pruned&) {}, nullptr},
      {"one was decided later", [](v1::Pruned& pruned) { pruned.mutable_decided_before()->set_seconds(1'000'000'000); },
       "leaf 2, record: it was decided later than the PRUNED event of leaf 4 says"},
      {"one was decided later, which is not among them",
       [](v1::Pruned& pruned) {
         pruned.mutable_decided_before()->set_seconds(1'000'000'000);
         pruned.set_minimum_index(2);
       },
       nullptr},
      {"before no time", [](v1::Pruned& pruned) { pruned.clear_decided_before(); },
       "leaf 4, event: no coordinator writes such an event"},
      {"before a time that was to come",
       [](v1::Pruned& pruned) { pruned.mutable_decided_before()->set_seconds(4'000'000'000); },
       "leaf 4, event: no coordinator writes such an event"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    const SampleLog sample = sample_log();
    LogInMemory log(sample);
    log.add(pruned_event(sample, kAddendum + 1));
    change(log.held.back(), [&](v1::ChangeEvent& event) { row.make(*event.mutable_pruned()); });
    const std::string told = text_of(verified(log));
    if (row.told == nullptr) {
      CHECK(told.empty());
    } else {
      CHECK_THAT(told, Catch::Contains(row.told));
    }
  }
}

TEST_CASE("after the end of a run nothing comes but the next start", "[verification]") {
  constexpr auto kStart = v1::ChangeEvent::STARTED, kStop = v1::ChangeEvent::STOPPED;
  struct Row {
    const char* rule;
    std::vector<v1::ChangeEvent::Kind> events;  // between the start and the record
    std::vector<std::string> told;              // of these
  };
  const Row rows[] = {
      {"a run that goes on", {}, {}},
      {"the next run", {kStop, kStart}, {}},
      {"a record, and what came after its answer", {kStop}, {"leaf 3, record", "leaf 4, addendum"}},
      {"a reload", {kStop, v1::ChangeEvent::RELOADED, kStart}, {"leaf 3, event"}},
      {"the end once more", {kStop, kStop, kStart}, {"leaf 3, event"}},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    const SampleLog sample = sample_log();
    SampleLog told_of = sample;
    told_of.leaves.erase(told_of.leaves.begin() + kRecord, told_of.leaves.end());
    for (const v1::ChangeEvent::Kind kind : row.events) {
      v1::ChangeEvent event;
      REQUIRE(event.ParseFromString(sample.leaves[kStarted].body));
      event.set_kind(kind);
      told_of.leaves.push_back({evidence::LeafKind::kEvent, event.SerializeAsString(), ""});
    }
    told_of.leaves.push_back(sample.leaves[kRecord]);
    told_of.leaves.push_back(sample.leaves[kAddendum]);
    LogInMemory log(told_of);
    const VerifyReport report = verified(log);
    INFO(text_of(report));
    REQUIRE(report.faults.size() == row.told.size());
    for (std::size_t i = 0; i < row.told.size(); ++i) {
      CHECK_THAT(report.faults[i].place, Catch::Contains(row.told[i]));
      CHECK_THAT(report.faults[i].why, Catch::Contains("after STOPPED and before STARTED"));
    }
  }
}

TEST_CASE("a log is verified the same on any number of threads", "[verification]") {
  SampleLog sample = sample_log(30, 3);
  LogInMemory log(sample);
  for (std::size_t i = 0; i < log.held.size(); i += 5) {
    if (log.held[i].kind == evidence::LeafKind::kRecord) log.held[i].statement.back() ^= 1;
  }
  VerifyOptions options;
  const std::string alone = text_of(verified(log, options));
  CHECK_FALSE(alone.empty());
  options.threads = 4;
  CHECK(text_of(verified(log, options)) == alone);
}

TEST_CASE("what a verifier tells beside faults", "[verification]") {
  const SampleLog sample = sample_log(30, 3);
  LogInMemory log(sample);
  SECTION("how far it is, to the end") {
    std::uint64_t last = 0;
    VerifyOptions options;
    options.progress = [&](std::uint64_t done, std::uint64_t of) {
      CHECK(done > last);
      CHECK(of == log.held.size());
      last = done;
    };
    const VerifyReport report = verified(log, options);
    CHECK(last == log.held.size());
    CHECK(report.leaves == log.held.size());
    CHECK(report.records == 30);
    CHECK(report.events == 3);
    CHECK(report.covered == 0);
    CHECK_FALSE(report.is_tampered());
  }
  SECTION("so many faults that more would tell nobody anything end it, and the rest are counted") {
    for (LoggedLeaf& leaf : log.held) leaf.body_sha256 = Digest{};
    VerifyOptions options;
    options.most_faults = 7;
    const VerifyReport report = verified(log, options);
    CHECK(report.faults.size() == 7);
    CHECK(report.more_faults > 20);
    CHECK(report.is_tampered());
  }
  SECTION("a source that cannot be read to its end is no log with faults") {
    log.fails_at = 0;
    CHECK_FALSE(verify_log(log, {}));
  }
}

}  // namespace mpic::test
