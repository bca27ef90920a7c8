// The little of SQLite's C interface that the store needs, made safe to use.
#pragma once

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/domain/problem.hpp"

namespace mpic::coordinator {

inline Unexpected sqlite_problem(sqlite3* database, std::string_view doing) {
  return fail(ProblemCode::kInternal, "record store", fmt::format("{}: {}", doing, sqlite3_errmsg(database)));
}

inline Expected<void> execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_problem(database, sql);
  return {};
}

// One prepared statement, used once. Text and blobs are bound without a copy: they must outlive the statement.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(std::string_view value) {
    sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& blob(std::string_view value) {
    sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& integer(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }

  // SQLITE_ROW, SQLITE_DONE or an error; an error too when the statement could not be prepared.
  int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  Expected<void> run(std::string_view doing) {
    if (step() != SQLITE_DONE) return sqlite_problem(database_, doing);
    return {};
  }

  [[nodiscard]] std::string column(int index) {
    const void* data = sqlite3_column_blob(statement_, index);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, index));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
  }
  [[nodiscard]] std::int64_t number(int index) { return sqlite3_column_int64(statement_, index); }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace mpic::coordinator
