#include "cli/question.hpp"

#include <cmath>

#include "cli/name.hpp"

namespace mpic::cli {
namespace {

Expected<v1::CorroborateRequest> common_part(const CheckOptions& options) {
  const auto name = to_a_labels(options.name);
  if (!name) return Unexpected(name.error());
  v1::CorroborateRequest request;
  request.set_identifier(*name);
  request.set_trace_id(options.trace);
  request.set_respond(v1::RESPOND_COMPLETE);
  request.set_deadline_ms(static_cast<std::uint32_t>(std::lround(options.deadline * 1000)));
  return request;
}

Expected<void> add_caa(const CheckOptions& options, const std::string& method,
                       v1::CorroborateRequest& request) {
  v1::CaaQuestion& caa = *request.mutable_caa();
  caa.set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  for (const std::string& issuer : options.issuers) {
    const auto name = to_a_labels(issuer);
    if (!name) return Unexpected(name.error());
    caa.add_issuer_domains(*name);
  }
  for (const std::string& account : options.accounts) caa.add_account_uris(account);
  caa.set_validation_method(method);
  return {};
}

}  // namespace

Expected<v1::CorroborateRequest> caa_question(const CheckOptions& options) {
  auto request = common_part(options);
  if (!request) return request;
  if (const auto added = add_caa(options, options.method, *request); !added) return Unexpected(added.error());
  return request;
}

Expected<v1::CorroborateRequest> http_01_question(const CheckOptions& options) {
  auto request = common_part(options);
  if (!request) return request;
  v1::AcmeHttp01& challenge = *request->mutable_dcv()->mutable_acme_http_01();
  challenge.set_token(options.token);
  challenge.set_key_authorization(options.key_authorization);
  if (options.issuers.empty()) return request;
  const std::string method = options.method.empty() ? "http-01" : options.method;
  if (const auto added = add_caa(options, method, *request); !added) return Unexpected(added.error());
  return request;
}

}  // namespace mpic::cli
