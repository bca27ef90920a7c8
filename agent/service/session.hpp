// One coordinator's stream, without its transport: assignments and cancels in, signed observations and refusals out,
// and how the perspective is.
//
// Safe from any thread. Whoever calls into a session holds a shared_ptr to it; attempts under way do, so a
// session outlives its stream for as long as it has work to end. After Outlet::finish() the outlet is never
// touched again.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "agent/service/attempts.hpp"
#include "agent/service/current_key.hpp"
#include "common/async/linger.hpp"
#include "common/evidence/observations.hpp"

namespace mpic::agent {

// The stream that a session answers on. Called with the session's lock held: never calls back from within.
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void start_read() = 0;
  virtual void start_write(const v1::FromAgent& message) = 0;  // stays as it is until write_done()
  enum class End : std::uint8_t { kComplete, kShuttingDown, kNotAClient, kBroken };
  virtual void finish(End end) = 0;
};

inline constexpr std::size_t kMaxItemsPerMessage = 128;
inline constexpr std::size_t kMaxMessage = 256 * 1024;            // serialized, either way
inline constexpr std::size_t kMaxContentPerMessage = 200 * 1024;  // the rest is for paths and the signature
inline constexpr std::size_t kMaxUnsent = 1024;                   // items; over it nothing more is read

class Session : public std::enable_shared_from_this<Session> {
 public:
  // All outlive it.
  Session(Attempts& attempts, const CurrentKey& key, Outlet& outlet);

  void receive(const v1::ToAgent& message);  // what start_read() brought
  void reads_ended();
  void write_done(bool ok);
  // The stream is gone: all its attempts end, and nobody is answered.
  void broken();
  // Goes out with the next message, or with one of its own; what was told already does not.
  void tell(const v1::AgentStatus& status);
  // Takes nothing more, answers what is under way, then ends the stream, saying why.
  void drain(Outlet::End why);

 private:
  struct Item {
    std::string attempt_id;          // as it came: a refused assignment's may be anything
    std::optional<Problem> problem;  // a refusal
    std::string observation;
  };

  void take(const std::string& assignment, SteadyPoint at);
  void done(const AttemptId& id, Expected<std::string> result);
  void cancel(const std::string& attempt_id);
  void refuse(std::string attempt_id, Problem problem);
  void proceed(std::unique_lock<std::mutex>& lock);
  void proceed_soon(std::unique_lock<std::mutex>& lock);
  static asio::awaitable<void> linger(std::shared_ptr<Session> self, std::chrono::microseconds time);
  void finish(Outlet::End end);
  [[nodiscard]] static std::size_t size_of(const Item& item);
  [[nodiscard]] std::vector<Item> next_batch();
  [[nodiscard]] bool try_compose(std::vector<Item> batch);
  void compose(std::vector<Item> batch);
  [[nodiscard]] std::string why_drained() const;
  void break_off();

  Attempts& attempts_;
  const CurrentKey& key_;
  Outlet& outlet_;

  std::mutex mutex_;  // guards all below
  std::map<AttemptId, std::shared_ptr<Attempt>> open_;
  std::deque<Item> unsent_;
  std::string told_;  // the last status, serialized
  std::optional<v1::AgentStatus> unsent_status_;
  v1::FromAgent message_;  // while writing_, only whoever set it touches it
  bool writing_ = false;
  Linger linger_;
  bool lingering_ = false;
  bool read_paused_ = false;
  bool reads_ended_ = false;
  std::optional<Outlet::End> draining_;
  bool broken_ = false;
  bool finished_ = false;
};

}  // namespace mpic::agent
