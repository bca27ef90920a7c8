// Threads that each run an io_context of their own: what starts on one stays on it, and needs no lock.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace mpic {

namespace asio = boost::asio;

class IoThreads {
 public:
  explicit IoThreads(unsigned count) {
    for (unsigned i = 0; i < count; ++i) contexts_.push_back(std::make_unique<Context>());
    for (auto& context : contexts_) context->thread = std::thread([io = &context->io] { io->run(); });
  }
  ~IoThreads() { stop(); }
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  // The next one in turn. Safe from any thread.
  [[nodiscard]] asio::io_context& next() {
    return contexts_[turn_.fetch_add(1, std::memory_order_relaxed) % contexts_.size()]->io;
  }
  [[nodiscard]] std::size_t size() const { return contexts_.size(); }
  [[nodiscard]] asio::io_context& at(std::size_t index) { return contexts_[index]->io; }

  // Abandons what is still running and joins.
  void stop() {
    for (auto& context : contexts_) context->io.stop();
    for (auto& context : contexts_) {
      if (context->thread.joinable()) context->thread.join();
    }
  }

 private:
  struct Context {
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    std::thread thread;
  };
  std::vector<std::unique_ptr<Context>> contexts_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace mpic
