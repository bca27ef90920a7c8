// One coordinator for one record store: another would close the plans of the first as left behind, and append to the
// same log.
#pragma once

#include <filesystem>
#include <memory>

#include "coordinator/config.hpp"

namespace mpic::coordinator {

// Held from construction to destruction, and given back by the system however the process ends.
class StoreLock {
 public:
  // `store`: the lock is a file beside it, its name with ".lock". Throws StartError when another process holds it, or
  // it cannot be made.
  explicit StoreLock(const std::filesystem::path& store);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int fd_ = -1;
};

// Of the store that the configuration names; null where it is not a file.
[[nodiscard]] std::unique_ptr<StoreLock> lock_store(const Config& config);

}  // namespace mpic::coordinator
