#include "coordinator/log/checkpoints.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace mpic::coordinator {

std::optional<StoredCheckpoint> Checkpoints::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

asio::awaitable<std::optional<StoredCheckpoint>> Checkpoints::covering(std::uint64_t leaf, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<Timer> timer = clock_.make_timer(executor);
  // Held weakly: who was not waited for any longer is forgotten at the next checkpoint.
  std::function<void()> wake = [executor, waiting = std::weak_ptr<Timer>(timer)] {
    asio::post(executor, [waiting] {
      if (const auto still = waiting.lock()) still->cancel();
    });
  };
  if (!deadline.passed(clock_) && wait(leaf, std::move(wake))) co_await timer->wait_until(deadline.at());
  auto newest = last();
  if (newest && !covers(*newest, leaf)) newest.reset();
  co_return newest;
}

bool Checkpoints::wait(std::uint64_t leaf, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  if (last_ && covers(*last_, leaf)) return false;
  waiting_.push_back({leaf, std::move(wake)});
  return true;
}

void Checkpoints::publish(StoredCheckpoint checkpoint) {
  std::vector<Waiting> woken;
  {
    const std::lock_guard lock(mutex_);
    last_ = std::move(checkpoint);
    const auto still_waits = [&](const Waiting& one) { return !covers(*last_, one.leaf); };
    const auto covered = std::partition(waiting_.begin(), waiting_.end(), still_waits);
    woken.assign(std::move_iterator(covered), std::move_iterator(waiting_.end()));
    waiting_.erase(covered, waiting_.end());
  }
  for (const Waiting& one : woken) one.wake();
}

}  // namespace mpic::coordinator
