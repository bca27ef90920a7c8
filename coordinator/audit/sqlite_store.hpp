// Records in one SQLite file: WAL, synchronous=FULL, group commit by one writer thread.
//
// What waits is written in one transaction; a commit returns when the operating system says that it is on disk, and
// only then are the waiting requests resumed. While a group is being written, the next one gathers: the busier, the
// larger. Plans, which nobody waits for, are written at once but not synced when they are alone: they outlive this
// process, and become durable with the next record.
//
// When the disk refuses a write or a sync, everything that waits is refused, and nothing is written until the file has
// been opened anew and is whole (repair). Then what was refused is not in it, and never will be: it may be found only
// if the process ends before, as a record whose answer nobody got. Its plan is in it, and is closed at the next start.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite_file.hpp"
#include "coordinator/audit/sqlite_inserts.hpp"
#include "coordinator/audit/sqlite_schema.hpp"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxQueuedWrites = 10'000;  // over it append() fails at once: kOverloaded

struct SqliteOptions {
  std::string vfs;                             // SQLite's name of the file system to use; empty: the system's
  std::chrono::milliseconds probe_pause{500};  // between tries to write again after a failure
  std::chrono::milliseconds patience{5'000};   // with other programs that write the file: none should
  int checkpoint_pages = 1'000;                // a write-ahead log longer than this is brought into the file
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

  [[nodiscard]] bool plan(StoredPlan plan) override;
  asio::awaitable<Expected<void>> append(StoredRecord record) override;
  asio::awaitable<Expected<void>> append_addendum(StoredAddendum addendum) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<StoredRecord>> find_request(const std::string& client, const std::string& request_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  // False from a write that the disk refused until the file is whole again; it is tried by itself, every probe_pause.
  [[nodiscard]] bool healthy() const override;
  // Why healthy() is false; empty while it is true.
  [[nodiscard]] std::string fault() const;

 private:
  struct Write {
    std::variant<StoredPlan, StoredRecord, StoredAddendum, StoredSnapshot> item;
    std::function<void(Expected<void>)> done;  // none: nobody waits
  };

  SqliteStore(std::unique_ptr<SqliteFile> file, SqliteOptions options);
  bool enqueue(Write write);
  asio::awaitable<Expected<void>> write_and_wait(Write write);
  Expected<std::optional<StoredRecord>> find_where(sqlite3* database, const char* condition,
                                                   const std::vector<std::string>& values);
  // On the writer's thread.
  void run();
  void write_group(std::vector<Write>& group);
  Expected<void> write_together(const std::vector<Write>& group);
  void write_each(std::vector<Write>& group);
  void refuse(std::vector<Write>& group, const Problem& why);
  void keep_plan(Write& write);
  Expected<void> repair();
  Expected<void> try_to_write();
  Expected<void> write_kept_plans();
  void set_health(const Expected<void>& result);

  const SqliteOptions options_;  // constant after construction

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Write> queue_;
  bool stopping_ = false;
  bool healthy_ = true;
  std::string fault_;

  // The writer's, but for reading, which the file allows to anybody.
  const std::unique_ptr<SqliteFile> file_;
  std::unique_ptr<SqliteInserts> inserts_;  // the prepared statements
  std::vector<StoredPlan> kept_plans_;      // that no good sync has made durable yet
  std::thread writer_;                      // last: it uses all the others
};

}  // namespace mpic::coordinator
