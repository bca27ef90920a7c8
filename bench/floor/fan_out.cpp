#include "bench/floor/fan_out.hpp"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>

#include "mpic/v1/agent.grpc.pb.h"

namespace mpic::floor {
namespace {

// As coordinator/perspectives/agent_link: what waits goes out in one message, one write outstanding.
constexpr std::size_t kMaxBatch = 128;
constexpr std::size_t kMaxBatchOctets = 192 * 1024;
constexpr std::size_t kIdSize = 16;

std::shared_ptr<grpc::Channel> channel_to(const EchoServer& server, const rpc::TlsFiles& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(server.tls_name);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(server.address, rpc::channel_credentials(tls), arguments);
}

class Link final : public grpc::ClientBidiReactor<v1::ToAgent, v1::FromAgent> {
 public:
  Link(const EchoServer& server, const rpc::TlsFiles& tls, std::size_t assignment, Rounds& rounds)
      : stub_(v1::Perspective::NewStub(channel_to(server, tls))), assignment_(assignment, 'a'), rounds_(rounds) {
    stub_->async()->Observe(&context_, this);
    AddHold();
    StartRead(&incoming_);
    StartCall();
  }

  void ask(unsigned slot) {
    std::string assignment = assignment_;
    std::memcpy(assignment.data(), &slot, sizeof slot);
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(assignment));
    write_more();
  }

  void close() {
    std::unique_lock lock(mutex_);
    StartWritesDone();
    RemoveHold();
    ended_.wait(lock, [this] { return done_; });
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    for (const v1::FromAgent::Item& item : incoming_.items()) {
      const std::string& id = item.evidence().attempt_id();
      unsigned slot = 0;
      if (id.size() == kIdSize) std::memcpy(&slot, id.data(), sizeof slot);
      rounds_.answered(slot, !item.evidence().observation().empty());
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) write_more();
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok() || !rounds_.over()) {  // nothing would ever end: there is no floor without all seven
      std::fprintf(stderr, "mpic-floor: a stream ended: %s\n", status.error_message().c_str());
      std::_Exit(1);
    }
    const std::lock_guard lock(mutex_);
    done_ = true;
    ended_.notify_all();
  }

 private:
  // Precondition: mutex_ held.
  void write_more() {
    if (writing_ || queue_.empty()) return;
    outgoing_.Clear();
    std::size_t octets = 0;
    for (std::size_t items = 0; items < kMaxBatch && !queue_.empty() && octets < kMaxBatchOctets; ++items) {
      octets += queue_.front().size();
      outgoing_.add_assignments(std::move(queue_.front()));
      queue_.pop_front();
    }
    writing_ = true;
    StartWrite(&outgoing_);
  }

  const std::unique_ptr<v1::Perspective::Stub> stub_;
  const std::string assignment_;
  Rounds& rounds_;
  grpc::ClientContext context_;
  v1::FromAgent incoming_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::deque<std::string> queue_;
  v1::ToAgent outgoing_;
  bool writing_ = false;
  bool done_ = false;
};

}  // namespace

int fan_out(const std::vector<EchoServer>& servers, const rpc::TlsFiles& tls, const MessageSizes& sizes,
            const RoundsPlan& plan) {
  std::vector<std::unique_ptr<Link>> links;
  Rounds rounds(plan, [&links](unsigned slot, std::uint64_t, unsigned perspective) { links[perspective]->ask(slot); });
  for (const EchoServer& server : servers) {
    links.push_back(std::make_unique<Link>(server, tls, std::max(sizes.assignment, kIdSize), rounds));
  }
  rounds.start();
  rounds.wait();
  for (const auto& link : links) link->close();
  std::printf("{%s}\n", rounds.report().c_str());
  return rounds.good() ? 0 : 1;
}

}  // namespace mpic::floor
