#include "bench/load/load.hpp"

#include <sys/resource.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace mpic::load {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;
using namespace std::chrono_literals;

constexpr auto kLookAround = 100ms;

double seconds_of(SteadyClock::duration duration) { return std::chrono::duration<double>(duration).count(); }

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

class Run final : public Listener {
 public:
  Run(const Requests& requests, const Pace& pace, const Expectation& expectation)
      : requests_(requests), pace_(pace), result_(expectation) {}

  Result go(const MakeCaller& make_caller, const std::function<bool()>& stop) {
    const auto caller = make_caller(*this);
    caller_ = caller.get();
    const double processor_before = processor_seconds();
    began_ = SteadyClock::now();
    ends_ = began_ + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(pace_.seconds));
    if (pace_.per_second > 0) {
      send_at_rate(stop);
    } else {
      keep_in_flight(stop);
    }
    wait_for_answers();
    result_.seconds_in_all = seconds_of(last_answer_ - began_);
    result_.processor_seconds = processor_seconds() - processor_before;
    caller->close();
    return std::move(result_);
  }

  void answered(Ticket ticket, const grpc::Status& status, const v1::CorroborateResponse* response) override {
    const Moment now = SteadyClock::now();
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = due_.find(ticket);
      if (found == due_.end()) {
        result_.tally.count("answer to no question", false);
        return;
      }
      result_.tally.answer(status, response, now - found->second);
      due_.erase(found);
      last_answer_ = now;
      if (sending_) ++result_.in_time;
      more = sending_ && pace_.per_second <= 0;
      if (due_.empty()) changed_.notify_all();
    }
    if (more) send(now);
  }

  void lost(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    result_.tally.count("stream ended: " + std::to_string(status.error_code()) + " " + status.error_message(), false);
    lost_ = true;
    sending_ = false;
    changed_.notify_all();
  }

 private:
  // False when nothing more is to be sent.
  bool send(Moment due) {
    Ticket ticket = 0;
    {
      const std::lock_guard lock(mutex_);
      const bool enough = pace_.requests != 0 && result_.sent >= pace_.requests;
      if (sending_ && (enough || SteadyClock::now() >= ends_)) stop_sending();
      if (!sending_) return false;
      ticket = result_.sent++;
      due_.emplace(ticket, due);
    }
    caller_->ask(ticket, requests_.make(ticket));
    return true;
  }

  // Precondition: mutex_ held.
  void stop_sending() {
    sending_ = false;
    result_.seconds = seconds_of(SteadyClock::now() - began_);
    changed_.notify_all();
  }

  void keep_in_flight(const std::function<bool()>& stop) {
    for (unsigned i = 0; i < pace_.in_flight; ++i) send(SteadyClock::now());
    std::unique_lock lock(mutex_);
    while (sending_) {
      changed_.wait_for(lock, kLookAround, [this] { return !sending_; });
      if (sending_ && (stop() || SteadyClock::now() >= ends_)) stop_sending();
    }
  }

  void send_at_rate(const std::function<bool()>& stop) {
    for (std::uint64_t i = 0;; ++i) {
      const std::chrono::duration<double> after(static_cast<double>(i) / pace_.per_second);
      const Moment due = began_ + std::chrono::duration_cast<SteadyClock::duration>(after);
      std::this_thread::sleep_until(due);
      if (!send(due)) return;
      const std::lock_guard lock(mutex_);
      if (due_.size() > pace_.most_open) {
        result_.tally.count("gave up: too many are open at this rate", false);
        stop_sending();
      }
      if (stop()) stop_sending();
    }
  }

  void wait_for_answers() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return due_.empty() || lost_; });
    for (std::size_t i = 0; i < due_.size(); ++i) result_.tally.count("never answered", false);
    due_.clear();
  }

  const Requests& requests_;
  const Pace pace_;
  Caller* caller_ = nullptr;
  Moment began_;
  Moment ends_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Result result_;
  std::unordered_map<Ticket, Moment> due_;
  Moment last_answer_ = SteadyClock::now();
  bool sending_ = true;
  bool lost_ = false;
};

}  // namespace

Result run(const Requests& requests, const Pace& pace, const Expectation& expectation, const MakeCaller& make_caller,
           const std::function<bool()>& stop) {
  Run run(requests, pace, expectation);
  return run.go(make_caller, stop);
}

}  // namespace mpic::load
