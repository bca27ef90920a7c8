// The tables of a PostgreSQL record store, and how an older database becomes one of today.
#pragma once

#include "coordinator/audit/postgres.hpp"

namespace mpic::coordinator {

inline constexpr int kPgSchemaVersion = 1;

// Creates or migrates the tables, one program at a time; checks that the server keeps what it commits: fsync and
// full_page_writes are on, and synchronous_commit is for this session. kInternal saying what to set, or that the
// database is of a newer program.
[[nodiscard]] Expected<void> pg_prepare(PgConnection& connection);
// kInternal when it is of another version than this program reads.
[[nodiscard]] Expected<void> pg_check_version(PgConnection& connection);

// The number of a log, made when it is new.
[[nodiscard]] Expected<std::int64_t> pg_log(PgConnection& connection, const std::string& origin);
// Held for as long as the connection is: no other program writes this log. kInternal when another one does.
[[nodiscard]] Expected<void> pg_lock_log(PgConnection& connection, std::int64_t log, const std::string& origin);

}  // namespace mpic::coordinator
