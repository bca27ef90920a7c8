// The stream to one agent. Internal to coordinator/perspectives.
#pragma once

#include <grpcpp/channel.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/async/clock.hpp"
#include "common/async/linger.hpp"
#include "common/rpc/credentials.hpp"
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
  AgentLink(const PerspectiveEntry& entry, const std::shared_ptr<grpc::ChannelCredentials>& credentials, Clock& clock,
            asio::any_io_executor executor, telemetry::Metrics& metrics);
  ~AgentLink();  // precondition: shut_down() was called
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  void observe(const AttemptId& attempt, std::string assignment, PerspectiveClient::Done done);
  void cancel(const AttemptId& attempt);
  // Opens a stream when there is none and the pause after the last failure is over.
  void connect_if_needed();
  void shut_down();
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
  void on_end(Stream& stream, const grpc::Status& status);
  bool next_batch(v1::ToAgent& out);  // precondition: mutex_ held
  void write_soon();                  // precondition: mutex_ held
  static asio::awaitable<void> linger(std::shared_ptr<AgentLink> self, std::chrono::microseconds time);
  PerspectiveClient::Done take(const std::string& attempt_id);
  [[nodiscard]] Reply unreachable(std::string why) const;

  // Constant after construction.
  const std::string id_;
  Clock& clock_;
  const asio::any_io_executor executor_;  // for timers
  const std::unique_ptr<v1::Perspective::Stub> stub_;
  prometheus::Gauge& connected_gauge_;
  prometheus::Counter& unknown_replies_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::unique_ptr<Stream> stream_;
  bool open_ = false;
  bool ending_ = false;  // on_end() is still at work
  bool shutting_down_ = false;
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
