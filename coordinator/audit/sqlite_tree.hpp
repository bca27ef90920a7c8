// The tree of the log that a SQLite file keeps.
#pragma once

#include "common/evidence/log_tree.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite_statements.hpp"

namespace mpic::coordinator {

// From the tables leaves and nodes. kInternal when one that is asked for is missing. For one thread at a time.
class SqliteHashes final : public evidence::HashSource {
 public:
  explicit SqliteHashes(SqliteStatements& from) : from_(from) {}
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;

 private:
  SqliteStatements& from_;
};

// The tree as the file has it, to be appended to: as checked_tree. kInternal too when leaves are missing in between.
[[nodiscard]] Expected<evidence::GrowingTree> learn_tree(SqliteStatements& from, const TreeHead& answered);

}  // namespace mpic::coordinator
