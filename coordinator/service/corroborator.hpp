// mpic.v1.Corroborator over gRPC: who may ask, and how an answer or its absence is told. The work is corroborate().
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "common/async/io_threads.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/config.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "coordinator/pipeline/corroborate.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

class CorroboratorService final : public v1::Corroborator::CallbackService {
 public:
  // All outlive the service.
  CorroboratorService(const Config& config, const Workshop& workshop, const GrpcPerspectives& perspectives,
                      IoThreads& threads, telemetry::Metrics& metrics);

  grpc::ServerUnaryReactor* Corroborate(grpc::CallbackServerContext* context, const v1::CorroborateRequest* request,
                                        v1::CorroborateResponse* response) override;
  grpc::ServerUnaryReactor* ListPerspectives(grpc::CallbackServerContext* context,
                                             const v1::ListPerspectivesRequest* request,
                                             v1::ListPerspectivesResponse* response) override;
  grpc::ServerUnaryReactor* GetPolicy(grpc::CallbackServerContext* context, const v1::GetPolicyRequest* request,
                                      v1::GetPolicyResponse* response) override;

 private:
  // The configured client behind the caller's certificate; none, logged and counted, when it is not listed.
  [[nodiscard]] const ClientEntry* client_of(const grpc::CallbackServerContext& context, std::string_view method);
  void count(const Expected<v1::CorroborateResponse>& result, TimePoint started);

  const Config& config_;
  const Workshop& workshop_;
  const GrpcPerspectives& perspectives_;
  IoThreads& threads_;
  telemetry::Metrics& metrics_;
  prometheus::Gauge& open_gauge_;
  prometheus::Counter& denied_;
  prometheus::Histogram& seconds_;
  std::atomic<std::size_t> open_{0};
};

// What of the day's policy and the next this deployment satisfies.
[[nodiscard]] v1::GetPolicyResponse policy_report(const Deployment& deployment, TimePoint at);

}  // namespace mpic::coordinator
