// CorroborateMany: one stream of a pipeline, many requests in progress on it, answers in any order.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "coordinator/service/intake.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxManyStreams = 64;       // what is unread on each is kept in memory
inline constexpr std::size_t kMaxManyStreamsOfOne = 16;  // of one client
inline constexpr std::size_t kMaxOpenPerStream = 512;    // in progress or not yet written; over it no more is read

// Of whoever opened the stream, for each of its messages.
struct StreamRights {
  std::function<Expected<ClientEntry>()> client;  // asked again; logs and counts who is refused
  std::function<Expected<void>(const ClientEntry&)> spend;
};

// Octets, not messages: with messages, gRPC tells what cannot be read from the end of what the client has to say by
// nothing.
using ManyOctets = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

class ManyReactor;

// The streams that are open. Safe from any thread.
class ManyStreams {
 public:
  // Why not, when there are as many as may be, or when they are being ended.
  [[nodiscard]] Expected<void> enter(ManyReactor& stream, const std::string& client);
  void leave(ManyReactor& stream);
  // Each answers what it has taken, and ends; no new one is let in.
  void drain();

 private:
  std::mutex mutex_;                          // guards what follows
  std::map<ManyReactor*, std::string> open_;  // and whose each is
  bool draining_ = false;
};

// Back-pressure: a request that there is no room for is not refused. It waits for its turn, and nothing more is read
// until it has begun.
//
// Deletes itself when gRPC has no more events for it. It does not finish before everything that it took has ended, so
// answers that come late find it alive.
class ManyReactor final : public ManyOctets {
 public:
  // `caller`: whose the stream is; its deadline is that of each request. Ends at once when `streams` has no room for
  // it.
  ManyReactor(Intake& intake, const Caller& caller, StreamRights rights, ManyStreams& streams);

  // Takes nothing more, answers what it took, then ends.
  void drain();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override {
    streams_.leave(*this);
    delete this;
  }

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Takes the request that was read when there is room for it, or answers it with an error.
  void take(v1::CorroborateRequest request);
  // The turn of the request that waits has come. False: it is not to begin.
  bool begin(const std::string& request_id);
  void give_up_waiting();  // precondition: mutex_ held
  // The last answer; what was taken is still answered.
  void refuse_and_end(Lock& lock, std::string request_id, const grpc::Status& status);
  void answer(std::string request_id, Expected<v1::CorroborateResponse> result);
  void refuse(Lock& lock, std::string request_id, const grpc::Status& status);
  void proceed(Lock& lock);

  Intake& intake_;
  const StreamRights rights_;
  const std::optional<SteadyPoint> deadline_;
  ManyStreams& streams_;
  grpc::ByteBuffer in_;

  std::mutex mutex_;  // guards what follows
  std::deque<v1::CorroborateManyResponse> unsent_;
  grpc::ByteBuffer out_;  // while writing_
  std::size_t open_ = 0;  // of the requests that were taken: in progress, or waiting
  bool waiting_ = false;  // the last one that was read
  grpc::Status status_;
  bool reading_ = true;
  bool reads_ended_ = false;
  bool draining_ = false;  // a read may be outstanding: gRPC ends it
  bool writing_ = false;
  bool broken_ = false;
  bool finished_ = false;
};

}  // namespace mpic::coordinator
