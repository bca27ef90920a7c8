#include "coordinator/program/store_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "coordinator/program/load.hpp"

namespace mpic::coordinator {

StoreLock::StoreLock(const std::filesystem::path& store) {
  const std::string file = store.string() + ".lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) throw StartError(fmt::format("{}: {}", file, std::strerror(errno)));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(fd_);
  throw StartError(
      error == EWOULDBLOCK
          ? fmt::format("{}: another coordinator uses this record store: a log has one writer", store.string())
          : fmt::format("{}: {}", file, std::strerror(error)));
}

StoreLock::~StoreLock() { ::close(fd_); }

std::unique_ptr<StoreLock> lock_store(const Config& config) {
  if (config.deployment.lab.records_nowhere || config.sqlite.empty()) return nullptr;
  return std::make_unique<StoreLock>(config.sqlite);
}

}  // namespace mpic::coordinator
