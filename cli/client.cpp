#include "cli/client.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include "cli/failure.hpp"

namespace mpic::cli {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds kLongestRequest = 120s;  // what the contract allows
constexpr std::chrono::milliseconds kForTheWay = 5s;         // more than the coordinator was given
constexpr std::chrono::milliseconds kQuestion = 10s;         // calls that look at nothing outside

std::chrono::milliseconds limit_of(const v1::CorroborateRequest& request) {
  const auto asked = std::chrono::milliseconds(request.deadline_ms());
  return (asked > 0ms ? asked : kLongestRequest) + kForTheWay;
}

}  // namespace

std::shared_ptr<grpc::Channel> channel_to(const Profile& profile) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(profile.tls_name);
  // A proxy for web traffic is no way to a coordinator, and would be tried even for loopback addresses.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 3'000);
  return grpc::CreateCustomChannel("dns:///" + profile.coordinator, rpc::channel_credentials(profile.tls), arguments);
}

Client::Client(Profile profile)
    : profile_(std::move(profile)), channel_(channel_to(profile_)), stub_(v1::Corroborator::NewStub(channel_)) {}

template <class Request, class Response>
Response Client::call(Method<Request, Response> method, const Request& request, std::chrono::milliseconds limit) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  Response response;
  require((stub_.get()->*method)(&context, request, &response));
  return response;
}

void Client::require(const grpc::Status& status) const {
  if (status.ok()) return;
  const bool reached = channel_->GetState(false) == GRPC_CHANNEL_READY;
  throw failure_of(status, profile_.coordinator, reached);
}

v1::CorroborateResponse Client::corroborate(const v1::CorroborateRequest& request) {
  return call<v1::CorroborateRequest, v1::CorroborateResponse>(&v1::Corroborator::Stub::Corroborate, request,
                                                               limit_of(request));
}

v1::CorroborateResponse Client::watch(const v1::CorroborateRequest& request,
                                      const std::function<void(const v1::PerspectiveProgress&)>& progress) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit_of(request));
  const auto stream = stub_->Watch(&context, request);
  v1::CorroborateResponse response;
  bool answered = false;
  for (v1::WatchEvent event; stream->Read(&event);) {
    if (event.has_progress()) progress(event.progress());
    if (!event.has_response()) continue;
    answered = true;
    response.Swap(event.mutable_response());
  }
  require(stream->Finish());
  if (!answered) require({grpc::StatusCode::INTERNAL, "it ended the stream without a verdict"});
  return response;
}

v1::Record Client::get_record(const v1::GetRecordRequest& request) {
  return call<v1::GetRecordRequest, v1::Record>(&v1::Corroborator::Stub::GetRecord, request, kQuestion);
}

v1::GetCheckpointResponse Client::get_checkpoint(const v1::GetCheckpointRequest& request) {
  return call<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(&v1::Corroborator::Stub::GetCheckpoint, request,
                                                                   kQuestion);
}

v1::ListPerspectivesResponse Client::list_perspectives() {
  return call<v1::ListPerspectivesRequest, v1::ListPerspectivesResponse>(&v1::Corroborator::Stub::ListPerspectives, {},
                                                                         kQuestion);
}

v1::GetPolicyResponse Client::get_policy(const v1::GetPolicyRequest& request) {
  return call<v1::GetPolicyRequest, v1::GetPolicyResponse>(&v1::Corroborator::Stub::GetPolicy, request, kQuestion);
}

}  // namespace mpic::cli
