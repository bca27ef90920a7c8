// Asks the coordinator, over mutual TLS. Every call throws Failure when there is no answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "cli/profile.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::cli {

// Not connected before it is used. A connection that is lost is tried again within seconds, as long as somebody asks.
[[nodiscard]] std::shared_ptr<grpc::Channel> channel_to(const Profile& profile);

class Client {
 public:
  explicit Client(Profile profile);

  [[nodiscard]] v1::CorroborateResponse corroborate(const v1::CorroborateRequest& request);
  // The same, with what each perspective saw told when it comes.
  [[nodiscard]] v1::CorroborateResponse watch(const v1::CorroborateRequest& request,
                                              const std::function<void(const v1::PerspectiveProgress&)>& progress);
  [[nodiscard]] v1::Record get_record(const v1::GetRecordRequest& request);
  [[nodiscard]] v1::GetCheckpointResponse get_checkpoint(const v1::GetCheckpointRequest& request);
  [[nodiscard]] v1::ListPerspectivesResponse list_perspectives();
  [[nodiscard]] v1::GetPolicyResponse get_policy(const v1::GetPolicyRequest& request);

 private:
  template <class Request, class Response>
  using Method = grpc::Status (v1::Corroborator::Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <class Request, class Response>
  Response call(Method<Request, Response> method, const Request& request, std::chrono::milliseconds limit);

  // Throws unless it is OK.
  void require(const grpc::Status& status) const;

  Profile profile_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Corroborator::Stub> stub_;
};

}  // namespace mpic::cli
