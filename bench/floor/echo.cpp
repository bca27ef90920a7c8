#include <grpcpp/server_builder.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <mutex>

#include "bench/floor/fan_out.hpp"
#include "mpic/v1/agent.grpc.pb.h"

namespace mpic::floor {
namespace {

// As agent/service/session: several items per message, one write outstanding.
constexpr std::size_t kMaxItems = 128;
constexpr std::size_t kMaxContent = 200 * 1024;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kHashSize = 32;

class Echo final : public grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent> {
 public:
  explicit Echo(const MessageSizes& sizes)
      : observation_(sizes.observation, 'o'), payload_(sizes.root_payload, 'p'), signature_(sizes.signature, 's') {
    StartSendInitialMetadata();
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (ok) {
      for (const std::string& assignment : in_.assignments()) unsent_.push_back(assignment.substr(0, kIdSize));
      StartRead(&in_);
    } else {
      ended_ = true;
    }
    proceed();
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) {
      unsent_.clear();
      ended_ = true;
    }
    proceed();
  }
  void OnDone() override { delete this; }

 private:
  // Precondition: mutex_ held.
  void proceed() {
    if (writing_ || finished_) return;
    if (unsent_.empty()) {
      if (!ended_) return;
      finished_ = true;
      Finish(grpc::Status::OK);
      return;
    }
    writing_ = true;
    compose();
    StartWrite(&out_);
  }

  void compose() {
    out_.Clear();
    std::size_t size = 0;
    while (!unsent_.empty() && size < kMaxItems && (size + 1) * observation_.size() <= kMaxContent) {
      v1::Evidence& evidence = *out_.add_items()->mutable_evidence();
      evidence.set_attempt_id(std::move(unsent_.front()));
      evidence.set_observation(observation_);
      evidence.set_leaf_index(size++);
      unsent_.pop_front();
    }
    for (std::size_t leaves = 1; leaves < size; leaves *= 2) {  // a path is as long as the tree is high
      for (v1::FromAgent::Item& item : *out_.mutable_items()) {
        item.mutable_evidence()->add_path(std::string(kHashSize, 'h'));
      }
    }
    out_.mutable_signed_root()->set_payload(payload_);
    out_.mutable_signed_root()->set_signature(signature_);
  }

  const std::string observation_;
  const std::string payload_;
  const std::string signature_;
  v1::ToAgent in_;
  std::mutex mutex_;  // guards what follows
  std::deque<std::string> unsent_;
  v1::FromAgent out_;
  bool writing_ = false;
  bool ended_ = false;
  bool finished_ = false;
};

class EchoService final : public v1::Perspective::CallbackService {
 public:
  explicit EchoService(const MessageSizes& sizes) : sizes_(sizes) {}
  grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent>* Observe(grpc::CallbackServerContext*) override {
    return new Echo(sizes_);
  }

 private:
  MessageSizes sizes_;
};

}  // namespace

int serve_echo(const std::string& address, const rpc::TlsFiles& tls, const MessageSizes& sizes) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  EchoService service(sizes);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, rpc::server_credentials(tls), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::fprintf(stderr, "mpic-floor: cannot listen on %s\n", address.c_str());
    return 1;
  }
  std::printf("%d\n", port);
  std::fflush(stdout);
  int number = 0;
  sigwait(&signals, &number);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

}  // namespace mpic::floor
