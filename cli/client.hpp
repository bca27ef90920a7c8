// Asks the coordinator, over mutual TLS. Every call throws Failure when there is no answer.
#pragma once

#include <chrono>
#include <memory>

#include "cli/profile.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::cli {

class Client {
 public:
  explicit Client(Profile profile);

  [[nodiscard]] v1::CorroborateResponse corroborate(const v1::CorroborateRequest& request);
  [[nodiscard]] v1::ListPerspectivesResponse list_perspectives();
  [[nodiscard]] v1::GetPolicyResponse get_policy(const v1::GetPolicyRequest& request);

 private:
  template <class Request, class Response>
  using Method = grpc::Status (v1::Corroborator::Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <class Request, class Response>
  Response call(Method<Request, Response> method, const Request& request, std::chrono::milliseconds limit);

  Profile profile_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Corroborator::Stub> stub_;
};

}  // namespace mpic::cli
