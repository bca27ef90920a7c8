// The key that evidence is signed with, which can be replaced while streams are open: the next message is signed with
// the new one.
#pragma once

#include <memory>
#include <mutex>

#include "common/evidence/keys.hpp"

namespace mpic::agent {

// Safe from any thread.
class CurrentKey {
 public:
  explicit CurrentKey(evidence::SigningKey key) { replace(std::move(key)); }

  [[nodiscard]] std::shared_ptr<const evidence::SigningKey> get() const {
    const std::lock_guard lock(mutex_);
    return key_;
  }
  void replace(evidence::SigningKey key) {
    auto next = std::make_shared<const evidence::SigningKey>(std::move(key));
    const std::lock_guard lock(mutex_);
    key_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const evidence::SigningKey> key_;  // guarded by mutex_
};

}  // namespace mpic::agent
