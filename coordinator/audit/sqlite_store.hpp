// Records in one SQLite file: WAL, synchronous=FULL, group commit by one writer thread.
//
// What waits is written in one transaction; a commit returns when the operating system says that it is on disk, and only
// then are the waiting requests resumed. While a group is being written, the next one gathers: the busier, the larger.
// Plans, which nobody waits for, are written at once but not synced when they are alone: they outlive this process, and
// become durable with the next record.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite_schema.hpp"

struct sqlite3;

namespace mpic::coordinator {

inline constexpr std::size_t kMaxQueuedWrites = 10'000;  // over it append() fails at once: kOverloaded

struct SqliteOptions {
  std::string vfs;  // SQLite's name of the file system to use; empty: the system's
  // Called on the writer's thread when healthy() changes, with the reason when it became false.
  std::function<void(bool healthy, const std::string& why)> on_health = [](bool, const std::string&) {};
  SqliteOptions() {}  // no aggregate: g++ 12 destroys those twice in a co_await expression
};

class SqliteStore final : public RecordStore {
 public:
  // Creates the file or migrates it to kSchemaVersion. kInternal with the path and reason when it cannot be opened, is
  // of a newer version, or belongs to another log origin.
  [[nodiscard]] static Expected<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& file,
                                                                   const std::string& log_origin,
                                                                   SqliteOptions options = {});
  ~SqliteStore() override;  // writes what is queued
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  void plan(StoredPlan plan) override;
  asio::awaitable<Expected<void>> append(StoredRecord record) override;
  asio::awaitable<Expected<void>> append_addendum(StoredAddendum addendum) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<StoredRecord>> find_request(const std::string& client, const std::string& request_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  // False from a write that the disk refused until a good one; it is tried again by itself, every half second.
  [[nodiscard]] bool healthy() const override;

 private:
  struct Write {
    std::variant<StoredPlan, StoredRecord, StoredAddendum> item;
    std::function<void(Expected<void>)> done;  // none: nobody waits
  };
  class Inserts;  // the prepared statements

  SqliteStore(sqlite3* database, sqlite3* reader, SqliteOptions options);
  bool enqueue(Write write);
  asio::awaitable<Expected<void>> write_and_wait(Write write);
  void run();
  void probe();
  Expected<void> sync_commits(bool wanted);
  void write_group(std::vector<Write>& group);
  void set_health(const Expected<void>& result);
  Expected<void> transaction(const std::function<Expected<void>()>& body);
  Expected<std::optional<StoredRecord>> find_where(const char* condition, const std::vector<std::string>& values);

  // Constant after construction.
  sqlite3* const database_;
  sqlite3* const reader_;  // of its own, so that reading never waits for a group
  const SqliteOptions options_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Write> queue_;
  bool stopping_ = false;
  bool healthy_ = true;

  std::mutex database_mutex_;  // held during each transaction
  std::mutex reader_mutex_;    // held during each read
  std::unique_ptr<Inserts> inserts_;  // as is the next: the writer's
  bool commits_are_synced_ = true;
  std::thread writer_;  // last: it uses all the others
};

}  // namespace mpic::coordinator
