#include "coordinator/service/watch.hpp"

#include "common/rpc/status.hpp"

namespace mpic::coordinator {

WatchReactor::WatchReactor(Intake& intake, const v1::CorroborateRequest& request, Caller caller) {
  caller.progress = [this](const v1::PerspectiveProgress& progress) { tell(progress); };
  intake.take(request, std::move(caller),
              [this](Expected<v1::CorroborateResponse> result) { answer(std::move(result)); });
}

void WatchReactor::tell(const v1::PerspectiveProgress& progress) {
  Lock lock(mutex_);
  if (broken_ || unsent_.size() >= kMaxUnreadEvents) return;
  *unsent_.emplace_back().mutable_progress() = progress;
  proceed(lock);
}

void WatchReactor::answer(Expected<v1::CorroborateResponse> result) {
  Lock lock(mutex_);
  answered_ = true;
  if (result) {
    unsent_.emplace_back().mutable_response()->Swap(&*result);
  } else {
    status_ = rpc::status_of(result.error());
  }
  proceed(lock);
}

void WatchReactor::OnWriteDone(bool ok) {
  Lock lock(mutex_);
  writing_ = false;
  if (!ok) broken_ = true;
  proceed(lock);
}

void WatchReactor::OnCancel() {
  Lock lock(mutex_);
  broken_ = true;
  proceed(lock);
}

// Writes the next event, or ends the stream when nothing can come any more. The lock is released before Finish():
// OnDone may follow at once, on another thread.
void WatchReactor::proceed(Lock& lock) {
  if (broken_) unsent_.clear();
  if (writing_ || finished_) return;
  if (!unsent_.empty()) {
    writing_ = true;
    out_.Swap(&unsent_.front());
    unsent_.pop_front();
    StartWrite(&out_);
    return;
  }
  if (!answered_) return;
  finished_ = true;
  const grpc::Status status = broken_ ? grpc::Status::CANCELLED : status_;
  lock.unlock();
  Finish(status);
}

}  // namespace mpic::coordinator
