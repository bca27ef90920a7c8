#include "cli/batch/stream.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "cli/client.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::cli {
namespace {

// What gRPC's threads tell the batch's.
class Events {
 public:
  void push(StreamEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    came_.notify_one();
  }
  StreamEvent pop(SteadyPoint until) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_until(lock, until, [this] { return !events_.empty(); })) return {};
    StreamEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  std::mutex mutex_;  // guards events_
  std::condition_variable came_;
  std::deque<StreamEvent> events_;
};

// One call, one write outstanding. Lives until OnDone, which gRPC calls when no operation is left.
class Call final : public grpc::ClientBidiReactor<v1::CorroborateRequest, v1::CorroborateManyResponse> {
 public:
  Call(grpc::Channel& channel, v1::Corroborator::Stub& stub, Events& events) : channel_(channel), events_(events) {
    stub.async()->CorroborateMany(&context_, this);
    AddHold();  // writes begin on the batch's thread
    StartRead(&incoming_);
    StartCall();
  }

  void send(v1::CorroborateRequest request) {
    const std::lock_guard lock(mutex_);
    unsent_.push_back(std::move(request));
    proceed();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    proceed();
  }

  void cancel_and_wait() {
    context_.TryCancel();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return done_; });
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      const std::lock_guard lock(mutex_);
      over_ = true;
      RemoveHold();
      return;
    }
    StreamEvent event;
    event.kind = StreamEvent::Kind::kAnswer;
    event.answer.Swap(&incoming_);
    events_.push(std::move(event));
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) proceed();
  }

  void OnDone(const grpc::Status& status) override {
    StreamEvent event;
    event.kind = StreamEvent::Kind::kEnded;
    event.status = status;
    event.reached = channel_.GetState(false) == GRPC_CHANNEL_READY;
    const std::lock_guard lock(mutex_);  // whoever sees done_ may destroy this once it is released
    events_.push(std::move(event));
    done_ = true;
    ended_.notify_all();
  }

 private:
  // Precondition: mutex_ held.
  void proceed() {
    if (writing_ || over_) return;
    if (!unsent_.empty()) {
      outgoing_ = std::move(unsent_.front());
      unsent_.pop_front();
      writing_ = true;
      StartWrite(&outgoing_, unsent_.empty() ? grpc::WriteOptions() : grpc::WriteOptions().set_buffer_hint());
    } else if (closing_ && !half_closed_) {
      half_closed_ = true;
      StartWritesDone();
    }
  }

  grpc::Channel& channel_;
  Events& events_;
  grpc::ClientContext context_;
  v1::CorroborateManyResponse incoming_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::deque<v1::CorroborateRequest> unsent_;
  v1::CorroborateRequest outgoing_;
  bool writing_ = false;
  bool closing_ = false;
  bool half_closed_ = false;
  bool over_ = false;  // nothing more can be written
  bool done_ = false;
};

class GrpcBatchStream final : public BatchStream {
 public:
  explicit GrpcBatchStream(const Profile& profile)
      : channel_(channel_to(profile)), stub_(v1::Corroborator::NewStub(channel_)) {}
  ~GrpcBatchStream() override { end(); }
  GrpcBatchStream(const GrpcBatchStream&) = delete;
  GrpcBatchStream& operator=(const GrpcBatchStream&) = delete;

  SteadyPoint now() override { return std::chrono::steady_clock::now(); }
  void open() override {
    end();
    call_ = std::make_unique<Call>(*channel_, *stub_, events_);
  }
  void send(v1::CorroborateRequest request) override { call_->send(std::move(request)); }
  void close() override { call_->close(); }
  StreamEvent next(SteadyPoint until) override { return events_.pop(until); }

 private:
  void end() {
    if (call_) call_->cancel_and_wait();
    call_.reset();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Corroborator::Stub> stub_;
  Events events_;
  std::unique_ptr<Call> call_;
};

}  // namespace

std::unique_ptr<BatchStream> connect_batch(const Profile& profile) {
  return std::make_unique<GrpcBatchStream>(profile);
}

}  // namespace mpic::cli
