// CorroborateMany: one stream of a pipeline, many requests in progress on it, answers in any order.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "coordinator/service/clients.hpp"
#include "coordinator/service/intake.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxOpenPerStream = 512;  // in progress or not yet written; over it nothing more is read

// The rights of the client behind a certificate, asked again for each message. Logs and counts who is refused.
using Rights = std::function<std::optional<std::string>()>;

// Deletes itself when gRPC has no more events for it. It does not finish before everything that it took has ended, so
// answers that come late find it alive.
class ManyReactor final : public grpc::ServerBidiReactor<v1::CorroborateRequest, v1::CorroborateManyResponse> {
 public:
  ManyReactor(Intake& intake, Rights rights);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Takes the request that was read, or answers it with an error.
  void take(v1::CorroborateRequest request);
  void answer(std::string request_id, Expected<v1::CorroborateResponse> result);
  void refuse(Lock& lock, std::string request_id, grpc::StatusCode code, std::string why);
  void proceed(Lock& lock);

  Intake& intake_;
  const Rights rights_;
  v1::CorroborateRequest in_;

  std::mutex mutex_;  // guards what follows
  std::deque<v1::CorroborateManyResponse> unsent_;
  v1::CorroborateManyResponse out_;  // while writing_
  std::size_t open_ = 0;
  grpc::Status status_;
  bool reading_ = true;
  bool reads_ended_ = false;
  bool writing_ = false;
  bool broken_ = false;
  bool finished_ = false;
};

}  // namespace mpic::coordinator
