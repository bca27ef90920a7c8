// mpic.v1.Corroborator over gRPC: who may ask, and how an answer or its absence is told. The work is corroborate(), which
// Intake leads to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/telemetry/metrics.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "coordinator/service/clients.hpp"
#include "coordinator/service/intake.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

class CorroboratorService final : public v1::Corroborator::CallbackService {
 public:
  // All outlive the service.
  CorroboratorService(const Deployment& deployment, const Clock& clock, const Clients& clients,
                      const GrpcPerspectives& perspectives, Intake& intake, telemetry::Metrics& metrics);

  grpc::ServerUnaryReactor* Corroborate(grpc::CallbackServerContext* context, const v1::CorroborateRequest* request,
                                        v1::CorroborateResponse* response) override;
  grpc::ServerBidiReactor<v1::CorroborateRequest, v1::CorroborateManyResponse>* CorroborateMany(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* ListPerspectives(grpc::CallbackServerContext* context,
                                             const v1::ListPerspectivesRequest* request,
                                             v1::ListPerspectivesResponse* response) override;
  grpc::ServerUnaryReactor* GetPolicy(grpc::CallbackServerContext* context, const v1::GetPolicyRequest* request,
                                      v1::GetPolicyResponse* response) override;

 private:
  // The name of the configured client behind a certificate; none, logged and counted, when it is not listed.
  [[nodiscard]] std::optional<std::string> client_of(const grpc::CallbackServerContext& context,
                                                     std::string_view method) const;
  [[nodiscard]] std::optional<std::string> client_of(const std::vector<std::string>& sans, std::string_view peer,
                                                     std::string_view method) const;

  const Deployment& deployment_;
  const Clock& clock_;
  const Clients& clients_;
  const GrpcPerspectives& perspectives_;
  Intake& intake_;
  prometheus::Counter& denied_;
};

// What of the day's policy and the next this deployment satisfies.
[[nodiscard]] v1::GetPolicyResponse policy_report(const Deployment& deployment, TimePoint at);

}  // namespace mpic::coordinator
