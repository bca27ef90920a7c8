#include "coordinator/service/corroborator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "common/rpc/status.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

grpc::Status not_listed() {
  return {grpc::StatusCode::PERMISSION_DENIED,
          "the client's certificate is not listed in this coordinator's configuration"};
}

grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

class RefusingReactor final : public ManyOctets {
 public:
  explicit RefusingReactor(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

CorroboratorService::CorroboratorService(const SettingsInForce& settings, const Clock& clock,
                                         const GrpcPerspectives& perspectives, Intake& intake,
                                         telemetry::Metrics& metrics)
    : settings_(settings),
      clock_(clock),
      perspectives_(perspectives),
      intake_(intake),
      denied_(metrics.counter("mpic_denied_total", "Calls by clients that are not listed")) {}

std::optional<std::string> CorroboratorService::client_of(const std::vector<std::string>& sans, std::string_view peer,
                                                          std::string_view method) const {
  const SettingsPtr settings = settings_.get();
  if (const ClientEntry* client = settings->deployment.client_with(sans)) return client->name;
  denied_.Increment();
  spdlog::warn("security: {} refused for {} ({}): no client with this certificate is configured", method,
               printable(peer), printable(fmt::format("{}", fmt::join(sans, ", "))));
  return std::nullopt;
}

std::optional<std::string> CorroboratorService::client_of(const grpc::CallbackServerContext& context,
                                                          std::string_view method) const {
  return client_of(rpc::peer_sans(*context.auth_context()), context.peer(), method);
}

grpc::ServerUnaryReactor* CorroboratorService::Corroborate(grpc::CallbackServerContext* context,
                                                           const v1::CorroborateRequest* request,
                                                           v1::CorroborateResponse* response) {
  auto client = client_of(*context, "Corroborate");
  if (!client) return finish(context, not_listed());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  intake_.take(*request, Caller{*std::move(client)}, [reactor, response](Expected<v1::CorroborateResponse> result) {
    if (result) response->Swap(&*result);
    reactor->Finish(result ? grpc::Status::OK : rpc::status_of(result.error()));
  });
  return reactor;
}

ManyOctets* CorroboratorService::CorroborateMany(grpc::CallbackServerContext* context) {
  constexpr std::string_view kMethod = "CorroborateMany";
  const auto sans = rpc::peer_sans(*context->auth_context());
  if (!client_of(sans, context->peer(), kMethod)) return new RefusingReactor(not_listed());
  Rights rights = [this, sans, peer = context->peer()] { return client_of(sans, peer, kMethod); };
  return new ManyReactor(intake_, std::move(rights), many_streams_);
}

grpc::ServerUnaryReactor* CorroboratorService::ListPerspectives(grpc::CallbackServerContext* context,
                                                                const v1::ListPerspectivesRequest*,
                                                                v1::ListPerspectivesResponse* response) {
  if (!client_of(*context, "ListPerspectives")) return finish(context, not_listed());
  const SettingsPtr settings = settings_.get();
  for (const PerspectiveEntry& entry : settings->deployment.perspectives) {
    v1::PerspectiveInfo& info = *response->add_perspectives();
    info = describe(entry);
    const LinkState state = perspectives_.state(entry.where.id);
    info.set_connected(state.connected);
    info.set_last_error(state.last_error);
  }
  return finish(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* CorroboratorService::GetPolicy(grpc::CallbackServerContext* context,
                                                         const v1::GetPolicyRequest* request,
                                                         v1::GetPolicyResponse* response) {
  if (!client_of(*context, "GetPolicy")) return finish(context, not_listed());
  const SettingsPtr settings = settings_.get();
  const Deployment& deployment = settings->deployment;
  TimePoint at = deployment.policy_time(clock_.now());
  if (request->has_at()) {
    const auto asked = wire::decode(request->at());
    if (!asked) return finish(context, {grpc::StatusCode::INVALID_ARGUMENT, "at: a time out of range"});
    at = *asked;
  }
  *response = policy_report(deployment, at);
  *response->mutable_stamp() = policy_stamp(deployment, deployment.profiles.front(), clock_.now());
  return finish(context, grpc::Status::OK);
}

v1::GetPolicyResponse policy_report(const Deployment& deployment, TimePoint at) {
  v1::GetPolicyResponse out;
  const auto write = [](const QuorumPhase& phase, v1::QuorumRequirement& requirement) {
    requirement.set_clause(std::string(phase.clause));
    requirement.set_effective(to_string(phase.effective));
    requirement.set_min_remotes(static_cast<std::uint32_t>(phase.min_remotes));
    requirement.set_min_rirs(static_cast<std::uint32_t>(phase.min_rirs));
    requirement.set_min_distance_km(static_cast<std::uint32_t>(kMinDistanceKm));
  };
  const DeploymentFindings now = deployment.findings_at(at);
  if (const auto phase = quorum_phase_at(at)) write(*phase, *out.mutable_current());
  out.set_complies_now(now.violations.empty());
  for (const Problem& violation : now.violations) out.add_violations(violation.detail);
  out.set_complies_next(now.violations.empty());
  if (const auto phase = next_quorum_phase(at)) {
    write(*phase, *out.mutable_next());
    out.set_complies_next(deployment.findings_at(phase->effective).violations.empty());
  }
  for (const std::string& change : now.upcoming) out.add_upcoming(change);
  for (const std::string& reason : deployment.not_enforceable()) out.add_not_enforceable_because(reason);
  return out;
}

}  // namespace mpic::coordinator
