#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <atomic>
#include <stdexcept>

#include "bench/load/caller.hpp"

namespace mpic::load {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnect = 10s;
constexpr auto kForTheWay = 5s;  // more than the coordinator was given

class UnaryCaller final : public Caller {
 public:
  UnaryCaller(const cli::Profile& profile, Listener& listener)
      : listener_(listener), stub_(v1::Corroborator::NewStub(connect(profile))) {}

  void ask(Ticket ticket, v1::CorroborateRequest request) override {
    auto* call = new Call{ticket, {}, std::move(request), {}};  // until its answer
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::milliseconds(call->request.deadline_ms()) + kForTheWay);
    open_.fetch_add(1);
    stub_->async()->Corroborate(&call->context, &call->request, &call->response,
                                [this, call](const grpc::Status& status) {
                                  const std::unique_ptr<Call> owned(call);
                                  listener_.answered(call->ticket, status, status.ok() ? &call->response : nullptr);
                                  if (open_.fetch_sub(1) == 1) open_.notify_all();
                                });
  }

  void close() override {
    for (unsigned open = open_.load(); open != 0; open = open_.load()) open_.wait(open);
  }

 private:
  struct Call {
    Ticket ticket;
    grpc::ClientContext context;
    v1::CorroborateRequest request;
    v1::CorroborateResponse response;
  };

  Listener& listener_;
  std::unique_ptr<v1::Corroborator::Stub> stub_;
  std::atomic<unsigned> open_{0};
};

}  // namespace

std::string request_id(const std::string& run, Ticket ticket) { return run + "-" + std::to_string(ticket); }

Ticket ticket_of(const std::string& request_id) {
  const auto dash = request_id.rfind('-');
  return dash == std::string::npos ? 0 : std::strtoull(request_id.c_str() + dash + 1, nullptr, 10);
}

std::shared_ptr<grpc::Channel> connect(const cli::Profile& profile) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(profile.tls_name);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each channel
  auto channel =
      grpc::CreateCustomChannel("dns:///" + profile.coordinator, rpc::channel_credentials(profile.tls), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kConnect)) {
    throw std::runtime_error("no connection to the coordinator at " + profile.coordinator);
  }
  return channel;
}

std::unique_ptr<Caller> unary_caller(const cli::Profile& profile, Listener& listener) {
  return std::make_unique<UnaryCaller>(profile, listener);
}

}  // namespace mpic::load
