// What the writer of the SQLite store writes, statement by statement.
#pragma once

#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite.hpp"

namespace mpic::coordinator {

// A deployment snapshot, kept once.
struct StoredSnapshot {
  std::string hash;  // hex
  std::string body;
};

// Prepared once; within a transaction of the caller's. Used on the writer's thread; `database` outlives it.
class SqliteInserts {
 public:
  explicit SqliteInserts(sqlite3* database);

  // With its attempts; closes its plan.
  Expected<void> operator()(const StoredRecord& record);
  Expected<void> operator()(const StoredPlan& plan);
  // Unless it is there, or its record is.
  Expected<void> again(const StoredPlan& plan);
  Expected<void> operator()(const StoredSnapshot& snapshot);
  Expected<void> operator()(const StoredAddendum& addendum);

 private:
  Statement record_;
  Statement attempt_;
  Statement close_plan_;
  Statement plan_;
  Statement plan_again_;
  Statement snapshot_;
  Statement addendum_;
};

}  // namespace mpic::coordinator
