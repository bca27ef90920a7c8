#include "coordinator/log/request_secrets.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::string_view kRemoved = "[challenge]";
// Anything shorter is no secret (BR 1.6.1: 112 bits), and would be found in ordinary words.
constexpr std::size_t kShortest = 8;

}  // namespace

RequestSecrets::RequestSecrets(const v1::CorroborateRequest& request) {
  const v1::DcvQuestion& dcv = request.dcv();
  add(dcv.acme_http_01().key_authorization());  // before the token, which is a part of it
  add(dcv.acme_http_01().token());
  add(dcv.website_change().challenge_value());
  add(dcv.acme_dns_01().key_authorization());
  add(dcv.acme_dns_01().key_authorization_digest());
  add(dcv.dns_change().challenge_value());
  add(dcv.acme_tls_alpn_01().key_authorization());
  add(dcv.acme_tls_alpn_01().key_authorization_digest());
  add(dcv.acme_dns_account_01().key_authorization());
  add(dcv.acme_dns_account_01().key_authorization_digest());
  const bool key_is_a_name =
      dcv.has_contact() || dcv.has_ip_address() || dcv.has_reverse_address_lookup() || dcv.has_dns_persistent();
  if (!key_is_a_name) add(request.asserted().corroboration_key());
}

void RequestSecrets::remove_from(telemetry::Event& event) const {
  if (values_.empty()) return;
  remove_from(event.who);
  remove_from(event.what);
  for (auto& [name, value] : event.more) {
    if (auto* text = std::get_if<std::string>(&value)) remove_from(*text);
    if (auto* texts = std::get_if<std::vector<std::string>>(&value)) {
      for (std::string& text : *texts) remove_from(text);
    }
  }
}

void RequestSecrets::add(const std::string& value) {
  if (value.size() >= kShortest) values_.push_back(value);
}

void RequestSecrets::remove_from(std::string& text) const {
  for (const std::string& value : values_) {
    for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + kRemoved.size())) {
      text.replace(at, value.size(), kRemoved);
    }
  }
}

}  // namespace mpic::coordinator
