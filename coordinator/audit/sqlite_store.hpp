// Records in one SQLite file: WAL, synchronous=FULL, group commit by one writer thread.
//
// What waits is written in one transaction; a commit returns when the operating system says that it is on disk, and only
// then are the waiting requests resumed. While a group is being written, the next one gathers: the busier, the larger.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

#include "coordinator/audit/record_store.hpp"

struct sqlite3;

namespace mpic::coordinator {

inline constexpr int kSchemaVersion = 1;
inline constexpr std::size_t kMaxQueuedWrites = 10'000;  // over it append() fails at once: kOverloaded

class SqliteStore final : public RecordStore {
 public:
  // Creates the file or migrates it to kSchemaVersion. kInternal with the path and reason when it cannot be opened, is
  // of a newer version, or belongs to another log origin.
  [[nodiscard]] static Expected<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& file,
                                                                   const std::string& log_origin);
  ~SqliteStore() override;  // writes what is queued
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  void plan(StoredPlan plan) override;
  asio::awaitable<Expected<void>> append(StoredRecord record) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;

  // False from a failed write until the next good one: the coordinator is not ready meanwhile.
  [[nodiscard]] bool healthy() const;

 private:
  struct Append {
    StoredRecord record;
    std::function<void(Expected<void>)> done;
  };
  using Write = std::variant<StoredPlan, Append>;

  explicit SqliteStore(sqlite3* database);
  bool enqueue(Write write);
  void run();
  void write_group(std::vector<Write>& group);
  Expected<void> transaction(const std::function<Expected<void>()>& body);

  // Constant after construction.
  sqlite3* const database_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Write> queue_;
  bool stopping_ = false;
  bool healthy_ = true;

  std::mutex database_mutex_;  // held during each transaction and read
  std::thread writer_;         // last: it uses all the others
};

}  // namespace mpic::coordinator
