#include "coordinator/service/corroborator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/rpc/status.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/perspectives/policy_report.hpp"
#include "coordinator/service/shown_over_grpc.hpp"

namespace mpic::coordinator {
namespace {

grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

template <class Reactor>
class Refusing final : public Reactor {
 public:
  explicit Refusing(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

Expected<Profile> profile_asked(const v1::GetPolicyRequest& request, const Deployment& deployment) {
  if (request.profile().empty()) return deployment.profiles.front();
  const auto profile = profile_from(request.profile());
  if (profile && deployment.serves(*profile)) return *profile;
  return fail(ProblemCode::kInvalidArgument, "profile",
              fmt::format("profile: \"{}\" is not served here; {} is, by policy.profile", printable(request.profile()),
                          fmt::join(names_of(deployment.profiles), ", ")));
}

// When the client gives up waiting; none: never.
std::optional<SteadyPoint> deadline_of(const grpc::CallbackServerContext& context, const Clock& clock) {
  const auto deadline = context.deadline();
  constexpr std::chrono::hours kLong{24};
  const auto left = deadline - std::chrono::system_clock::now();
  if (deadline == std::chrono::system_clock::time_point::max() || left > kLong) return std::nullopt;
  return clock.steady_now() + std::chrono::duration_cast<SteadyPoint::duration>(left);
}

// By when a proof must be there, so that the answer still reaches the client.
Deadline proof_deadline(const grpc::CallbackServerContext& context, const Clock& clock) {
  constexpr std::chrono::milliseconds kForTheWay{200};
  const auto deadline = deadline_of(context, clock);
  return Deadline(deadline ? *deadline - kForTheWay : clock.steady_now() + kLongestProof);
}

// What is no longer kept is not there.
grpc::Status status_of_reading(const Problem& problem) {
  if (problem.code == ProblemCode::kPolicy) return {grpc::StatusCode::NOT_FOUND, problem.detail};
  return rpc::status_of(problem);
}

}  // namespace

CorroboratorService::CorroboratorService(const SettingsInForce& settings, const Clock& clock, Links links,
                                         const Conduct& conduct, Intake& intake, RecordReader& records, Access& access)
    : settings_(settings),
      clock_(clock),
      links_(std::move(links)),
      conduct_(conduct),
      intake_(intake),
      records_(records),
      access_(access) {}

Expected<ClientEntry> CorroboratorService::client_of(const grpc::CallbackServerContext& context,
                                                     std::string_view method) const {
  return access_.authenticate(shown_over_grpc(context), method);
}

Expected<ClientEntry> CorroboratorService::asker_of(const grpc::CallbackServerContext& context,
                                                    std::string_view method) const {
  auto client = client_of(context, method);
  if (!client) return client;
  if (const auto spent = access_.spend(*client); !spent) return Unexpected(spent.error());
  return client;
}

Caller CorroboratorService::caller_of(const grpc::CallbackServerContext& context, const ClientEntry& client) const {
  Caller caller(client.name);
  caller.deadline = deadline_of(context, clock_);
  return caller;
}

grpc::ServerUnaryReactor* CorroboratorService::Corroborate(grpc::CallbackServerContext* context,
                                                           const v1::CorroborateRequest* request,
                                                           v1::CorroborateResponse* response) {
  const auto client = asker_of(*context, "Corroborate");
  if (!client) return finish(context, rpc::status_of(client.error()));
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  intake_.take(*request, caller_of(*context, *client), [reactor, response](Expected<v1::CorroborateResponse> result) {
    if (result) response->Swap(&*result);
    reactor->Finish(result ? grpc::Status::OK : rpc::status_of(result.error()));
  });
  return reactor;
}

ManyOctets* CorroboratorService::CorroborateMany(grpc::CallbackServerContext* context) {
  static constexpr std::string_view kMethod = "CorroborateMany";
  const Credentials shown = shown_over_grpc(*context);
  const auto client = access_.authenticate(shown, kMethod);
  if (!client) return new Refusing<ManyOctets>(rpc::status_of(client.error()));
  StreamRights rights{.client = [this, shown] { return access_.authenticate_again(shown, kMethod); },
                      .spend = [this](const ClientEntry& of) { return access_.spend(of); }};
  return new ManyReactor(intake_, caller_of(*context, *client), std::move(rights), many_streams_);
}

WatchEvents* CorroboratorService::Watch(grpc::CallbackServerContext* context, const v1::CorroborateRequest* request) {
  const auto client = asker_of(*context, "Watch");
  if (!client) return new Refusing<WatchEvents>(rpc::status_of(client.error()));
  return new WatchReactor(intake_, *request, caller_of(*context, *client));
}

grpc::ServerUnaryReactor* CorroboratorService::GetRecord(grpc::CallbackServerContext* context,
                                                         const v1::GetRecordRequest* request, v1::Record* response) {
  auto client = client_of(*context, "GetRecord");
  if (!client) return finish(context, rpc::status_of(client.error()));
  auto key = check_record_key(*request);
  if (!key) return finish(context, rpc::status_of(key.error()));
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Deadline proof_by = request->prove() ? proof_deadline(*context, clock_) : Deadline(clock_.steady_now());
  records_.read(
      *std::move(client), *std::move(key), proof_by, [reactor, response](Expected<std::optional<v1::Record>> found) {
        if (!found) return reactor->Finish(status_of_reading(found.error()));
        if (!*found)
          return reactor->Finish({grpc::StatusCode::NOT_FOUND, "there is no such record that this client may read"});
        response->Swap(&**found);
        reactor->Finish(grpc::Status::OK);
      });
  return reactor;
}

grpc::ServerUnaryReactor* CorroboratorService::GetCheckpoint(grpc::CallbackServerContext* context,
                                                             const v1::GetCheckpointRequest* request,
                                                             v1::GetCheckpointResponse* response) {
  if (const auto client = client_of(*context, "GetCheckpoint"); !client) {
    return finish(context, rpc::status_of(client.error()));
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  records_.read_checkpoint(
      request->since_size(), [reactor, response](Expected<std::optional<v1::GetCheckpointResponse>> found) {
        if (!found) return reactor->Finish(rpc::status_of(found.error()));
        if (!*found) return reactor->Finish({grpc::StatusCode::NOT_FOUND, "no checkpoint has been signed yet"});
        response->Swap(&**found);
        reactor->Finish(grpc::Status::OK);
      });
  return reactor;
}

grpc::ServerUnaryReactor* CorroboratorService::ListPerspectives(grpc::CallbackServerContext* context,
                                                                const v1::ListPerspectivesRequest*,
                                                                v1::ListPerspectivesResponse* response) {
  if (const auto client = client_of(*context, "ListPerspectives"); !client) {
    return finish(context, rpc::status_of(client.error()));
  }
  const SettingsPtr settings = settings_.get();
  *response = list_perspectives(settings->deployment, links_, conduct_);
  return finish(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* CorroboratorService::GetPolicy(grpc::CallbackServerContext* context,
                                                         const v1::GetPolicyRequest* request,
                                                         v1::GetPolicyResponse* response) {
  if (const auto client = client_of(*context, "GetPolicy"); !client) {
    return finish(context, rpc::status_of(client.error()));
  }
  const SettingsPtr settings = settings_.get();
  const Deployment& deployment = settings->deployment;
  TimePoint at = deployment.policy_time(clock_.now());
  if (request->has_at()) {
    const auto asked = wire::decode(request->at());
    if (!asked) return finish(context, {grpc::StatusCode::INVALID_ARGUMENT, "at: a time out of range"});
    at = *asked;
  }
  const auto profile = profile_asked(*request, deployment);
  if (!profile) return finish(context, rpc::status_of(profile.error()));
  *response = policy_report(deployment, *profile, at);
  *response->mutable_stamp() = policy_stamp(deployment, *profile, clock_.now());
  return finish(context, grpc::Status::OK);
}

}  // namespace mpic::coordinator
