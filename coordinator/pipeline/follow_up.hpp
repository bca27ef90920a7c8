// What comes after the answer: perspectives that were not waited for get a grace to say what they saw, and what they
// say is recorded as an addendum. It changes no verdict; one that contradicts is an alert.
#pragma once

#include <atomic>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

inline constexpr std::chrono::milliseconds kGrace{2'000};
inline constexpr std::size_t kMaxFollowed = 4'096;  // attempts at a time; over it, what is pending is cancelled at once

// Told to people, not to clients. Called on the coordinator's threads.
class Alerts {
 public:
  virtual ~Alerts() = default;
  virtual void contradicted_later(const std::string& record_id, const PerspectiveId& perspective,
                                  const std::string& why) = 0;
  // There was no room to listen to it any longer: what it would have said is not known.
  virtual void not_followed() = 0;
  virtual void addendum_lost(const std::string& record_id, const Problem& problem) = 0;
};

class FollowUp {
 public:
  // All outlive it, and it outlives what it follows: see idle().
  FollowUp(Clock& clock, PerspectiveClient& perspectives, RecordStore& store, Alerts& alerts)
      : clock_(clock), perspectives_(perspectives), store_(store), alerts_(alerts) {}

  // Returns at once; goes on by itself on `executor`, for kGrace at most. No effect when nothing is pending. What is in
  // `primary` and `part` refers to `settings`.
  void follow(asio::any_io_executor executor, SettingsPtr settings, const std::string& record_id,
              const JudgedLook& primary, Gathered part);
  // Nobody was told a verdict: what is pending is of no use.
  void cancel(const Gathered& part);
  [[nodiscard]] bool idle() const { return open_ == 0; }

 private:
  struct Unfinished;
  asio::awaitable<void> listen(std::shared_ptr<Unfinished> attempt);
  asio::awaitable<void> take(const Unfinished& attempt, std::size_t look, Reply reply);

  Clock& clock_;
  PerspectiveClient& perspectives_;
  RecordStore& store_;
  Alerts& alerts_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace mpic::coordinator
