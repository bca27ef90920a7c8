// What the group writer writes to: one SQLite file. WAL, synchronous=FULL.
//
// A commit returns when the operating system says that it is on disk. When the disk refuses a write or a sync, nothing
// is written until the file has been opened anew and is whole (repair). Then what was refused is not in it, and never
// will be: it may be found only if the process ends before, as a record whose answer nobody got. Its plan is in it, and
// is closed at the next start.
#pragma once

#include <memory>
#include <mutex>

#include "common/evidence/log_tree.hpp"
#include "coordinator/audit/sqlite_file.hpp"
#include "coordinator/audit/sqlite_inserts.hpp"
#include "coordinator/audit/write_backend.hpp"

namespace mpic::coordinator {

class SqliteBackend final : public WriteBackend {
 public:
  // `file` is open and outlives it. Nothing may be written before learn() has succeeded.
  explicit SqliteBackend(SqliteFile& file) : file_(file) {}
  // The tree, from the file; kInternal when its log is not sound, kEvidenceInvalid when it does not begin with head().
  [[nodiscard]] Expected<void> learn();

  [[nodiscard]] Expected<std::vector<std::uint64_t>> write(std::span<const Write* const> writes, bool durable) override;
  [[nodiscard]] Expected<void> tidy() override;
  [[nodiscard]] Expected<void> repair(std::span<const StoredPlan> kept) override;
  [[nodiscard]] TreeHead head() const override;
  // Between two groups, on the writer's thread; as in RecordStore.
  [[nodiscard]] Expected<void> keep_checkpoint(const StoredCheckpoint& checkpoint);
  [[nodiscard]] Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most);

 private:
  Expected<void> try_to_write();
  Expected<std::size_t> prune_some(std::uint64_t minimum_index, std::size_t most);

  SqliteFile& file_;
  std::unique_ptr<SqliteInserts> inserts_;  // the prepared statements
  evidence::GrowingTree tree_;              // of what is durable

  mutable std::mutex mutex_;  // guards what follows
  TreeHead head_;
};

}  // namespace mpic::coordinator
