#include "coordinator/audit/sqlite_schema.hpp"

#include <array>

#include "common/evidence/log_tree.hpp"
#include "coordinator/audit/sqlite.hpp"

namespace mpic::coordinator {
namespace {

// Entry n brings a file from version n to n + 1. Never changed once released: files of every version exist.
constexpr std::array<const char*, kSchemaVersion> kMigrations = {
    R"sql(
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
)sql",
    R"sql(
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
)sql",
    // The log becomes a tree. Its first leaves are what there is: snapshots, records, addenda, each in their order.
    // What refers to a record does so by its leaf, which is also where it lies in the file: nothing of a new record is
    // written to where its random id would be, but for the index of ids.
    R"sql(
ALTER TABLE log ADD COLUMN pruned_below INTEGER NOT NULL DEFAULT 0;
CREATE TABLE leaves (idx INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body_sha256 BLOB NOT NULL);
CREATE TABLE nodes (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, idx)
) WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, signed_ns INTEGER NOT NULL, note TEXT NOT NULL);
CREATE TABLE events (leaf INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, body BLOB NOT NULL);

CREATE TABLE moved (position INTEGER PRIMARY KEY, old INTEGER NOT NULL);
INSERT INTO moved SELECT NULL, rowid FROM snapshots ORDER BY rowid;
CREATE TABLE snapshots_3 (hash BLOB PRIMARY KEY, leaf INTEGER NOT NULL UNIQUE, body BLOB NOT NULL);
INSERT INTO snapshots_3 SELECT sha256(body), position - 1, body FROM moved JOIN snapshots s ON s.rowid = old
  ORDER BY position;
INSERT INTO leaves SELECT leaf, 3, hash FROM snapshots_3;
DROP TABLE snapshots;
ALTER TABLE snapshots_3 RENAME TO snapshots;

DELETE FROM moved;
INSERT INTO moved SELECT NULL, seq FROM records ORDER BY seq;
CREATE TABLE records_3 (
  leaf INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  request_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  identifier TEXT NOT NULL,
  verdict TEXT NOT NULL,
  received_ns INTEGER NOT NULL,
  decided_ns INTEGER NOT NULL,
  body BLOB NOT NULL,
  statement BLOB NOT NULL
);
INSERT INTO records_3 SELECT (SELECT count(*) FROM snapshots) + position - 1, record_id, client, request_id, trace_id,
  identifier, verdict, received_ns, decided_ns, body, statement FROM moved JOIN records ON seq = old ORDER BY position;
INSERT INTO leaves SELECT leaf, 1, sha256(body) FROM records_3 ORDER BY leaf;

CREATE TABLE attempts_3 (
  leaf INTEGER NOT NULL REFERENCES records (leaf),
  n INTEGER NOT NULL,
  attempt_id TEXT NOT NULL,
  perspective TEXT NOT NULL,
  role TEXT NOT NULL,
  rir TEXT NOT NULL,
  check_kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  problem TEXT NOT NULL,
  PRIMARY KEY (leaf, n)
) WITHOUT ROWID;
INSERT INTO attempts_3 SELECT leaf, a.rowid, attempt_id, perspective, role, rir, check_kind, outcome, problem
  FROM attempts a JOIN records_3 USING (record_id);
DROP TABLE attempts;
ALTER TABLE attempts_3 RENAME TO attempts;

DELETE FROM moved;
INSERT INTO moved SELECT NULL, seq FROM addenda ORDER BY seq;
CREATE TABLE addenda_3 (
  leaf INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL REFERENCES records (record_id),
  perspective TEXT NOT NULL,
  received_ns INTEGER NOT NULL,
  body BLOB NOT NULL
);
INSERT INTO addenda_3 SELECT (SELECT count(*) FROM leaves) + position - 1, record_id, perspective, received_ns, body
  FROM moved JOIN addenda ON seq = old ORDER BY position;
DROP TABLE addenda;
ALTER TABLE addenda_3 RENAME TO addenda;
INSERT INTO leaves SELECT leaf, 2, sha256(body) FROM addenda ORDER BY leaf;

DROP TABLE records;
ALTER TABLE records_3 RENAME TO records;
DROP TABLE moved;
CREATE INDEX records_by_identifier ON records (identifier, received_ns);
CREATE INDEX records_by_time ON records (received_ns, decided_ns);
CREATE UNIQUE INDEX records_by_request ON records (request_id, client) WHERE request_id <> '';
CREATE INDEX records_by_trace ON records (trace_id) WHERE trace_id <> '';
CREATE INDEX attempts_that_failed ON attempts (outcome, perspective) WHERE outcome <> 'corroborates';
CREATE INDEX addenda_by_record ON addenda (record_id);
)sql"};
constexpr std::int64_t kFirstWithTree = 3;

void sha256_of(sqlite3_context* context, int, sqlite3_value** values) {
  const void* data = sqlite3_value_blob(values[0]);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const Digest hash =
      evidence::sha256(data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size));
  sqlite3_result_blob(context, hash.data(), static_cast<int>(hash.size()), SQLITE_TRANSIENT);
}

// For the leaves that a migration has made.
Expected<void> grow_tree(sqlite3* database) {
  Statement leaves(database, "SELECT kind, body_sha256 FROM leaves ORDER BY idx");
  Statement node(database, "INSERT INTO nodes VALUES (?,?,?)");
  evidence::GrowingTree tree;
  std::vector<evidence::TreeNode> completed;
  int step = leaves.step();
  for (; step == SQLITE_ROW; step = leaves.step()) {
    completed.clear();
    tree.append(evidence::log_leaf_hash(static_cast<evidence::LeafKind>(leaves.number(0)), leaves.digest(1)),
                completed);
    for (const evidence::TreeNode& made : completed) {
      node.start().integer(made.level).index(made.index).blob(made.hash);
      if (const auto written = node.run("writing the tree"); !written) return written;
    }
  }
  if (step != SQLITE_DONE) return sqlite_problem(database, "reading leaves");
  return {};
}

Expected<void> migrate(sqlite3* database, const std::string& log_origin) {
  const auto found = schema_version(database);
  if (!found) return Unexpected(found.error());
  if (*found == kSchemaVersion) return {};
  if (*found > kSchemaVersion) {
    return fail(ProblemCode::kInternal, "record store",
                fmt::format("its schema is version {}, this program knows up to {}: use the newer program", *found,
                            kSchemaVersion));
  }
  sqlite3_create_function_v2(database, "sha256", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, sha256_of, nullptr,
                             nullptr, nullptr);
  for (auto version = static_cast<std::size_t>(*found); version < kMigrations.size(); ++version) {
    if (const auto made = execute(database, kMigrations[version]); !made) return made;
  }
  if (*found < kFirstWithTree) {
    if (const auto grown = grow_tree(database); !grown) return grown;
  }
  if (*found == 0) {
    Statement name(database, "INSERT INTO log (log_origin) VALUES (?)");
    if (const auto named = name.text(log_origin).run("naming the log"); !named) return named;
  }
  return execute(database, fmt::format("PRAGMA user_version = {}", kSchemaVersion).c_str());
}

Expected<void> check_origin(sqlite3* database, const std::string& log_origin) {
  Statement origin(database, "SELECT log_origin FROM log");
  if (origin.step() != SQLITE_ROW) return sqlite_problem(database, "reading the log origin");
  if (origin.column(0) == log_origin) return {};
  return fail(ProblemCode::kInternal, "record store",
              fmt::format("it belongs to the log \"{}\", not to \"{}\"", printable(origin.column(0)), log_origin));
}

}  // namespace

Expected<std::int64_t> schema_version(sqlite3* database) {
  Statement version(database, "PRAGMA user_version");
  if (version.step() != SQLITE_ROW) return sqlite_problem(database, "reading the schema version");
  return version.number(0);
}

Expected<void> prepare_database(sqlite3* database, const std::string& log_origin) {
  for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"}) {
    if (const auto done = execute(database, sql); !done) return done;
  }
  if (const auto migrated = migrate(database, log_origin); !migrated) {
    const Problem why = migrated.error();
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    return Unexpected(why);
  }
  if (const auto done = execute(database, "COMMIT"); !done) return done;
  if (const auto done = execute(database, "PRAGMA foreign_keys = ON"); !done) return done;  // off while tables move
  return check_origin(database, log_origin);
}

}  // namespace mpic::coordinator
