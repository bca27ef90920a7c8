// Watch: what each perspective says as it arrives, then the answer. For people.
#pragma once

#include <deque>
#include <mutex>

#include "coordinator/service/intake.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

// Events that a slow reader has not taken yet; over it they are left out, but never the answer, which has them all.
inline constexpr std::size_t kMaxUnreadEvents = 128;

using WatchEvents = grpc::ServerWriteReactor<v1::WatchEvent>;

// Deletes itself when gRPC has no more events for it. It does not finish before the corroboration has, which goes on
// and is recorded whoever reads.
class WatchReactor final : public WatchEvents {
 public:
  // `caller`: without a `progress`, which is set here.
  WatchReactor(Intake& intake, const v1::CorroborateRequest& request, Caller caller);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  void tell(const v1::PerspectiveProgress& progress);
  void answer(Expected<v1::CorroborateResponse> result);
  void proceed(Lock& lock);

  std::mutex mutex_;  // guards what follows
  std::deque<v1::WatchEvent> unsent_;
  v1::WatchEvent out_;  // while writing_
  grpc::Status status_;
  bool answered_ = false;
  bool finished_ = false;
  bool writing_ = false;
  bool broken_ = false;
};

}  // namespace mpic::coordinator
