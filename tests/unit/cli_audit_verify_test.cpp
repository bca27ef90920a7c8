// `mpic audit verify` and `export`: what they say of a log beside its faults, and what they refuse.
#include <algorithm>
#include <functional>

#include "common/evidence/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cli_run.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

using cli::mpic_run;

// Retention has taken the bodies of the record and of its addendum; the event that says so is leaf 4.
SampleLog pruned_log() {
  SampleLog log = sample_log();
  add(log, pruned_event(log, SampleLog::kAddendum + 1));
  return log;
}

void empty_bodies(const Folder& folder) {
  run_sql(folder.file(),
          "UPDATE records SET body = x'', statement = x''; UPDATE addenda SET body = x''; "
          "DELETE FROM attempts");
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

TEST_CASE("a key of another log is refused, and said to be one", "[cli][audit]") {
  const Folder folder;
  const SampleLog log = sample_log();
  write_log(folder.file(), log, {log.checkpoint});
  const std::string other =
      evidence::NoteSigner::from_pem("other.example/log", ed25519_pem(checkpoint_secret())).value().verifier().vkey();
  const auto refused = mpic_run({"audit", "verify", "--store", folder.file().string(), "--log-key", other});
  CHECK(refused.status == 64);
  CHECK_THAT(one_line(refused.errors), Catch::Contains("a key of the log \"other.example/log\"") &&
                                           Catch::Contains("holds the log \"" + log.origin + "\""));
  CHECK(mpic_run({"audit", "verify", "--store", folder.file().string(), "--log-key", log.vkey}).status == 0);
}

TEST_CASE("a log without a checkpoint by the known key is not verified", "[cli][audit]") {
  const Folder folder;
  const SampleLog log = sample_log();
  write_log(folder.file(), log, {});
  const auto told = mpic_run({"audit", "verify", "--store", folder.file().string(), "--log-key", log.vkey, "--json"});
  CHECK(told.status == 1);
  CHECK_THAT(told.out, Catch::Contains("\"verified\":false") && Catch::Contains("\"keys_from_outside\":false"));
}

TEST_CASE("what rests on nobody's signature yet is not called verified", "[cli][audit]") {
  struct Row {
    const char* rule;
    std::function<void(SampleLog&)> tail;  // after the checkpoint
    const char* told;                      // nullptr: it is verified
    const char* json;
  };
  const Row rows[] = {
      {"nothing", [](SampleLog&) {}, nullptr, "\"unvouched\":[]"},
      {"a record: its statement is signed",
       [](SampleLog& log) {
         const SampleLog longer = sample_log(2, 1);
         add(log, longer.leaves.at(4));
       },
       nullptr, "\"unvouched\":[]"},
      {"a snapshot, whose keys anybody may have made",
       [](SampleLog& log) { add(log, sample_log(1, 1, 9).leaves[SampleLog::kSnapshot]); },
       "leaf 4 (snapshot) rests on nobody's signature yet", "\"unvouched\":[4]"},
      {"that bodies were pruned", [](SampleLog& log) { add(log, pruned_event(log, 2)); },
       "leaf 4 (event) rests on nobody's signature yet", "\"unvouched\":[4]"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    const Folder folder;
    SampleLog log = sample_log();
    row.tail(log);
    write_log(folder.file(), log, {checkpoint_of(log, 4)});
    const std::vector<std::string> command = {"audit",     "verify", "--store", folder.file().string(),
                                              "--log-key", log.vkey};
    const auto told = mpic_run(command);
    CHECK(told.status == 0);
    const bool is_verified = one_line(told.out).find(" Verified. ") != std::string::npos;
    CHECK(is_verified == (row.told == nullptr));
    if (row.told != nullptr) CHECK_THAT(one_line(told.out), Catch::Contains(row.told));
    std::vector<std::string> as_json = command;
    as_json.emplace_back("--json");
    CHECK_THAT(mpic_run(as_json).out, Catch::Contains(row.json));
  }
}

TEST_CASE("an export is of a checkpoint under which its missing bodies are told of", "[cli][audit]") {
  const Folder folder;
  SampleLog log = pruned_log();
  write_log(folder.file(), log, {checkpoint_of(log, 4), checkpoint_of(log, 5)});
  empty_bodies(folder);
  const std::string whole = (folder.path() / "whole").string();
  const std::string older = (folder.path() / "older").string();
  CHECK(mpic_run({"audit", "export", whole, "--store", folder.file().string()}).status == 0);
  CHECK(mpic_run({"audit", "verify", "--export", whole, "--log-key", log.vkey}).status == 0);

  const auto refused = mpic_run({"audit", "export", older, "--store", folder.file().string(), "--size", "4"});
  CHECK(refused.status == 2);
  CHECK_THAT(one_line(refused.errors), Catch::Contains("bodies below leaf 4 were removed by retention") &&
                                           Catch::Contains("not among the 4 leaves of this checkpoint"));
  CHECK_FALSE(std::filesystem::exists(older));
  // Tiles have no bodies.
  CHECK(mpic_run({"audit", "export", "--tiles", older, "--store", folder.file().string(), "--size", "4"}).status == 0);
}

}  // namespace mpic::test
