#include "coordinator/audit/postgres_schema.hpp"

#include <fmt/format.h>

#include <array>

namespace mpic::coordinator {
namespace {

// Of our advisory locks: "mpic" in ASCII, then what is locked.
constexpr std::int64_t kLocks = 0x6d706963;
constexpr std::int64_t kSchemaLock = 0;

// Entry n brings a database from version n to n + 1. Never changed once released. Texts are compared by their octets.
const std::array<std::vector<const char*>, kPgSchemaVersion> kMigrations = {{{
    "CREATE TABLE logs (log integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, origin text NOT NULL UNIQUE, "
    "pruned_below bigint NOT NULL DEFAULT 0)",
    "CREATE TABLE leaves (log integer NOT NULL REFERENCES logs, idx bigint NOT NULL, kind smallint NOT NULL, "
    "body_sha256 bytea NOT NULL, PRIMARY KEY (log, idx))",
    "CREATE TABLE nodes (log integer NOT NULL REFERENCES logs, level integer NOT NULL, idx bigint NOT NULL, "
    "hash bytea NOT NULL, PRIMARY KEY (log, level, idx))",
    "CREATE TABLE checkpoints (log integer NOT NULL REFERENCES logs, size bigint NOT NULL, signed_ns bigint NOT NULL, "
    "note text NOT NULL, PRIMARY KEY (log, size))",
    "CREATE TABLE records (log integer NOT NULL REFERENCES logs, leaf bigint NOT NULL, record_id text COLLATE \"C\" "
    "NOT "
    "NULL, client text COLLATE \"C\" NOT NULL, request_id text COLLATE \"C\" NOT NULL, trace_id text COLLATE \"C\" NOT "
    "NULL, identifier text COLLATE \"C\" NOT NULL, verdict text COLLATE \"C\" NOT NULL, received_ns bigint NOT NULL, "
    "decided_ns bigint NOT NULL, body bytea NOT NULL, statement bytea NOT NULL, PRIMARY KEY (log, leaf), "
    "UNIQUE (log, record_id))",
    "CREATE TABLE attempts (log integer NOT NULL REFERENCES logs, leaf bigint NOT NULL, n integer NOT NULL, attempt_id "
    "text NOT NULL, perspective text COLLATE \"C\" NOT NULL, role text NOT NULL, rir text NOT NULL, check_kind text "
    "NOT "
    "NULL, outcome text COLLATE \"C\" NOT NULL, problem text NOT NULL, PRIMARY KEY (log, leaf, n))",
    "CREATE TABLE addenda (log integer NOT NULL REFERENCES logs, leaf bigint NOT NULL, record_id text COLLATE \"C\" "
    "NOT "
    "NULL, perspective text NOT NULL, received_ns bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (log, leaf))",
    "CREATE TABLE snapshots (log integer NOT NULL REFERENCES logs, hash bytea NOT NULL, leaf bigint NOT NULL, body "
    "bytea "
    "NOT NULL, PRIMARY KEY (log, hash), UNIQUE (log, leaf))",
    "CREATE TABLE events (log integer NOT NULL REFERENCES logs, leaf bigint NOT NULL, at_ns bigint NOT NULL, body "
    "bytea "
    "NOT NULL, PRIMARY KEY (log, leaf))",
    "CREATE TABLE plans (log integer NOT NULL REFERENCES logs, n bigint GENERATED ALWAYS AS IDENTITY, record_id text "
    "COLLATE \"C\" NOT NULL, body bytea NOT NULL, dispatched_ns bigint NOT NULL, PRIMARY KEY (log, n))",
    "CREATE INDEX plans_by_record ON plans (log, record_id)",
    "CREATE INDEX records_by_identifier ON records (log, identifier, received_ns)",
    "CREATE INDEX records_by_time ON records (log, received_ns, decided_ns)",
    "CREATE UNIQUE INDEX records_by_request ON records (log, request_id, client) WHERE request_id <> ''",
    "CREATE INDEX records_by_trace ON records (log, trace_id) WHERE trace_id <> ''",
    "CREATE INDEX attempts_that_failed ON attempts (log, outcome, perspective) WHERE outcome <> 'corroborates'",
    "CREATE INDEX addenda_by_record ON addenda (log, record_id)",
}}};

Unexpected refused(std::string why) { return fail(ProblemCode::kInternal, "record store", std::move(why)); }

Expected<void> is_set(PgConnection& connection, const std::string& name) {
  const auto value = connection.run("SHOW " + name);
  if (!value) return Unexpected(value.error());
  if (value->text(0, 0) == "on") return {};
  return refused(
      fmt::format("the server's {0} is {1}: what it commits could be lost; set {0} = on", name, value->text(0, 0)));
}

Expected<std::int64_t> version_of(PgConnection& connection) {
  const auto table = connection.run("SELECT to_regclass('schema_version') IS NOT NULL");
  if (!table) return Unexpected(table.error());
  if (table->text(0, 0) != std::string(1, '\1')) return std::int64_t{0};
  const auto version = connection.run("SELECT max(version) FROM schema_version");
  if (!version) return Unexpected(version.error());
  return version->number(0, 0);
}

Expected<void> migrate(PgConnection& connection) {
  const auto found = version_of(connection);
  if (!found) return Unexpected(found.error());
  if (*found > kPgSchemaVersion) {
    return refused(fmt::format("its schema is version {}, this program knows up to {}: use the newer program", *found,
                               kPgSchemaVersion));
  }
  if (*found == kPgSchemaVersion) return {};
  std::vector<std::string> sql{"BEGIN"};
  if (*found == 0) sql.emplace_back("CREATE TABLE schema_version (version integer NOT NULL)");
  for (auto version = static_cast<std::size_t>(*found); version < kMigrations.size(); ++version) {
    for (const char* statement : kMigrations[version]) sql.emplace_back(statement);
    sql.push_back(fmt::format("INSERT INTO schema_version VALUES ({})", version + 1));
  }
  sql.emplace_back("COMMIT");
  for (const std::string& statement : sql) {
    const auto done = connection.run(statement);
    if (!done) return Unexpected(done.error());
  }
  return {};
}

}  // namespace

Expected<void> pg_prepare(PgConnection& connection) {
  for (const char* setting : {"fsync", "full_page_writes"}) {
    if (const auto good = is_set(connection, setting); !good) return good;
  }
  const auto synced = connection.run("SET synchronous_commit = on");
  if (!synced) return Unexpected(synced.error());
  if (const auto good = is_set(connection, "synchronous_commit"); !good) return good;
  const PgValues lock{PgValue::number(kLocks << 32 | kSchemaLock)};
  const auto locked = connection.run("SELECT pg_advisory_lock($1)", lock);
  if (!locked) return Unexpected(locked.error());
  auto migrated = migrate(connection);
  const auto unlocked = connection.run("SELECT pg_advisory_unlock($1)", lock);
  if (migrated && !unlocked) return Unexpected(unlocked.error());
  return migrated;
}

Expected<void> pg_check_version(PgConnection& connection) {
  const auto version = version_of(connection);
  if (!version) return Unexpected(version.error());
  if (*version == kPgSchemaVersion) return {};
  if (*version == 0) return refused("this database has no record store");
  const char* what = *version < kPgSchemaVersion ? "its coordinator brings it to this version at its next start"
                                                 : "use the newer program";
  return refused(fmt::format("its schema is version {}, this program reads {}: {}", *version, kPgSchemaVersion, what));
}

Expected<std::int64_t> pg_log(PgConnection& connection, const std::string& origin) {
  const PgValues name{PgValue::text(origin)};
  const auto made = connection.run("INSERT INTO logs (origin) VALUES ($1) ON CONFLICT DO NOTHING", name);
  if (!made) return Unexpected(made.error());
  const auto found = connection.run("SELECT log FROM logs WHERE origin = $1", name);
  if (!found) return Unexpected(found.error());
  if (found->size() != 1) return refused("the log has no number");
  return found->number(0, 0);
}

Expected<void> pg_lock_log(PgConnection& connection, std::int64_t log, const std::string& origin) {
  const auto locked = connection.run("SELECT pg_try_advisory_lock($1)", {PgValue::number(kLocks << 32 | log)});
  if (!locked) return Unexpected(locked.error());
  if (locked->text(0, 0) == std::string(1, '\1')) return {};
  return refused(fmt::format(
      "another coordinator writes the log \"{}\" in this database: each needs a log_origin of its own. Or the server "
      "still holds the last session of this one, which waits for a standby, or whose end it has not noticed yet",
      origin));
}

}  // namespace mpic::coordinator
