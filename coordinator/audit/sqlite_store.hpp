// Records in one SQLite file, written by a group writer, read over connections of their own.
#pragma once

#include <filesystem>

#include "coordinator/audit/group_writer.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite_backend.hpp"
#include "coordinator/audit/sqlite_file.hpp"
#include "coordinator/audit/sqlite_schema.hpp"

namespace mpic::coordinator {

struct SqliteOptions {
  std::string vfs;                            // SQLite's name of the file system to use; empty: the system's
  std::chrono::milliseconds patience{5'000};  // with other programs that write the file: none should
  int checkpoint_pages = 4'000;               // a write-ahead log longer than this is brought into the file
  GroupWriterOptions writer;
  SqliteOptions() {}  // no aggregate: g++ 12 destroys those twice in a co_await expression
};

class SqliteStore final : public RecordStore {
 public:
  // Creates the file or migrates it to kSchemaVersion. kInternal with the path and reason when it cannot be opened, is
  // of a newer version, belongs to another log origin, or when its log is not the one that its last checkpoint was
  // signed over.
  [[nodiscard]] static Expected<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& file,
                                                                   const std::string& log_origin,
                                                                   SqliteOptions options = {});

  [[nodiscard]] bool plan(StoredPlan plan) override;
  asio::awaitable<Expected<std::uint64_t>> append(StoredRecord record) override;
  asio::awaitable<Expected<std::uint64_t>> append_addendum(StoredAddendum addendum) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<StoredRecord>> find_request(const std::string& client, const std::string& request_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  Expected<std::optional<std::string>> find_snapshot(const Digest& hash) override;
  Expected<std::uint64_t> append_event(StoredEvent event) override;
  Expected<std::vector<StoredEvent>> last_events(std::size_t most) override;
  [[nodiscard]] TreeHead tree_head() const override;
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;
  Expected<void> keep_checkpoint(StoredCheckpoint checkpoint) override;
  Expected<std::optional<StoredCheckpoint>> last_checkpoint() override;
  Expected<std::uint64_t> decided_before(TimePoint decided_before) override;
  Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most) override;
  [[nodiscard]] bool healthy() const override;
  [[nodiscard]] std::string fault() const override;
  [[nodiscard]] bool has_lost_records() const override;

 private:
  SqliteStore(std::unique_ptr<SqliteFile> file, std::unique_ptr<SqliteBackend> backend, GroupWriterOptions options);

  // The writer's, but for the file's readers and the backend's head.
  const std::unique_ptr<SqliteFile> file_;
  const std::unique_ptr<SqliteBackend> backend_;
  GroupWriter writer_;  // last: it uses the others
};

}  // namespace mpic::coordinator
