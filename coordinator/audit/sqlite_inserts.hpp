// What the writer of the SQLite store writes, statement by statement.
#pragma once

#include "common/evidence/log_tree.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "coordinator/audit/write_backend.hpp"

namespace mpic::coordinator {

// Prepared once; within a transaction of the caller's. Used on the writer's thread; `database` outlives it.
class SqliteInserts {
 public:
  explicit SqliteInserts(sqlite3* database);

  // A record with its attempts closes its plan. Each leaf is appended to `tree`. Gives the leaf's index, as Write says.
  Expected<std::uint64_t> write(const WriteItem& item, evidence::GrowingTree& tree);
  // Unless it is there, or its record is.
  Expected<void> again(const StoredPlan& plan);
  Expected<void> write(const StoredCheckpoint& checkpoint);

 private:
  Expected<std::uint64_t> item(const StoredRecord& record, evidence::GrowingTree& tree);
  Expected<std::uint64_t> item(const StoredPlan& plan, evidence::GrowingTree& tree);
  Expected<std::uint64_t> item(const StoredSnapshot& snapshot, evidence::GrowingTree& tree);
  Expected<std::uint64_t> item(const StoredAddendum& addendum, evidence::GrowingTree& tree);
  Expected<std::uint64_t> item(const StoredEvent& event, evidence::GrowingTree& tree);
  Expected<std::uint64_t> leaf(evidence::LeafKind kind, const Digest& body_sha256, evidence::GrowingTree& tree);

  sqlite3* database_;
  Statement leaf_;
  Statement node_;
  Statement record_;
  Statement attempt_;
  Statement close_plan_;
  Statement plan_;
  Statement plan_again_;
  Statement snapshot_;
  Statement addendum_;
  Statement event_;
  Statement checkpoint_;
  std::vector<evidence::TreeNode> completed_;  // by the last leaf
};

}  // namespace mpic::coordinator
