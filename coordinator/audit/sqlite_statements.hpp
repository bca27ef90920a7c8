// The statements of one connection, each prepared once.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "coordinator/audit/sqlite.hpp"

namespace mpic::coordinator {

// For one thread at a time.
class SqliteStatements {
 public:
  explicit SqliteStatements(sqlite3* database) : database_(database) {}
  [[nodiscard]] sqlite3* database() const { return database_; }

 private:
  friend class Query;
  Statement& prepared(const std::string& sql) {
    auto& statement = statements_[sql];
    if (!statement) statement = std::make_unique<Statement>(database_, sql.c_str());
    return *statement;
  }

  sqlite3* database_;  // outlives this
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
};

// One use of a statement. When it ends the connection reads no more, so that the write-ahead log can be brought into
// the file.
class Query {
 public:
  Query(SqliteStatements& statements, const std::string& sql)
      : database_(statements.database()), statement_(statements.prepared(sql).start()) {}
  ~Query() { statement_.start(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Statement* operator->() { return &statement_; }
  Statement& operator*() { return statement_; }
  // True: there is a row; false: there are no more.
  [[nodiscard]] Expected<bool> next(std::string_view doing) {
    const int step = statement_.step();
    if (step == SQLITE_ROW) return true;
    if (step == SQLITE_DONE) return false;
    return sqlite_problem(database_, doing);
  }

 private:
  sqlite3* database_;
  Statement& statement_;
};

// A connection that reads, for one thread after the other. Safe from any thread.
class SqliteReader {
 public:
  struct Held {
    std::unique_lock<std::mutex> lock;
    SqliteStatements* statements;
  };

  ~SqliteReader() { close(); }
  // Takes it over.
  void open(sqlite3* database) {
    close();
    const std::lock_guard lock(mutex_);
    statements_.emplace(database);
  }
  void close() {
    const std::lock_guard lock(mutex_);
    if (!statements_) return;
    sqlite3* database = statements_->database();
    statements_.reset();
    sqlite3_close(database);
  }
  // For as long as it is held. kInternal while there is none.
  [[nodiscard]] Expected<Held> hold() {
    Held out{std::unique_lock(mutex_), nullptr};
    if (!statements_) return fail(ProblemCode::kInternal, "record store", "its file is not open at present");
    out.statements = &*statements_;
    return out;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::optional<SqliteStatements> statements_;
};

}  // namespace mpic::coordinator
