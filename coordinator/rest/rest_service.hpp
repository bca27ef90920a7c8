// What is served over HTTP: the Open MPIC API, and lists of perspectives. The work is corroborate(), which Intake leads
// to, as for gRPC: one path, one record.
//
//   POST /mpic              the API (docs/open_mpic.md)
//   GET  /healthz           whether requests can be answered; without authentication
//   GET  /configz           what is in force and no secret
//   GET  /openapi.json      the document of all this; without authentication
//   GET  /v1/perspectives   where visits come from; ?format=json|plain|nginx|nftables
#pragma once

#include "common/telemetry/admin_server.hpp"
#include "coordinator/access/access.hpp"
#include "coordinator/rest/http.hpp"
#include "coordinator/rest/open_mpic_request.hpp"
#include "coordinator/service/intake.hpp"
#include "coordinator/service/perspective_list.hpp"

namespace mpic::coordinator {

// Safe from any thread.
class RestService {
 public:
  using Readiness = std::function<telemetry::Readiness()>;

  // All outlive it.
  RestService(const SettingsInForce& settings, const Clock& clock, Access& access, Intake& intake, Links links,
              const Conduct& conduct, Readiness readiness)
      : settings_(settings),
        clock_(clock),
        access_(access),
        intake_(intake),
        links_(std::move(links)),
        conduct_(conduct),
        readiness_(std::move(readiness)) {}

  // What HttpServer calls for each request.
  asio::awaitable<HttpReply> handle(HttpRequest request);

 private:
  asio::awaitable<HttpReply> mpic(HttpRequest request, ClientEntry client);
  asio::awaitable<HttpReply> corroborated(OpenMpicRequest request, ClientEntry client, SettingsPtr settings);
  [[nodiscard]] HttpReply health() const;
  [[nodiscard]] HttpReply configuration() const;
  [[nodiscard]] HttpReply perspectives(const std::string& query) const;

  const SettingsInForce& settings_;
  const Clock& clock_;
  Access& access_;
  Intake& intake_;
  const Links links_;
  const Conduct& conduct_;
  const Readiness readiness_;
};

// By why there is no answer: 400, 401, 403, 429, 503, 504; 500 only for a mistake of ours.
[[nodiscard]] HttpReply http_reply_of(const Problem& problem);

}  // namespace mpic::coordinator
