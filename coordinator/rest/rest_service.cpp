#include "coordinator/rest/rest_service.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "common/async/mailbox.hpp"
#include "common/domain/version.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/perspectives/allow_list.hpp"
#include "coordinator/policy/methods.hpp"
#include "coordinator/rest/openapi.hpp"
#include "coordinator/rest/orchestration.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

HttpReply json_reply(unsigned status, const bj::object& body) { return {status, bj::serialize(body) + "\n"}; }

HttpReply not_allowed(const char* method) {
  HttpReply out = http_error(405, fmt::format("only {} is served here", method));
  out.allow = method;
  return out;
}

HttpReply refused(const ValidationIssues& issues) { return json_reply(400, validation_failed(issues)); }

bool is_json(const std::string& type) { return type.empty() || type == "application/json" || type == "text/json"; }

// The issue's type follows the field that our own request would have named.
std::string issue_type(const Problem& problem) {
  if (problem.code == ProblemCode::kPolicy) return "refused-by-policy";
  if (problem.where == "identifier" || problem.where == "authorization_domain") return "invalid-domain-or-ip-target";
  if (problem.where == "trace_id") return "invalid-trace-identifier";
  if (problem.where.starts_with("caa")) return "invalid-caa-check-parameters";
  if (problem.where.starts_with("dcv")) return "invalid-dcv-check-parameters";
  return "invalid-parameter";
}

// The Primary's determination of a client that speaks for its own: by asking, it says that its own was positive.
void assert_primary(const ClientEntry& client, TimePoint now, v1::CorroborateRequest& request) {
  v1::AssertedPrimary& asserted = *request.mutable_asserted();
  asserted.set_primary_id(client.asserted_primary->where.id.text());
  asserted.set_dcv_passed(request.has_dcv());
  asserted.set_caa_permits(request.has_caa());
  *asserted.mutable_determined() = wire::encode(now);
}

// An end of the method that the request is for comes before anything about its parameters.
std::optional<Problem> why_method_ended(const OpenMpicRequest& request, const Deployment& deployment, TimePoint now) {
  if (!request.method || deployment.is_custom()) return std::nullopt;
  const bool is_ip =
      Identifier::parse(request.request.identifier()).map([](const auto& i) { return i.is_ip(); }).value_or(false);
  const auto standing = method_at(*request.method, is_ip, deployment.policy_time(now));
  return standing ? std::nullopt : std::optional(standing.error());
}

struct Result {
  Expected<v1::CorroborateResponse> answer;
  v1::RecordBody body;
  // No aggregate: docs/toolchain.md.
  Result(Expected<v1::CorroborateResponse> a, v1::RecordBody b) : answer(std::move(a)), body(std::move(b)) {}
};

asio::awaitable<Result> ask(Intake& intake, v1::CorroborateRequest request, std::string client) {
  const auto executor = co_await asio::this_coro::executor;
  const auto result = std::make_shared<Mailbox<Result>>(executor);
  const auto body = std::make_shared<v1::RecordBody>();
  Caller caller(std::move(client));
  caller.on_record = [body](const v1::RecordBody& recorded) { *body = recorded; };
  intake.take(std::move(request), std::move(caller),
              [executor, result, body](Expected<v1::CorroborateResponse> answer) {
                asio::post(executor, [result, body, answer = std::move(answer)]() mutable {
                  result->push(Result(std::move(answer), std::move(*body)));
                });
              });
  co_return co_await result->pop();
}

}  // namespace

HttpReply http_reply_of(const Problem& problem) {
  switch (problem.code) {
    case ProblemCode::kInvalidArgument:
    case ProblemCode::kPolicy:
    case ProblemCode::kNotSupported:
      return refused({{issue_type(problem), problem.detail}});
    case ProblemCode::kUnauthenticated:
      return http_error(401, "not known: give the API key or the certificate that you were handed");
    case ProblemCode::kNoRight:
      return http_error(403, "this client may not ask that");
    case ProblemCode::kOverloaded: {
      HttpReply out = http_error(429, problem.detail);
      out.retry_after = std::chrono::seconds(1);
      return out;
    }
    case ProblemCode::kBudgetExhausted:
      return http_error(504, problem.detail);
    default: {  // not durable, or what the policy of the day does not let the deployment do
      HttpReply out = http_error(503, problem.detail);
      out.retry_after = std::chrono::seconds(5);
      return out;
    }
  }
}

asio::awaitable<HttpReply> RestService::handle(HttpRequest request) {
  const bool is_get = request.method == "GET";
  if (request.path == "/healthz") co_return is_get ? health() : not_allowed("GET");
  if (request.path == "/openapi.json")
    co_return is_get ? HttpReply(200, std::string(openapi_document())) : not_allowed("GET");
  const bool is_mpic = request.path == "/mpic" || request.path == "/v1/mpic";
  if (!is_mpic && request.path != "/configz" && request.path != "/v1/perspectives") {
    co_return http_error(404,
                         "nothing is served there: /mpic, /healthz, /configz, /openapi.json and /v1/perspectives are");
  }
  const PerspectivesServed served = settings_.get()->perspectives_served;
  if (request.path == "/v1/perspectives") {
    if (served == PerspectivesServed::kNobody) co_return http_error(404, "the list of perspectives is not served here");
    if (served == PerspectivesServed::kEverybody) co_return is_get ? perspectives(request.query) : not_allowed("GET");
  }
  auto client = access_.authenticate(request.who, printable(request.method + " " + request.path, 64));
  if (!client) co_return http_reply_of(client.error());
  if (is_mpic) {
    if (request.method != "POST") co_return not_allowed("POST");
    co_return co_await mpic(std::move(request), *std::move(client));
  }
  if (!is_get) co_return not_allowed("GET");
  co_return request.path == "/configz" ? configuration() : perspectives(request.query);
}

asio::awaitable<HttpReply> RestService::mpic(HttpRequest request, ClientEntry client) {
  if (!is_json(request.content_type)) co_return http_error(415, "send Content-Type: application/json");
  if (const auto spent = access_.spend(client); !spent) co_return http_reply_of(spent.error());
  SettingsPtr settings = settings_.get();
  OpenMpicParsed parsed = read_open_mpic(request.body, settings->open_mpic.caa_domains);
  if (!parsed.request) co_return refused(parsed.issues);
  co_return co_await corroborated(*std::move(parsed.request), std::move(client), std::move(settings));
}

asio::awaitable<HttpReply> RestService::corroborated(OpenMpicRequest request, ClientEntry client,
                                                     SettingsPtr settings) {
  const Deployment& deployment = settings->deployment;
  const TimePoint now = clock_.now();
  if (const auto ended = why_method_ended(request, deployment, now)) co_return http_reply_of(*ended);
  const bool is_smime = request.request.caa().certificate_type() == v1::CERTIFICATE_TYPE_SMIME;
  const auto profile = deployment.profile_for(is_smime ? CertificateType::kSmime : CertificateType::kTlsServer);
  OpenMpicTold told;
  if (profile) {  // else check_request() says so
    const auto policy = deployment.quorum_at(*profile, deployment.policy_time(now));
    if (!policy) co_return http_reply_of(policy.error());
    const auto issues = apply_orchestration(deployment, *policy, request);
    if (!issues.empty()) co_return refused(issues);
    told = told_numbers(deployment, *policy);
  }
  told.tell_would_be = settings->open_mpic.tell_would_be;
  if (request.impossible) co_return json_reply(200, impossible_answer(request, told));
  if (deployment.primary() == nullptr && client.asserted_primary) assert_primary(client, now, request.request);
  request.request.set_parallel(settings->open_mpic.parallel);
  request.request.set_respond(settings->open_mpic.wait_for_all ? v1::RESPOND_COMPLETE : v1::RESPOND_SETTLED);
  const Result result = co_await ask(intake_, request.request, client.name);
  if (!result.answer) co_return http_reply_of(result.answer.error());
  co_return json_reply(200, open_mpic_answer(request, *result.answer, result.body, told));
}

HttpReply RestService::health() const {
  if (const telemetry::Readiness now = readiness_(); !now.ready) {
    return json_reply(503, {{"status", "unhealthy"}, {"detail", now.detail}});
  }
  return json_reply(200, {{"status", "healthy"}});
}

HttpReply RestService::configuration() const {
  const SettingsPtr settings = settings_.get();
  const Deployment& deployment = settings->deployment;
  bj::array perspectives;
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    perspectives.emplace_back(bj::object{{"perspective_code", entry.where.id.text()},
                                         {"role", to_string(entry.where.role)},
                                         {"rir", to_string(entry.where.rir)},
                                         {"place", entry.where.place.name}});
  }
  bj::array profiles;
  for (const std::string_view name : names_of(deployment.profiles)) profiles.emplace_back(name);
  bj::array caa_domains(settings->open_mpic.caa_domains.begin(), settings->open_mpic.caa_domains.end());
  return json_reply(200, {{"software_version", std::string(kSoftwareVersion)},
                          {"log_origin", deployment.log_origin},
                          {"profiles", std::move(profiles)},
                          {"perspectives", std::move(perspectives)},
                          {"cohorts", deployment.planning.cohorts},
                          {"caa_domains", std::move(caa_domains)},
                          {"tell_would_be", settings->open_mpic.tell_would_be},
                          {"parallel", settings->open_mpic.parallel},
                          {"wait_for_all", settings->open_mpic.wait_for_all}});
}

HttpReply RestService::perspectives(const std::string& query) const {
  constexpr std::string_view kFormat = "format=";
  const bool is_told = query.starts_with(kFormat);
  const auto format = allow_list_format(is_told ? std::string_view(query).substr(kFormat.size()) : "json");
  if (!format || (!is_told && !query.empty())) {
    return http_error(400, fmt::format("format is one of {}", kAllowListFormats));
  }
  const SettingsPtr settings = settings_.get();
  const auto list = list_perspectives(settings->deployment, links_, conduct_);
  HttpReply out(200, allow_list(list, *format, settings->user_agent));
  out.content_type = std::string(media_type_of(*format));
  return out;
}

}  // namespace mpic::coordinator
