// A disk that loses what was not synced, for SQLite.
//
// Wraps the system's file system under a name of its own, and keeps for each file what has been synced apart from what
// was only written. Syncs cost nothing here, so what is on the real disk is what a running program sees;
// after_power_loss() tells what a machine would find that lost its power now. Shared memory passes through: it never
// outlives a crash.
//
// What a real disk may do, and this does: keep any of the unsynced writes, in any order, torn at sectors of 512 octets;
// forget a file's creation or deletion until its folder is synced; and after a failed sync drop what it could not
// write, although reading still shows it and the next sync is good.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace mpic::test {

// Files by name, as a new process would find them.
struct DiskImage {
  std::map<std::string, std::string> files;
  void write_to(const std::filesystem::path& folder) const;  // made anew
};

// Which operations of a disk fail.
enum class DiskFault { kWrites, kSyncs };

// Safe from any thread. Outlives every connection that uses it.
class LossyVfs {
 public:
  explicit LossyVfs(std::uint64_t seed);
  ~LossyVfs();
  LossyVfs(const LossyVfs&) = delete;
  LossyVfs& operator=(const LossyVfs&) = delete;
  [[nodiscard]] const std::string& name() const { return name_; }  // SQLite's, for sqlite3_open_v2()

  // Of what is not synced, each sector and each change of the folder is kept with this probability.
  [[nodiscard]] DiskImage after_power_loss(double kept);

  // The operations of this kind fail from the one that comes after `spared` more, `count` of them, with SQLite's
  // `code`.
  void fail(DiskFault what, int code, int spared, int count);
  void heal();
  [[nodiscard]] int failed() const;  // operations since fail()
  void ignore_syncs();               // from now on: a disk that lies

 private:
  struct Change {  // of one file: octets at an offset, or a new size
    std::int64_t offset;
    std::string octets;
    bool is_truncation;
  };
  struct File {
    std::string synced;
    std::vector<Change> unsynced;
  };
  struct FolderChange {
    std::string path;
    std::shared_ptr<File> file;  // null: deleted
  };
  struct Methods;  // SQLite's table of functions
  friend struct Methods;

  void apply(std::string& content, const Change& change, double kept);
  static void enter(std::map<std::string, std::shared_ptr<File>>& folder, const FolderChange& change);
  // Precondition of all: mutex_ held.
  bool is_kept(double probability);
  int fault(DiskFault what);
  std::shared_ptr<File> opened(const std::string& path, bool existed);
  void deleted(const std::string& path, bool folder_is_synced);
  void sync_folder();
  int sync(File& file);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  sqlite3_vfs* const system_;

  mutable std::mutex mutex_;  // guards what follows
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<File>> files_;          // as running programs see them
  std::map<std::string, std::shared_ptr<File>> synced_folder_;  // as they are on the disk
  std::vector<FolderChange> folder_changes_;
  DiskFault failing_ = DiskFault::kWrites;
  int code_ = SQLITE_OK;  // of failures; none are due while it is OK
  int spared_ = 0;
  int to_fail_ = 0;
  int failed_ = 0;
  bool ignores_syncs_ = false;
};

}  // namespace mpic::test
