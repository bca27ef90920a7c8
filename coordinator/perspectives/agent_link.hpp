// The stream to one agent, at one address. Internal to coordinator/perspectives.
#pragma once

#include <grpcpp/channel.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/async/clock.hpp"
#include "common/async/linger.hpp"
#include "common/rpc/tls_source.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "mpic/v1/agent.grpc.pb.h"

namespace mpic::coordinator {

inline constexpr int kMaxMessage = 256 * 1024;  // of the contract, both ways
inline constexpr std::size_t kMaxBatch = 128;   // items of one message
inline constexpr std::size_t kMaxBatchOctets = 192 * 1024;
inline constexpr std::size_t kMaxQueuedOctets = 8 << 20;  // over it, an attempt is unreachable at once

class AgentLink : public std::enable_shared_from_this<AgentLink> {
 public:
  // `clock`, `metrics` and `health` outlive it; `health` is told of the connection and of what the agent says of
  // itself.
  AgentLink(const PerspectiveEntry& entry, Clock& clock, asio::any_io_executor executor, telemetry::Metrics& metrics,
            HealthBoard& health);
  ~AgentLink();  // precondition: has_ended(), after close()
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  // False, and nothing done, when it has retired.
  [[nodiscard]] bool observe(const AttemptId& attempt, std::string& assignment, PerspectiveClient::Done& done);
  void cancel(const AttemptId& attempt);
  // Opens a stream, with `tls`, when there is none and the pause after the last failure is over.
  void connect_if_needed(const std::shared_ptr<const rpc::TlsMaterial>& tls);
  [[nodiscard]] bool leads_to(const PerspectiveId& perspective) const { return perspective == perspective_; }
  // Whether it leads there by the address and name that `entry` says.
  [[nodiscard]] bool serves(const PerspectiveEntry& entry) const;
  // Takes no more attempts; the stream ends with the last that is open. Metrics and health hear of it no more.
  void retire();
  // Ends the stream, and with it what is open. Does not wait: see has_ended().
  void close();
  [[nodiscard]] bool has_ended() const;
  void close_and_wait();
  [[nodiscard]] LinkState state() const;

 private:
  class Stream;
  struct Open {
    PerspectiveClient::Done done;
    bool sent = false;
  };
  using OpenAttempts = std::map<AttemptId, Open>;

  // Called by the stream, on gRPC's threads.
  void on_open(Stream& stream);
  void on_message(v1::FromAgent& message);
  void note_status(const v1::AgentStatus& status);
  void on_end(Stream& stream, const grpc::Status& status);
  bool next_batch(v1::ToAgent& out);  // precondition: mutex_ held
  void write_soon();                  // precondition: mutex_ held
  static asio::awaitable<void> linger(std::shared_ptr<AgentLink> self, std::chrono::microseconds time);
  PerspectiveClient::Done take(const std::string& attempt_id);
  [[nodiscard]] Reply unreachable(std::string why) const;
  void set_connected(bool connected);  // precondition: mutex_ held
  void end_if_done();                  // precondition: mutex_ held

  // Constant after construction.
  const PerspectiveId perspective_;
  const std::string& id_;  // its text
  const std::string address_;
  const std::string tls_name_;
  Clock& clock_;
  const asio::any_io_executor executor_;  // for timers
  HealthBoard& health_;
  prometheus::Gauge& connected_gauge_;
  prometheus::Counter& unknown_replies_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::shared_ptr<const rpc::TlsMaterial> tls_;  // that the channel was made with
  std::unique_ptr<v1::Perspective::Stub> stub_;
  std::unique_ptr<Stream> stream_;
  bool open_ = false;
  TimePoint since_;      // it is, or is not
  bool ending_ = false;  // on_end() is still at work
  bool retired_ = false;
  std::optional<AgentStatus> status_;  // as told last on this stream, or on the last one
  bool status_refused_ = false;        // the log has it
  Linger linger_;
  bool lingering_ = false;
  SteadyPoint retry_at_{};
  std::chrono::milliseconds pause_{0};
  std::string last_error_ = "not connected yet";
  OpenAttempts attempts_;
  struct Queued {
    AttemptId attempt;
    std::string assignment;
  };
  std::deque<Queued> assignments_;  // of attempts that are open, or were cancelled meanwhile and will not be sent
  std::deque<AttemptId> cancels_;   // of attempts that were sent
  std::size_t queued_octets_ = 0;
};

}  // namespace mpic::coordinator
