#include "coordinator/service/corroborator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>

#include "common/rpc/status.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

grpc::Status not_listed() {
  return {grpc::StatusCode::PERMISSION_DENIED, "the client's certificate is not listed in this coordinator's configuration"};
}

grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace

CorroboratorService::CorroboratorService(const Config& config, const Workshop& workshop,
                                         const GrpcPerspectives& perspectives, IoThreads& threads,
                                         telemetry::Metrics& metrics)
    : config_(config),
      workshop_(workshop),
      perspectives_(perspectives),
      threads_(threads),
      metrics_(metrics),
      open_gauge_(metrics.gauge("mpic_open_requests", "Corroborations in progress")),
      denied_(metrics.counter("mpic_denied_total", "Calls by clients that are not listed")),
      seconds_(metrics.seconds("mpic_corroboration_seconds", "Time from request to answer")) {}

const ClientEntry* CorroboratorService::client_of(const grpc::CallbackServerContext& context, std::string_view method) {
  const std::vector<std::string> sans = rpc::peer_sans(*context.auth_context());
  for (const std::string& san : sans) {
    for (const ClientEntry& client : config_.clients) {
      if (client.san == san) return &client;
    }
  }
  denied_.Increment();
  spdlog::warn("security: {} refused for {} ({}): no client with this certificate is configured", method,
               printable(context.peer()), printable(fmt::format("{}", fmt::join(sans, ", "))));
  return nullptr;
}

void CorroboratorService::count(const Expected<v1::CorroborateResponse>& result, TimePoint started) {
  seconds_.Observe(std::chrono::duration<double>(workshop_.clock.now() - started).count());
  const std::string verdict = result ? v1::Verdict_Name(result->verdict()) : std::string(to_string(result.error().code));
  metrics_.counter("mpic_corroborations_total", "Requests by how they ended", {{"result", verdict}}).Increment();
  if (!result) return;
  for (const v1::CheckResult& check : result->checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      metrics_
          .counter("mpic_perspective_outcomes_total", "What perspectives contributed",
                   {{"perspective", row.perspective()},
                    {"check", check.kind() == v1::CHECK_KIND_CAA ? "caa" : "dcv"},
                    {"outcome", std::string(to_string(static_cast<Outcome>(row.outcome())))}})
          .Increment();
    }
  }
}

grpc::ServerUnaryReactor* CorroboratorService::Corroborate(grpc::CallbackServerContext* context,
                                                           const v1::CorroborateRequest* request,
                                                           v1::CorroborateResponse* response) {
  const ClientEntry* client = client_of(*context, "Corroborate");
  if (client == nullptr) return finish(context, not_listed());
  if (open_.fetch_add(1) >= config_.open_requests) {
    open_.fetch_sub(1);
    return finish(context, {grpc::StatusCode::RESOURCE_EXHAUSTED,
                            fmt::format("{} requests are in progress, the limit; try again", config_.open_requests)});
  }
  open_gauge_.Increment();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const TimePoint started = workshop_.clock.now();
  Caller caller{client->name};
  // The answer is recorded even when the client has gone: what was looked at is looked at.
  asio::co_spawn(
      threads_.next(), corroborate(workshop_, *request, std::move(caller)),
      [this, reactor, response, started](std::exception_ptr error, Expected<v1::CorroborateResponse> result) {
        if (error) {
          try {
            std::rethrow_exception(error);
          } catch (const std::exception& mistake) {
            spdlog::error("corroboration ended by an exception, a mistake of ours: {}", mistake.what());
          }
          result = fail(ProblemCode::kInternal, "corroborate", "internal error; the log says more");
        }
        count(result, started);
        open_.fetch_sub(1);
        open_gauge_.Decrement();
        if (result) response->Swap(&*result);
        reactor->Finish(result ? grpc::Status::OK : rpc::status_of(result.error()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* CorroboratorService::ListPerspectives(grpc::CallbackServerContext* context,
                                                                const v1::ListPerspectivesRequest*,
                                                                v1::ListPerspectivesResponse* response) {
  if (client_of(*context, "ListPerspectives") == nullptr) return finish(context, not_listed());
  for (const PerspectiveEntry& entry : config_.deployment.perspectives) {
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
  if (client_of(*context, "GetPolicy") == nullptr) return finish(context, not_listed());
  TimePoint at = config_.deployment.policy_time(workshop_.clock.now());
  if (request->has_at()) {
    const auto asked = wire::decode(request->at());
    if (!asked) return finish(context, {grpc::StatusCode::INVALID_ARGUMENT, "at: a time out of range"});
    at = *asked;
  }
  *response = policy_report(config_.deployment, at);
  *response->mutable_stamp() = policy_stamp(config_.deployment, workshop_.clock.now());
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
  const DeploymentFindings now = check_deployment(deployment.places(), at);
  if (const auto phase = quorum_phase_at(at)) write(*phase, *out.mutable_current());
  out.set_complies_now(now.violations.empty());
  for (const Problem& violation : now.violations) out.add_violations(violation.detail);
  out.set_complies_next(now.violations.empty());
  if (const auto phase = next_quorum_phase(at)) {
    write(*phase, *out.mutable_next());
    out.set_complies_next(check_deployment(deployment.places(), phase->effective).violations.empty());
  }
  for (const std::string& change : now.upcoming) out.add_upcoming(change);
  for (const std::string& reason : deployment.not_enforceable()) out.add_not_enforceable_because(reason);
  return out;
}

}  // namespace mpic::coordinator
