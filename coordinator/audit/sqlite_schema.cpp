#include "coordinator/audit/sqlite_schema.hpp"

#include <array>

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
)sql"};

Expected<void> migrate(sqlite3* database, const std::string& log_origin) {
  std::int64_t found = 0;
  {
    Statement version(database, "PRAGMA user_version");
    if (version.step() != SQLITE_ROW) return sqlite_problem(database, "reading the schema version");
    found = version.number(0);
  }
  if (found > kSchemaVersion) {
    return fail(ProblemCode::kInternal, "record store",
                fmt::format("its schema is version {}, this program knows up to {}: use the newer program", found,
                            kSchemaVersion));
  }
  for (auto version = static_cast<std::size_t>(found); version < kMigrations.size(); ++version) {
    if (const auto made = execute(database, kMigrations[version]); !made) return made;
  }
  if (found == 0) {
    const auto named = Statement(database, "INSERT INTO log VALUES (?)").text(log_origin).run("naming the log");
    if (!named) return named;
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

Expected<void> prepare_database(sqlite3* database, const std::string& log_origin) {
  for (const char* sql :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "BEGIN IMMEDIATE"}) {
    if (const auto done = execute(database, sql); !done) return done;
  }
  if (const auto migrated = migrate(database, log_origin); !migrated) {
    const Problem why = migrated.error();
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    return Unexpected(why);
  }
  if (const auto done = execute(database, "COMMIT"); !done) return done;
  return check_origin(database, log_origin);
}

}  // namespace mpic::coordinator
