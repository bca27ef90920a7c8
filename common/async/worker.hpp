// One thread for work that blocks, so that no io thread and none of gRPC's waits for a disk. First come, first served;
// what waits is bounded.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace mpic {

// Safe from any thread.
class Worker {
 public:
  // `most`: how much may wait.
  explicit Worker(std::size_t most) : most_(most), thread_([this] { run(); }) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Does what waits, then ends; nothing is taken any more. By one thread.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  // False: there is no place for it, and it will not be done. `work` must not throw.
  [[nodiscard]] bool post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= most_) return false;
      queue_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  const std::size_t most_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace mpic
