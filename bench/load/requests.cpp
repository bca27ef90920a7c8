#include "bench/load/requests.hpp"

#include <stdexcept>

namespace mpic::load {
namespace {

constexpr std::string_view kPlace = "{}";

void add_dcv(const Question& question, v1::CorroborateRequest& request) {
  if (question.token.empty() || question.key_authorization.empty()) {
    throw std::invalid_argument("http-01 needs --token and --key-authorization");
  }
  v1::AcmeHttp01& challenge = *request.mutable_dcv()->mutable_acme_http_01();
  challenge.set_token(question.token);
  challenge.set_key_authorization(question.key_authorization);
}

void add_caa(const Question& question, v1::CorroborateRequest& request) {
  v1::CaaQuestion& caa = *request.mutable_caa();
  caa.set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  caa.add_issuer_domains(question.issuer);
  if (request.has_dcv()) caa.set_validation_method("http-01");
}

}  // namespace

Requests::Requests(Question question, std::string run) : question_(std::move(question)), run_(std::move(run)) {
  if (question_.names != 1 && question_.name.find(kPlace) == std::string::npos) {
    throw std::invalid_argument("--name needs a {} where the number goes, or --names 1");
  }
  if (question_.workload != "caa") add_dcv(question_, model_);
  if (question_.workload != "http-01") add_caa(question_, model_);
  model_.set_respond(question_.respond == "complete" ? v1::RESPOND_COMPLETE : v1::RESPOND_SETTLED);
  model_.set_deadline_ms(question_.deadline_ms);
}

v1::CorroborateRequest Requests::make(Ticket ticket) const {
  v1::CorroborateRequest request = model_;
  request.set_request_id(request_id(run_, ticket));
  std::string name = question_.name;
  if (const auto place = name.find(kPlace); place != std::string::npos) {
    name.replace(
        place, kPlace.size(),
        question_.names == 0 ? "-" + run_ + "-" + std::to_string(ticket) : std::to_string(ticket % question_.names));
  }
  request.set_identifier(std::move(name));
  return request;
}

}  // namespace mpic::load
