// The log of a SQLite store: its leaves and tree, checkpoints, what is refused at the start, and retention.
#include <atomic>
#include <thread>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

const std::vector<std::string> kNoFaults;

std::unique_ptr<SqliteStore> open(const Folder& folder) { return SqliteStore::open(folder.file(), kLog).value(); }

TimePoint at(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

// So many records, r0 and on, decided a second after each other from 0 on.
void fill(SqliteStore& store, int records) {
  for (int i = 0; i < records; ++i) {
    StoredRecord record = record_of("r" + std::to_string(i));
    record.decided = at(i);
    REQUIRE(append(store, std::move(record)));
  }
}

StoredCheckpoint checkpoint_of(const TreeHead& head) {
  const auto signer = evidence::NoteSigner::generate(kLog);
  return {head.size, at(1), signer.sign({kLog, head.size, head.root})};
}

void tamper(const Folder& folder, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  REQUIRE(execute(database, sql.c_str()));
  sqlite3_close(database);
}

}  // namespace

TEST_CASE("every body is a leaf, in the order of writing", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  CHECK(store->tree_head().size == 0);
  CHECK(store->tree_head().root == evidence::merkle_root({}));
  const std::string snapshot = "a snapshot";
  REQUIRE(store->keep_snapshot(evidence::sha256(snapshot), snapshot));
  REQUIRE(store->keep_snapshot(evidence::sha256(snapshot), snapshot));  // kept once
  CHECK(append(*store, record_of("r1")).value() == 1);
  CHECK(store->append_event({"an event", at(5)}).value() == 2);
  CHECK(append(*store, StoredAddendum("r1", "us-east", "late", at(6))).value() == 3);
  CHECK_FALSE(append(*store, StoredAddendum("nobody", "us-east", "late", at(6))));  // and no index is lost by it
  CHECK(append(*store, record_of("r2")).value() == 4);
  CHECK(store->plan(plan_of("p1")));

  const auto reader = read_sqlite(folder.file()).value();
  CHECK(faults_of_log(*reader, store->tree_head()) == kNoFaults);
  std::string kinds;
  for (const LoggedLeaf& leaf : all_leaves(*reader)) kinds += std::string(to_string(leaf.kind)) + " ";
  CHECK(kinds == "snapshot record event addendum record ");
  const auto found = store->find("r1").value();
  CHECK(found->leaf == 1);
  CHECK(found->addenda.at(0).leaf == 3);
  CHECK(store->find_snapshot(evidence::sha256(snapshot)).value() == snapshot);
  CHECK(store->find_snapshot(Digest{}).value() == std::nullopt);
}

TEST_CASE("the tree goes on after a restart where it was, whatever its size", "[store][log]") {
  const Folder folder;
  TreeHead head;
  std::uint64_t written = 0;
  for (const int more : {1, 1, 254, 1, 255, 3}) {  // across the borders of tiles
    const auto store = open(folder);
    CHECK(store->tree_head().size == written);
    CHECK(store->tree_head().root == (written == 0 ? evidence::merkle_root({}) : head.root));
    for (int i = 0; i < more; ++i, ++written) {
      CHECK(append(*store, record_of("r" + std::to_string(written))).value() == written);
    }
    head = store->tree_head();
    CHECK(faults_of_log(*read_sqlite(folder.file()).value(), head) == kNoFaults);
  }
}

TEST_CASE("proofs over a store's hashes verify", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  fill(*store, 600);
  const TreeHead head = store->tree_head();
  for (const std::uint64_t index : {0, 255, 256, 511, 599}) {
    const auto path = evidence::inclusion_proof(*store, index, head.size);
    REQUIRE(path);
    const Digest leaf = evidence::log_leaf_hash(evidence::LeafKind::kRecord,
                                                evidence::sha256(record_of("r" + std::to_string(index)).body));
    CHECK(evidence::verify_inclusion(leaf, index, head.size, *path, head.root));
  }
  CHECK_FALSE(store->hashes(0, 599, 2));
  CHECK_FALSE(store->hashes(1, 2, 1));
  CHECK(store->hashes(1, 1, 1));
}

TEST_CASE("a checkpoint is kept as it was published", "[store][log]") {
  const Folder folder;
  StoredCheckpoint kept;
  {
    const auto store = open(folder);
    CHECK(store->last_checkpoint().value() == std::nullopt);
    fill(*store, 2);
    REQUIRE(store->keep_checkpoint(checkpoint_of(store->tree_head())));
    REQUIRE(append(*store, record_of("another")));
    kept = checkpoint_of(store->tree_head());
    REQUIRE(store->keep_checkpoint(kept));
    const auto too_large = store->keep_checkpoint(checkpoint_of({4, Digest{}}));
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error().code == ProblemCode::kInvalidArgument);
    CHECK(store->healthy());
  }
  const auto store = open(folder);
  const auto last = store->last_checkpoint().value();
  CHECK(last->size == 3);
  CHECK(last->note == kept.note);
  CHECK(last->signed_at == kept.signed_at);
  CHECK(read_sqlite(folder.file()).value()->checkpoints({}, 10)->size() == 2);
}

TEST_CASE("a log that is not what it was is not appended to", "[store][log]") {
  struct Row {
    const char* what;
    const char* sql;
    const char* told;
  };
  const Row rows[] = {
      {"a leaf in between is gone", "DELETE FROM leaves WHERE idx = 100", "leaves of its log are missing"},
      {"the first leaf is gone", "DELETE FROM leaves WHERE idx = 0", "leaves of its log are missing"},
      {"leaves under the checkpoint are gone", "DELETE FROM leaves WHERE idx >= 280", "a checkpoint was signed over"},
      {"a leaf was changed", "UPDATE leaves SET body_sha256 = zeroblob(32) WHERE idx = 270", "its log was changed"},
      {"the kind of a leaf was changed", "UPDATE leaves SET kind = 4 WHERE idx = 270", "its log was changed"},
      {"leaves were exchanged",
       "UPDATE leaves SET idx = 1000 WHERE idx = 260; UPDATE leaves SET idx = 260 WHERE idx "
       "= 261; UPDATE leaves SET idx = 261 WHERE idx = 1000",
       "its log was changed"},
      {"a kept hash is gone", "DELETE FROM nodes", "is missing"},
      {"a kept hash was changed", "UPDATE nodes SET hash = zeroblob(32)", "its log was changed"},
      {"the checkpoint was changed", "UPDATE checkpoints SET note = 'what?'", "cannot be read"},
      {"nothing was changed", "SELECT 1", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.what) {
      const Folder folder;
      {
        const auto store = open(folder);
        fill(*store, 290);
        REQUIRE(store->keep_checkpoint(checkpoint_of(store->tree_head())));
        REQUIRE(append(*store, record_of("after it")));
      }
      tamper(folder, row.sql);
      const auto opened = SqliteStore::open(folder.file(), kLog);
      REQUIRE(opened.has_value() == (std::string_view(row.told).empty()));
      if (opened) continue;
      CHECK(opened.error().code == ProblemCode::kInternal);
      CHECK_THAT(opened.error().detail,
                 Catch::Matchers::Contains(row.told) && Catch::Matchers::Contains(folder.file().string()));
    }
  }
}

TEST_CASE("retention may prune what was decided before, up to the first that was not", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  CHECK(store->decided_before(at(1)).value() == 0);
  fill(*store, 10);
  StoredRecord early = record_of("a clock that was set back");
  early.decided = at(2);
  REQUIRE(append(*store, std::move(early)));
  CHECK(store->decided_before(at(0)).value() == 0);
  CHECK(store->decided_before(at(4)).value() == 4);
  CHECK(store->decided_before(at(100)).value() == 11);
  REQUIRE(store->append_event({"later, and no record", at(50)}));
  CHECK(store->decided_before(at(100)).value() == 11);
}

TEST_CASE("pruning empties bodies and nothing else", "[store][log]") {
  const Folder folder;
  auto store = open(folder);
  const std::string snapshot = "a snapshot";
  REQUIRE(store->keep_snapshot(evidence::sha256(snapshot), snapshot));      // 0
  fill(*store, 3);                                                          // 1, 2, 3
  REQUIRE(append(*store, StoredAddendum("r0", "us-east", "late", at(6))));  // 4
  REQUIRE(store->append_event({"an event", at(5)}));                        // 5
  CHECK(store->last_events(9).value().size() == 1);
  REQUIRE(append(*store, record_of("r9")));                                  // 6
  REQUIRE(append(*store, StoredAddendum("r0", "us-west", "later", at(6))));  // 7
  const TreeHead head = store->tree_head();

  CHECK(store->prune(6, 3).value() == 3);
  CHECK(store->prune(6, 3).value() == 1);
  CHECK(store->prune(6, 3).value() == 0);
  CHECK(store->tree_head().root == head.root);

  const auto pruned = store->find("r0").value();
  CHECK(pruned->body.empty());
  CHECK(pruned->statement.empty());
  CHECK(pruned->rows.empty());
  CHECK(pruned->identifier == "www.example.com");
  CHECK(pruned->decided == at(0));
  CHECK(pruned->addenda.at(0).body.empty());
  CHECK(pruned->addenda.at(1).body == "later");
  CHECK(store->find_request("tester", "request of r0").value()->body.empty());
  CHECK(fault_of(store->find("r9"), "r9").value_or("") == "");
  CHECK(store->find_snapshot(evidence::sha256(snapshot)).value() == snapshot);
  store.reset();

  store = open(folder);  // and it goes on from there
  CHECK(store->prune(7, 100).value() == 1);
  CHECK(store->find("r9").value()->body.empty());
  const auto reader = read_sqlite(folder.file()).value();
  CHECK(faults_of_log(*reader, head) == kNoFaults);
  CHECK(all_leaves(*reader)[5].body == "an event");
  CHECK(append(*store, record_of("r10")).value() == 8);
}

TEST_CASE("a request is answered while somebody reads records", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  fill(*store, 200);
  std::atomic<bool> done = false;
  std::atomic<int> read = 0;
  std::thread slow([&] {
    while (!done) {
      for (const char* id : {"r1", "r77", "r199"}) read += fault_of(store->find(id), id) ? -1'000'000 : 1;
    }
  });
  for (int i = 200; i < 400; ++i) {
    const std::string id = "r" + std::to_string(i);
    REQUIRE(append(*store, record_of(id)));
    CHECK(store->find_request("tester", "request of " + id).value()->record_id == id);
  }
  done = true;
  slow.join();
  CHECK(read > 0);
  CHECK(faults_of_log(*read_sqlite(folder.file()).value(), store->tree_head()) == kNoFaults);
}
