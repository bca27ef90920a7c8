#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "bench/load/caller.hpp"

namespace mpic::load {
namespace {

// One CorroborateMany call: many requests open, one write outstanding.
class Stream final : public grpc::ClientBidiReactor<v1::CorroborateRequest, v1::CorroborateManyResponse> {
 public:
  Stream(const cli::Profile& profile, Listener& listener)
      : listener_(listener), stub_(v1::Corroborator::NewStub(connect(profile))) {
    stub_->async()->CorroborateMany(&context_, this);
    AddHold();  // writes start on other threads than gRPC's
    StartRead(&incoming_);
    StartCall();
  }

  void ask(v1::CorroborateRequest request) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(request));
    write_more();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      write_more();
    }
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return done_; });
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) write_more();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      const std::lock_guard lock(mutex_);
      release();
      return;
    }
    const Ticket ticket = ticket_of(incoming_.request_id());
    if (incoming_.has_response()) {
      listener_.answered(ticket, grpc::Status::OK, &incoming_.response());
    } else {
      const v1::RequestError& error = incoming_.error();
      listener_.answered(ticket, {static_cast<grpc::StatusCode>(error.grpc_code()), error.message()}, nullptr);
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnDone(const grpc::Status& status) override {
    bool expected = false;
    {
      const std::lock_guard lock(mutex_);
      expected = closing_;
    }
    if (!expected || !status.ok()) listener_.lost(status);
    const std::lock_guard lock(mutex_);  // whoever waits in close() may destroy this when it is released
    done_ = true;
    ended_.notify_all();
  }

 private:
  // Precondition of both: mutex_ held.
  void write_more() {
    if (writing_ || released_) return;
    if (queue_.empty()) {
      if (closing_ && !half_closed_) {
        half_closed_ = true;
        StartWritesDone();
      }
      return;
    }
    outgoing_ = std::move(queue_.front());
    queue_.pop_front();
    writing_ = true;
    grpc::WriteOptions options;
    if (!queue_.empty()) options.set_buffer_hint();  // the next write follows at once: one packet for both
    StartWrite(&outgoing_, options);
  }
  void release() {
    if (!std::exchange(released_, true)) RemoveHold();
  }

  Listener& listener_;
  const std::unique_ptr<v1::Corroborator::Stub> stub_;
  grpc::ClientContext context_;
  v1::CorroborateManyResponse incoming_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  v1::CorroborateRequest outgoing_;
  std::deque<v1::CorroborateRequest> queue_;
  bool writing_ = false;
  bool closing_ = false;
  bool half_closed_ = false;
  bool released_ = false;
  bool done_ = false;
};

class StreamCaller final : public Caller {
 public:
  StreamCaller(const cli::Profile& profile, unsigned streams, Listener& listener) {
    for (unsigned i = 0; i < streams; ++i) streams_.push_back(std::make_unique<Stream>(profile, listener));
  }

  void ask(Ticket ticket, v1::CorroborateRequest request) override {
    streams_[ticket % streams_.size()]->ask(std::move(request));
  }

  void close() override {
    for (const auto& stream : streams_) stream->close();
  }

 private:
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace

std::unique_ptr<Caller> stream_caller(const cli::Profile& profile, unsigned streams, Listener& listener) {
  return std::make_unique<StreamCaller>(profile, streams, listener);
}

}  // namespace mpic::load
