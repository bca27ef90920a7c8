#include "coordinator/program/log_keeping.hpp"

#include <spdlog/spdlog.h>

#include "common/telemetry/host.hpp"
#include "coordinator/program/load.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};  // so that who waits for a proof waits little over a second

Elsewhere on(Worker& worker) {
  return [&worker](std::function<void()> work) { return worker.post(std::move(work)); };
}

}  // namespace

LogKeeping::LogKeeping(RecordStore& store, const SettingsInForce& settings, Clock& clock, telemetry::Metrics& metrics,
                       telemetry::EventLog& events, Worker& reading)
    : settings_(settings),
      history_(or_stop(read_history(store))),
      checkpoints_(clock),
      prover_(store, checkpoints_, clock, on(reading)),
      changes_(store, clock, events, telemetry::user_at_host()),
      keeper_({store, settings, clock, checkpoints_, metrics, events}),
      pruner_({store, settings, clock, checkpoints_, changes_, metrics, events}, history_.pruned) {
  or_stop(keeper_.begin());
}

LogKeeping::~LogKeeping() { stop_thread(); }

void LogKeeping::begin(const std::string& file, std::size_t closed) {
  or_stop(changes_.started(*settings_.get(), file, history_, closed));
  thread_ = std::thread([this] { run(); });
}

void LogKeeping::end() {
  stop_thread();
  const auto said = changes_.stopped(*settings_.get());
  if (!said) spdlog::error("log: that the coordinator stopped is not in it: {}", said.error().detail);
  keeper_.finish();
}

void LogKeeping::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      keeper_.look();
      pruner_.look();
    } catch (const std::exception& mistake) {
      spdlog::error("keeping the log ended by an exception, a mistake of ours: {}", mistake.what());
    }
    lock.lock();
    changed_.wait_for(lock, kLookAgain, [this] { return stopping_; });
  }
}

void LogKeeping::stop_thread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace mpic::coordinator
