// mpic.v1.Corroborator over gRPC: who may ask, and how an answer or its absence is told. The work is corroborate(),
// which Intake leads to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/access/access.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "coordinator/service/intake.hpp"
#include "coordinator/service/many.hpp"
#include "coordinator/service/perspective_list.hpp"
#include "coordinator/service/record_reader.hpp"
#include "coordinator/service/watch.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::coordinator {

// What protoc calls CallbackService, except that CorroborateMany is over octets (many.hpp).
using CorroboratorMethods =
    v1::Corroborator::WithRawCallbackMethod_CorroborateMany<v1::Corroborator::WithCallbackMethod_Corroborate<
        v1::Corroborator::WithCallbackMethod_Watch<v1::Corroborator::WithCallbackMethod_GetRecord<
            v1::Corroborator::WithCallbackMethod_GetCheckpoint<v1::Corroborator::WithCallbackMethod_ListPerspectives<
                v1::Corroborator::WithCallbackMethod_GetPolicy<v1::Corroborator::Service>>>>>>>;

class CorroboratorService final : public CorroboratorMethods {
 public:
  // All outlive the service.
  CorroboratorService(const SettingsInForce& settings, const Clock& clock, Links links, const Conduct& conduct,
                      Intake& intake, RecordReader& records, Access& access);

  grpc::ServerUnaryReactor* Corroborate(grpc::CallbackServerContext* context, const v1::CorroborateRequest* request,
                                        v1::CorroborateResponse* response) override;
  ManyOctets* CorroborateMany(grpc::CallbackServerContext* context) override;
  WatchEvents* Watch(grpc::CallbackServerContext* context, const v1::CorroborateRequest* request) override;
  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* context, const v1::GetRecordRequest* request,
                                      v1::Record* response) override;
  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context, const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override;
  grpc::ServerUnaryReactor* ListPerspectives(grpc::CallbackServerContext* context,
                                             const v1::ListPerspectivesRequest* request,
                                             v1::ListPerspectivesResponse* response) override;
  grpc::ServerUnaryReactor* GetPolicy(grpc::CallbackServerContext* context, const v1::GetPolicyRequest* request,
                                      v1::GetPolicyResponse* response) override;

  // Every stream answers what it has taken and ends; new ones are refused.
  void drain() { many_streams_.drain(); }

 private:
  [[nodiscard]] Expected<ClientEntry> client_of(const grpc::CallbackServerContext& context,
                                                std::string_view method) const;
  // The same for who asks for a corroboration, which its rate must have room for.
  [[nodiscard]] Expected<ClientEntry> asker_of(const grpc::CallbackServerContext& context,
                                               std::string_view method) const;
  [[nodiscard]] Caller caller_of(const grpc::CallbackServerContext& context, const ClientEntry& client) const;

  const SettingsInForce& settings_;
  const Clock& clock_;
  const Links links_;
  const Conduct& conduct_;
  Intake& intake_;
  RecordReader& records_;
  Access& access_;
  ManyStreams many_streams_;
};

}  // namespace mpic::coordinator
