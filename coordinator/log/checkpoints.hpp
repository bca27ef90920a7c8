// The newest signed checkpoint of the log, and waiting for one that covers a leaf.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "common/async/clock.hpp"
#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

[[nodiscard]] inline bool covers(const StoredCheckpoint& checkpoint, std::uint64_t leaf) {
  return leaf < checkpoint.size;
}

// Safe from any thread.
class Checkpoints {
 public:
  // `clock` outlives it.
  explicit Checkpoints(Clock& clock) : clock_(clock) {}

  // None: nothing was signed yet.
  [[nodiscard]] std::optional<StoredCheckpoint> last() const;
  // The newest as soon as it covers the leaf, maybe at once; none when `deadline` comes first. Resumes on the caller's
  // executor, which runs on one thread.
  asio::awaitable<std::optional<StoredCheckpoint>> covering(std::uint64_t leaf, Deadline deadline);

  // Precondition: it is kept in the store.
  void publish(StoredCheckpoint checkpoint);

 private:
  struct Waiting {
    std::uint64_t leaf;
    std::function<void()> wake;
  };
  // False: it is covered already.
  [[nodiscard]] bool wait(std::uint64_t leaf, std::function<void()> wake);

  Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<StoredCheckpoint> last_;
  std::vector<Waiting> waiting_;
};

}  // namespace mpic::coordinator
