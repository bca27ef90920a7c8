// The little of SQLite's C interface that the store needs, made safe to use.
#pragma once

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "common/domain/observation.hpp"
#include "common/domain/problem.hpp"

namespace mpic::coordinator {

// What the system said of the last operation that it refused on the write-ahead log, or else on the file; 0: nothing.
inline int last_system_error(sqlite3* database) {
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(database, "main", which, &file) != SQLITE_OK) continue;
    int error = 0;
    if (file == nullptr || file->pMethods == nullptr) continue;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK && error != 0) return error;
  }
  return 0;
}

// kInternal: the store is at fault. kInvalidArgument: what was to be written is (an id that is there already).
inline Unexpected sqlite_problem(sqlite3* database, std::string_view doing) {
  const int code = sqlite3_errcode(database);
  const auto kind = code == SQLITE_CONSTRAINT ? ProblemCode::kInvalidArgument : ProblemCode::kInternal;
  std::string detail = fmt::format("{}: {}", doing, sqlite3_errmsg(database));
  if (code == SQLITE_IOERR) {  // its text tells neither what was refused nor why
    detail += fmt::format(", SQLite's code {}", sqlite3_extended_errcode(database));
    const int why = last_system_error(database);
    if (why != 0) detail += ": " + std::system_category().message(why);
  }
  return fail(kind, "record store", std::move(detail));
}

inline Expected<void> execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_problem(database, sql);
  return {};
}

// A prepared statement, used once or, after start(), again. Text and blobs are bound without a copy: they must outlive
// the run.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Forgets the last run and what was bound for it.
  Statement& start() {
    sqlite3_reset(statement_);
    bound_ = 0;
    return *this;
  }
  Statement& text(std::string_view value) {
    sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& blob(std::string_view value) {
    sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& blob(const Digest& value) {
    sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& integer(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& index(std::uint64_t value) { return integer(static_cast<std::int64_t>(value)); }

  // SQLITE_ROW, SQLITE_DONE or an error; an error too when the statement could not be prepared.
  int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  // To its end. It holds no lock afterwards, and may be started again.
  Expected<void> run(std::string_view doing) {
    const int end = step();
    if (end != SQLITE_DONE) {
      auto problem = sqlite_problem(database_, doing);
      sqlite3_reset(statement_);
      return problem;
    }
    sqlite3_reset(statement_);
    return {};
  }

  [[nodiscard]] std::string column(int index) {
    const void* data = sqlite3_column_blob(statement_, index);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, index));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
  }
  [[nodiscard]] std::int64_t number(int index) { return sqlite3_column_int64(statement_, index); }
  [[nodiscard]] bool is_null(int index) { return sqlite3_column_type(statement_, index) == SQLITE_NULL; }
  // Of a leaf or node.
  [[nodiscard]] std::uint64_t index_at(int index) { return static_cast<std::uint64_t>(number(index)); }
  // All zeros when the value is not one.
  [[nodiscard]] Digest digest(int index) {
    Digest out{};
    const void* data = sqlite3_column_blob(statement_, index);
    if (data != nullptr && static_cast<std::size_t>(sqlite3_column_bytes(statement_, index)) == out.size()) {
      std::memcpy(out.data(), data, out.size());
    }
    return out;
  }
  [[nodiscard]] TimePoint moment(int index) { return TimePoint(std::chrono::nanoseconds(number(index))); }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace mpic::coordinator
