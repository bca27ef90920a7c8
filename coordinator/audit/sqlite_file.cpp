#include "coordinator/audit/sqlite_file.hpp"

#include <sys/stat.h>

#include "coordinator/audit/sqlite.hpp"
#include "coordinator/audit/sqlite_schema.hpp"

namespace mpic::coordinator {
namespace {

ino_t inode_of(const std::filesystem::path& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace

SqliteFile::SqliteFile(std::filesystem::path file, std::string log_origin, std::string vfs,
                       std::chrono::milliseconds patience, int checkpoint_pages)
    : file_(std::move(file)),
      log_(file_.string() + "-wal"),
      log_origin_(std::move(log_origin)),
      vfs_(std::move(vfs)),
      patience_ms_(static_cast<int>(patience.count())),
      checkpoint_pages_(checkpoint_pages) {}

SqliteFile::~SqliteFile() { close(true); }

Expected<void> SqliteFile::open() {
  auto ready = prepare(SQLITE_OPEN_CREATE);
  if (!ready) return ready;
  file_inode_ = inode_of(file_);
  return ready;
}

Expected<void> SqliteFile::reopen() {
  if (const auto there = is_where_it_was(); !there) return there;
  close(false);
  return prepare(0);
}

Expected<sqlite3*> SqliteFile::connect(int flags) {
  sqlite3* database = nullptr;
  const char* vfs = vfs_.empty() ? nullptr : vfs_.c_str();
  if (sqlite3_open_v2(file_.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK) {
    auto problem = sqlite_problem(database, "opening");
    sqlite3_close(database);
    return problem;
  }
  sqlite3_busy_timeout(database, patience_ms_);
  return database;
}

Expected<void> SqliteFile::prepare(int flags) {
  const auto writer = connect(SQLITE_OPEN_READWRITE | flags);
  if (!writer) return Unexpected(writer.error());
  writer_ = *writer;
  commits_are_synced_ = true;
  const auto count = [](void* pages, sqlite3*, const char*, int logged) {
    *static_cast<int*>(pages) = logged;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(writer_, count, &logged_pages_);  // instead of SQLite's, which would checkpoint
  auto ready = prepare_database(writer_, log_origin_);
  if (ready) ready = checkpoint_whole();
  if (ready) ready = open_reader(reader_);
  if (ready) ready = open_reader(quick_reader_);
  if (!ready) {
    close(false);
    return ready;
  }
  log_inode_ = inode_of(log_);
  return ready;
}

Expected<void> SqliteFile::open_reader(SqliteReader& reader) {
  const auto connected = connect(SQLITE_OPEN_READONLY);
  if (!connected) return Unexpected(connected.error());
  reader.open(*connected);
  return {};
}

Expected<void> SqliteFile::checkpoint_whole() {
  const int done = sqlite3_wal_checkpoint_v2(writer_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // At the start a backup that is being made may delay it. Not after a failure: then the log must not be built on.
  const bool may_wait = done == SQLITE_BUSY && file_inode_ == 0;
  if (done != SQLITE_OK && !may_wait) return sqlite_problem(writer_, "checkpoint");
  logged_pages_ = 0;
  return {};
}

Expected<void> SqliteFile::checkpoint_if_due() {
  if (logged_pages_ < checkpoint_pages_) return {};
  const int done = sqlite3_wal_checkpoint_v2(writer_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (done != SQLITE_OK && done != SQLITE_BUSY) return sqlite_problem(writer_, "checkpoint");
  return {};
}

Expected<void> SqliteFile::is_where_it_was() const {
  const bool file_is = inode_of(file_) == file_inode_;
  const bool log_is = !is_open() || inode_of(log_) == log_inode_;
  if (file_is && log_is) return {};
  return fail(ProblemCode::kInternal, "record store",
              fmt::format("{} was moved or deleted; put it back, or restart", (file_is ? log_ : file_).string()));
}

Expected<void> SqliteFile::transaction(const std::function<Expected<void>()>& body) {
  if (const auto there = is_where_it_was(); !there) return there;
  if (const auto begun = execute(writer_, "BEGIN IMMEDIATE"); !begun) return begun;
  auto done = body();
  if (done) done = execute(writer_, "COMMIT");
  if (!done) sqlite3_exec(writer_, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

Expected<void> SqliteFile::sync_commits(bool wanted) {
  if (wanted == commits_are_synced_) return {};
  auto switched = execute(writer_, wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (switched) commits_are_synced_ = wanted;
  return switched;
}

void SqliteFile::close(bool last_checkpoint) {
  reader_.close();
  quick_reader_.close();
  if (writer_ != nullptr && !last_checkpoint) sqlite3_db_config(writer_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_close(std::exchange(writer_, nullptr));
}

}  // namespace mpic::coordinator
