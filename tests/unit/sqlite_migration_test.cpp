// Files of every version that was ever released become logs of today, whole.
#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

// As the programs of those versions made them.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE log (log_origin TEXT NOT NULL);
CREATE TABLE records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  request_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  identifier TEXT NOT NULL,
  verdict TEXT NOT NULL,
  received_ns INTEGER NOT NULL,
  decided_ns INTEGER NOT NULL,
  body BLOB NOT NULL,
  statement BLOB NOT NULL,
  leaf_hash BLOB NOT NULL
);
CREATE INDEX records_by_identifier ON records (identifier, received_ns);
CREATE INDEX records_by_request ON records (client, request_id) WHERE request_id <> '';
CREATE TABLE attempts (
  record_id TEXT NOT NULL REFERENCES records (record_id),
  attempt_id TEXT NOT NULL,
  perspective TEXT NOT NULL,
  role TEXT NOT NULL,
  rir TEXT NOT NULL,
  check_kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  problem TEXT NOT NULL
);
CREATE INDEX attempts_by_record ON attempts (record_id);
CREATE TABLE plans (record_id TEXT NOT NULL, body BLOB NOT NULL, dispatched_ns INTEGER NOT NULL);
CREATE INDEX plans_by_record ON plans (record_id);
CREATE TABLE snapshots (hash TEXT PRIMARY KEY, body BLOB NOT NULL);
INSERT INTO log VALUES ('mpic.test/unit');
PRAGMA user_version = 1;
)sql";
constexpr const char* kVersion2 = R"sql(
DROP INDEX records_by_request;
CREATE UNIQUE INDEX records_by_request ON records (client, request_id) WHERE request_id <> '';
CREATE TABLE addenda (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id TEXT NOT NULL REFERENCES records (record_id),
  perspective TEXT NOT NULL,
  received_ns INTEGER NOT NULL,
  body BLOB NOT NULL,
  leaf_hash BLOB NOT NULL
);
CREATE INDEX addenda_by_record ON addenda (record_id);
CREATE TABLE probe (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
PRAGMA user_version = 2;
)sql";

constexpr int kRecords = 300;  // so that the tree has hashes above its leaves

std::string text_of(const Digest& hash) { return {hash.begin(), hash.end()}; }

// A file of an old version: snapshots, records of which the last were written first, a plan; of version 2 an addendum
// to every tenth record.
class OldFile {
 public:
  OldFile(const Folder& folder, int version) : version_(version) {
    REQUIRE(sqlite3_open(folder.file().c_str(), &database_) == SQLITE_OK);
    run("PRAGMA journal_mode = WAL");
    run(kVersion1);
    if (version == 2) run(kVersion2);
    run("BEGIN");
    for (const std::string body : {"snapshot one", "snapshot two"}) {
      Statement row(database_, "INSERT INTO snapshots VALUES (?,?)");
      const std::string hash = hex(evidence::sha256(body));
      REQUIRE(row.text(hash).blob(body).run("writing"));
    }
    for (int i = kRecords; i > 0; --i) write_record("r" + std::to_string(i), i % 10 == 0);
    run("INSERT INTO plans VALUES ('p1', x'01', 17)");
    run("COMMIT");
  }
  ~OldFile() { sqlite3_close(database_); }
  OldFile(const OldFile&) = delete;
  OldFile& operator=(const OldFile&) = delete;

 private:
  void run(const char* sql) { REQUIRE(execute(database_, sql)); }

  void write_record(const std::string& id, bool has_addendum) {
    const StoredRecord record = record_of(id);
    const std::string old_leaf = text_of(evidence::leaf_hash(record.body));
    Statement row(database_, "INSERT INTO records VALUES (NULL,?,?,?,'a trace',?,?,11,12,?,?,?)");
    row.text(id).text(record.client).text(record.request_id).text(record.identifier).text(record.verdict);
    REQUIRE(row.blob(record.body).blob(record.statement).blob(old_leaf).run("writing"));
    for (const AttemptRow& attempt : record.rows) {
      Statement one(database_, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?)");
      one.text(id).text(attempt.attempt_id).text(attempt.perspective).text(attempt.role).text(attempt.rir);
      REQUIRE(one.text(attempt.check).text(attempt.outcome).text(attempt.problem).run("writing"));
    }
    if (version_ < 2 || !has_addendum) return;
    const std::string body = "what came late to " + id;
    Statement late(database_, "INSERT INTO addenda VALUES (NULL,?,'us-east',13,?,x'00')");
    REQUIRE(late.text(id).blob(body).run("writing"));
  }

  const int version_;
  sqlite3* database_ = nullptr;
};

}  // namespace

TEST_CASE("a file of an older version becomes a log with everything that was in it", "[store][log]") {
  const int version = GENERATE(1, 2);
  INFO("version " << version);
  const Folder folder;
  { const OldFile old(folder, version); }
  const auto store = SqliteStore::open(folder.file(), kLog).value();
  const auto reader = read_sqlite(folder.file()).value();
  const std::uint64_t addenda = version == 2 ? kRecords / 10 : 0;
  CHECK(store->tree_head().size == 2 + kRecords + addenda);
  CHECK(faults_of_log(*reader, store->tree_head()) == std::vector<std::string>{});

  const auto leaves = all_leaves(*reader);
  CHECK(leaves[0].body == "snapshot one");
  CHECK(leaves[1].kind == evidence::LeafKind::kSnapshot);
  CHECK(leaves[2].record->record_id == "r300");  // in the order of writing
  CHECK(leaves[301].record->record_id == "r1");
  CHECK(leaves[2].record->trace_id == "a trace");
  CHECK(leaves[2].record->received == TimePoint(std::chrono::nanoseconds(11)));
  for (int i = 1; i <= kRecords; ++i) {
    const std::string id = "r" + std::to_string(i);
    CHECK(fault_of(store->find(id), id).value_or("") == "");
  }
  CHECK(store->find("r300").value()->addenda.size() == (version == 2 ? 1 : 0));
  if (version == 2) CHECK(leaves[302].addendum->record_id == "r300");
  CHECK(store->find_request("tester", "request of r7").value()->record_id == "r7");
  CHECK(store->find_snapshot(evidence::sha256("snapshot two")).value() == "snapshot two");
  CHECK(store->open_plans()->front().record_id == "p1");
}

TEST_CASE("a file that became a log goes on as one, and is not moved again", "[store][log]") {
  const Folder folder;
  { const OldFile old(folder, 2); }
  TreeHead before;
  {
    const auto store = SqliteStore::open(folder.file(), kLog).value();
    CHECK(append(*store, record_of("new")).value() == 2 + kRecords + kRecords / 10);
    before = store->tree_head();
  }
  const auto store = SqliteStore::open(folder.file(), kLog).value();
  CHECK(store->tree_head().size == before.size);
  CHECK(store->tree_head().root == before.root);
  const auto again = append(*store, record_of("r5"));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ProblemCode::kInvalidArgument);
  CHECK(faults_of_log(*read_sqlite(folder.file()).value(), before) == std::vector<std::string>{});
}

TEST_CASE("an older file is not read beside its coordinator, and not touched", "[store][log]") {
  const Folder folder;
  const OldFile old(folder, 2);
  const auto reader = read_sqlite(folder.file());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == ProblemCode::kInternal);
  CHECK_THAT(reader.error().detail, Catch::Matchers::Contains(folder.file().string()) &&
                                        Catch::Matchers::Contains("version 2") &&
                                        Catch::Matchers::Contains("next start"));
}
