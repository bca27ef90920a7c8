// The record store's tables, and how an older file becomes one of today.
#pragma once

#include <cstdint>
#include <string>

#include "common/domain/problem.hpp"

struct sqlite3;

namespace mpic::coordinator {

inline constexpr int kSchemaVersion = 3;

// 0: the file is new.
[[nodiscard]] Expected<std::int64_t> schema_version(sqlite3* database);
// WAL, and a commit that is on disk when it returns. Creates the tables or migrates them to kSchemaVersion, in one
// transaction. kInternal when the file is of a newer version or belongs to another log origin.
[[nodiscard]] Expected<void> prepare_database(sqlite3* database, const std::string& log_origin);

}  // namespace mpic::coordinator
