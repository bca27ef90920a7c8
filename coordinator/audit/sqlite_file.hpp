// The record store's file and the connections to it: one that writes, and two that read.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "coordinator/audit/sqlite_statements.hpp"

namespace mpic::coordinator {

// Everything but the readers belongs to one thread at a time.
class SqliteFile {
 public:
  // `patience`: how long other programs that write the file are waited for. `checkpoint_pages`: a write-ahead log
  // longer than this is brought into the file.
  SqliteFile(std::filesystem::path file, std::string log_origin, std::string vfs, std::chrono::milliseconds patience,
             int checkpoint_pages);
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  // Creates the file or migrates it. On return everything that is in it is durable in the file itself.
  [[nodiscard]] Expected<void> open();
  // After the disk has refused a write or a sync. The operating system says once that it could not write; what it then
  // forgets can still be read, and the next sync is good: so nothing may rest on what was written before. SQLite reads
  // its write-ahead log anew, with each frame's checksum, and copies it whole into the file. What was not committed
  // must have been overwritten by a good transaction before, or it may be found again.
  [[nodiscard]] Expected<void> reopen();
  [[nodiscard]] bool is_open() const { return writer_ != nullptr; }

  // kInternal too when the file is not where it was opened: what is written would be gone with this process.
  [[nodiscard]] Expected<void> transaction(const std::function<Expected<void>()>& body);
  // Whether a commit waits for the disk.
  [[nodiscard]] Expected<void> sync_commits(bool wanted);
  [[nodiscard]] bool commits_are_synced() const { return commits_are_synced_; }
  // SQLite's own checkpoints at commit keep their errors to themselves; these do not.
  [[nodiscard]] Expected<void> checkpoint_if_due();

  [[nodiscard]] sqlite3* writer() const { return writer_; }

  // Connections that read. Safe from any thread. One is for the path of a request, so that nothing there waits for what
  // takes longer.
  [[nodiscard]] Expected<SqliteReader::Held> hold_reader() { return reader_.hold(); }
  [[nodiscard]] Expected<SqliteReader::Held> hold_quick_reader() { return quick_reader_.hold(); }

 private:
  Expected<sqlite3*> connect(int flags);
  Expected<void> prepare(int flags);
  Expected<void> open_reader(SqliteReader& reader);
  Expected<void> checkpoint_whole();
  Expected<void> is_where_it_was() const;
  void close(bool last_checkpoint);

  const std::filesystem::path file_;
  const std::filesystem::path log_;  // the write-ahead log
  const std::string log_origin_;
  const std::string vfs_;
  const int patience_ms_;
  const int checkpoint_pages_;

  sqlite3* writer_ = nullptr;
  bool commits_are_synced_ = true;
  int logged_pages_ = 0;  // after the last commit
  ino_t file_inode_ = 0;
  ino_t log_inode_ = 0;

  // These synchronize themselves.
  SqliteReader reader_;
  SqliteReader quick_reader_;
};

}  // namespace mpic::coordinator
