#include "tests/support/lossy_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <utility>

namespace mpic::test {
namespace {

constexpr std::int64_t kSector = 512;

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(std::string& content, std::int64_t offset, std::string_view octets) {
  const auto at = static_cast<std::size_t>(offset);
  if (content.size() < at + octets.size()) content.resize(at + octets.size());
  content.replace(at, octets.size(), octets);
}

// Those of SQLite's calls that change nothing go through.
template <auto Method, class... Arguments>
int pass(sqlite3_file* real, Arguments... arguments) {
  return (real->pMethods->*Method)(real, arguments...);
}

}  // namespace

void DiskImage::write_to(const std::filesystem::path& folder) const {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, content] : files) {
    std::ofstream out(folder / name, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
}

// The functions that SQLite calls. An open file is SQLite's memory: our part first, the system's after it.
struct LossyVfs::Methods {
  struct Ours {
    LossyVfs* vfs;
    std::shared_ptr<File> file;  // null: temporary, of no interest
    bool syncs_folder;           // its first sync makes its folder's entries durable, as the system's file system does
  };
  struct Open {
    sqlite3_file base;
    Ours* ours;
  };

  static LossyVfs& vfs_of(sqlite3_vfs* vfs) { return *static_cast<LossyVfs*>(vfs->pAppData); }
  static Ours& ours(sqlite3_file* file) { return *reinterpret_cast<Open*>(file)->ours; }
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<Open*>(file) + 1);
  }

  template <auto Method, class... Arguments>
  static int through(sqlite3_file* file, Arguments... arguments) {
    return pass<Method>(real(file), arguments...);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    LossyVfs& lossy = vfs_of(vfs);
    const std::lock_guard lock(lossy.mutex_);
    file->pMethods = nullptr;
    const bool existed = path != nullptr && std::filesystem::exists(path);
    const int opened = lossy.system_->xOpen(lossy.system_, path, real(file), flags, flags_out);
    if (opened != SQLITE_OK) return opened;
    const bool syncs_folder = !existed && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    reinterpret_cast<Open*>(file)->ours =
        new Ours{&lossy, path == nullptr ? nullptr : lossy.opened(path, existed), syncs_folder};
    file->pMethods = &table();
    return SQLITE_OK;
  }

  static int close(sqlite3_file* file) {
    delete &ours(file);
    return through<&sqlite3_io_methods::xClose>(file);
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    Ours& own = ours(file);
    if (!own.file) return through<&sqlite3_io_methods::xWrite>(file, data, size, offset);
    const std::lock_guard lock(own.vfs->mutex_);
    const int fault = own.vfs->fault(DiskFault::kWrites);
    // What fails may have been done in part.
    const int done = fault == SQLITE_OK ? size : static_cast<int>(own.vfs->random_() % static_cast<unsigned>(size));
    if (done > 0) {
      own.file->unsynced.push_back(
          {offset, std::string(static_cast<const char*>(data), static_cast<std::size_t>(done)), false});
      const int written = through<&sqlite3_io_methods::xWrite>(file, data, done, offset);
      if (written != SQLITE_OK) return written;
    }
    return fault;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Ours& own = ours(file);
    if (own.file) {
      const std::lock_guard lock(own.vfs->mutex_);
      if (const int fault = own.vfs->fault(DiskFault::kWrites); fault != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
      own.file->unsynced.push_back({size, {}, true});
    }
    return through<&sqlite3_io_methods::xTruncate>(file, size);
  }

  static int sync(sqlite3_file* file, int) {
    Ours& own = ours(file);
    if (!own.file) return SQLITE_OK;
    const std::lock_guard lock(own.vfs->mutex_);
    const int synced = own.vfs->sync(*own.file);
    if (synced == SQLITE_OK && std::exchange(own.syncs_folder, false)) own.vfs->sync_folder();
    return synced;
  }

  // SQLite asks for version 2 at most: reading and writing by memory mapping would go past us.
  static const sqlite3_io_methods& table() {
    static const sqlite3_io_methods kTable = [] {
      sqlite3_io_methods out{};
      out.iVersion = 2;
      out.xClose = close;
      out.xRead = through<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
      out.xWrite = write;
      out.xTruncate = truncate;
      out.xSync = sync;
      out.xFileSize = through<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
      out.xLock = through<&sqlite3_io_methods::xLock, int>;
      out.xUnlock = through<&sqlite3_io_methods::xUnlock, int>;
      out.xCheckReservedLock = through<&sqlite3_io_methods::xCheckReservedLock, int*>;
      out.xFileControl = through<&sqlite3_io_methods::xFileControl, int, void*>;
      out.xSectorSize = through<&sqlite3_io_methods::xSectorSize>;
      out.xDeviceCharacteristics = through<&sqlite3_io_methods::xDeviceCharacteristics>;
      out.xShmMap = through<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>;
      out.xShmLock = through<&sqlite3_io_methods::xShmLock, int, int, int>;
      out.xShmBarrier = [](sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); };
      out.xShmUnmap = through<&sqlite3_io_methods::xShmUnmap, int>;
      return out;
    }();
    return kTable;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    LossyVfs& lossy = vfs_of(vfs);
    const std::lock_guard lock(lossy.mutex_);
    const int removed = lossy.system_->xDelete(lossy.system_, path, 0);
    if (removed == SQLITE_OK) lossy.deleted(path, sync_folder != 0);
    return removed;
  }
  static int access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    sqlite3_vfs* system = vfs_of(vfs).system_;
    return system->xAccess(system, path, flags, out);
  }
  static int full_pathname(sqlite3_vfs* vfs, const char* path, int size, char* out) {
    sqlite3_vfs* system = vfs_of(vfs).system_;
    return system->xFullPathname(system, path, size, out);
  }
};

LossyVfs::LossyVfs(std::uint64_t seed) : system_(sqlite3_vfs_find(nullptr)), random_(seed) {
  static std::atomic<int> number{0};
  name_ = "lossy-" + std::to_string(++number);
  // What is not named here (randomness, time, sleep) is the system's own function, and takes our table as well as its
  // own.
  vfs_ = std::make_unique<sqlite3_vfs>(*system_);
  vfs_->szOsFile = static_cast<int>(sizeof(Methods::Open)) + system_->szOsFile;
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = Methods::open;
  vfs_->xDelete = Methods::remove;
  vfs_->xAccess = Methods::access;
  vfs_->xFullPathname = Methods::full_pathname;
  sqlite3_vfs_register(vfs_.get(), 0);
}

LossyVfs::~LossyVfs() { sqlite3_vfs_unregister(vfs_.get()); }

void LossyVfs::fail(DiskFault what, int code, int spared, int count) {
  const std::lock_guard lock(mutex_);
  failing_ = what;
  code_ = code;
  spared_ = spared;
  to_fail_ = count;
  failed_ = 0;
}

void LossyVfs::heal() {
  const std::lock_guard lock(mutex_);
  code_ = SQLITE_OK;
}

int LossyVfs::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void LossyVfs::ignore_syncs() {
  const std::lock_guard lock(mutex_);
  ignores_syncs_ = true;
}

bool LossyVfs::is_kept(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

int LossyVfs::fault(DiskFault what) {
  if (code_ == SQLITE_OK || what != failing_) return SQLITE_OK;
  if (spared_ > 0) {
    --spared_;
    return SQLITE_OK;
  }
  if (to_fail_ <= 0) return SQLITE_OK;
  --to_fail_;
  ++failed_;
  return code_;
}

std::shared_ptr<LossyVfs::File> LossyVfs::opened(const std::string& path, bool existed) {
  std::shared_ptr<File>& file = files_[path];
  if (file) return file;
  file = std::make_shared<File>();
  if (existed) {  // from before our time, so on the disk
    file->synced = content_of(path);
    synced_folder_[path] = file;
  } else {
    folder_changes_.push_back({path, file});
  }
  return file;
}

void LossyVfs::deleted(const std::string& path, bool folder_is_synced) {
  files_.erase(path);
  folder_changes_.push_back({path, nullptr});
  if (folder_is_synced) sync_folder();
}

void LossyVfs::enter(std::map<std::string, std::shared_ptr<File>>& folder, const FolderChange& change) {
  if (change.file) {
    folder[change.path] = change.file;
  } else {
    folder.erase(change.path);
  }
}

void LossyVfs::sync_folder() {
  if (ignores_syncs_) return;
  for (const FolderChange& change : std::exchange(folder_changes_, {})) enter(synced_folder_, change);
}

// A sync that fails leaves some of it on the disk; the rest is forgotten, and no later sync will write it.
int LossyVfs::sync(File& file) {
  const int fault_code = fault(DiskFault::kSyncs);
  if (ignores_syncs_ && fault_code == SQLITE_OK) return SQLITE_OK;
  const double kept = fault_code == SQLITE_OK ? 1 : 0.5;
  for (const Change& change : std::exchange(file.unsynced, {})) apply(file.synced, change, kept);
  return fault_code;
}

void LossyVfs::apply(std::string& content, const Change& change, double kept) {
  if (change.is_truncation) {
    if (is_kept(kept)) content.resize(static_cast<std::size_t>(change.offset));
    return;
  }
  const std::string_view octets = change.octets;
  for (std::size_t done = 0; done < octets.size();) {
    const std::int64_t at = change.offset + static_cast<std::int64_t>(done);
    const auto size = std::min(octets.size() - done, static_cast<std::size_t>(kSector - at % kSector));
    if (is_kept(kept)) put(content, at, octets.substr(done, size));
    done += size;
  }
}

DiskImage LossyVfs::after_power_loss(double kept) {
  const std::lock_guard lock(mutex_);
  auto folder = synced_folder_;
  for (const FolderChange& change : folder_changes_) {
    if (is_kept(kept)) enter(folder, change);
  }
  DiskImage out;
  for (const auto& [path, file] : folder) {
    std::string content = file->synced;
    for (const Change& change : file->unsynced) apply(content, change, kept);
    out.files.emplace(std::filesystem::path(path).filename().string(), std::move(content));
  }
  return out;
}

}  // namespace mpic::test
