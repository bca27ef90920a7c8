// The one way from any transport into corroborate(): room, time, threads, and what an exception becomes.
#pragma once

#include <atomic>
#include <functional>

#include "common/async/io_threads.hpp"
#include "coordinator/pipeline/corroborate.hpp"
#include "coordinator/service/intake_metrics.hpp"

namespace mpic::coordinator {

// A caller that waits no longer than this is told so at once: nobody would be there for the answer.
inline constexpr std::chrono::milliseconds kLeastTime{250};

// Safe from any thread.
class Intake {
 public:
  using Done = std::function<void(Expected<v1::CorroborateResponse>)>;

  // All outlive it.
  Intake(const Workshop& workshop, IoThreads& threads, IntakeMetrics& metrics)
      : workshop_(workshop), threads_(threads), metrics_(metrics) {}

  // `done` is called once: at once when the request is refused at the door (kOverloaded, or kBudgetExhausted for lack
  // of time), else on one of the threads. What was begun is recorded even if nobody waits for the answer any more.
  void take(v1::CorroborateRequest request, Caller caller, Done done);

  // As take(), but where there is no room it waits for some (Admission::wait_for_seat). `wanted` is asked when there
  // is, before anything is begun, from any thread, maybe before this returns; false: the request is dropped, and `done`
  // is not called. When this is closed `done` is called without it.
  using Wanted = std::function<bool()>;
  void take_in_turn(v1::CorroborateRequest request, Caller caller, const void* ticket, Wanted wanted, Done done);
  // Whether it was still waiting: then neither of the two is called any more.
  [[nodiscard]] bool give_up(const void* ticket);

  // From now on everything is refused; what is in progress goes on.
  void close();
  [[nodiscard]] bool is_closed() const { return closed_; }
  // Nothing is in progress, and every `done` has returned.
  [[nodiscard]] bool idle() const { return inside_ == 0; }

 private:
  void begin(Admission::Seat seat, v1::CorroborateRequest request, Caller caller, Done done);
  void refuse(const Done& done, const Problem& problem);

  const Workshop& workshop_;
  IoThreads& threads_;
  IntakeMetrics& metrics_;
  std::atomic<std::size_t> inside_{0};  // requests that came and have not left: in progress, or waiting
  std::atomic<bool> closed_{false};
};

}  // namespace mpic::coordinator
