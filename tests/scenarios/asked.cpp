#include "tests/scenarios/asked.hpp"

#include <google/protobuf/util/time_util.h>

#include <functional>
#include <map>
#include <stdexcept>

namespace mpic::test {
namespace {

constexpr const char* kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
constexpr const char* kKeyAuthorization =
    "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
constexpr const char* kAccount = "https://ca.example/acct/1";
constexpr const char* kRandomValue = "9f2c61c7d0b84e5ea3d1f07b6c852a94";

void contact(v1::DcvQuestion& dcv, v1::DcvMethod method, const char* value) {
  dcv.mutable_contact()->set_method(method);
  dcv.mutable_contact()->set_contact(value);
}

const std::map<std::string, std::function<void(v1::DcvQuestion&)>>& methods() {
  using Q = v1::DcvQuestion;
  constexpr const char* kEmail = "hostmaster@example.com";
  constexpr const char* kPhone = "+1 555-123-4567";
  static const std::map<std::string, std::function<void(Q&)>> kMethods = {
      {"http-01",
       [](Q& dcv) {
         dcv.mutable_acme_http_01()->set_token(kToken);
         dcv.mutable_acme_http_01()->set_key_authorization(kKeyAuthorization);
       }},
      {"dns-01", [](Q& dcv) { dcv.mutable_acme_dns_01()->set_key_authorization(kKeyAuthorization); }},
      {"tls-alpn-01", [](Q& dcv) { dcv.mutable_acme_tls_alpn_01()->set_key_authorization(kKeyAuthorization); }},
      {"dns-account-01",
       [](Q& dcv) {
         dcv.mutable_acme_dns_account_01()->set_key_authorization(kKeyAuthorization);
         dcv.mutable_acme_dns_account_01()->set_account_uri(kAccount);
       }},
      {"dns-persistent",
       [](Q& dcv) {
         dcv.mutable_dns_persistent()->add_issuer_domains("ca.example");
         dcv.mutable_dns_persistent()->set_account_uri(kAccount);
       }},
      {"website",
       [](Q& dcv) {
         dcv.mutable_website_change()->set_path("ca.txt");
         dcv.mutable_website_change()->set_challenge_value(kRandomValue);
       }},
      {"dns-change", [](Q& dcv) { dcv.mutable_dns_change()->set_challenge_value(kRandomValue); }},
      {"contact-email-caa", [](Q& dcv) { contact(dcv, v1::DCV_METHOD_CONTACT_EMAIL_CAA, kEmail); }},
      {"contact-email-txt", [](Q& dcv) { contact(dcv, v1::DCV_METHOD_CONTACT_EMAIL_TXT, kEmail); }},
      {"contact-phone-caa", [](Q& dcv) { contact(dcv, v1::DCV_METHOD_CONTACT_PHONE_CAA, kPhone); }},
      {"contact-phone-txt", [](Q& dcv) { contact(dcv, v1::DCV_METHOD_CONTACT_PHONE_TXT, kPhone); }},
      {"ip-address", [](Q& dcv) { dcv.mutable_ip_address()->set_address("128.0.0.1"); }},
      {"reverse", [](Q& dcv) { dcv.mutable_reverse_address_lookup()->set_fqdn("host.example.com"); }},
  };
  return kMethods;
}

// option asserted ID [negative] [key TEXT] [at TIME]: of everything that is asked so far.
void assert_primary(const std::vector<std::string>& words, v1::CorroborateRequest& request) {
  v1::AssertedPrimary& asserted = *request.mutable_asserted();
  asserted.set_primary_id(words.at(2));
  asserted.set_dcv_passed(request.has_dcv());
  asserted.set_caa_permits(request.has_caa());
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "negative") {
      asserted.set_dcv_passed(false);
      asserted.set_caa_permits(false);
    } else if (words[i] == "key") {
      asserted.set_corroboration_key(words.at(++i));
    } else if (words[i] == "at") {
      google::protobuf::util::TimeUtil::FromString(words.at(++i), asserted.mutable_determined());
    } else {
      throw std::runtime_error("a Primary is not asserted " + words[i]);
    }
  }
}

std::uint32_t number(const Scenario::Line& line) { return static_cast<std::uint32_t>(std::stoul(line.words.at(2))); }

}  // namespace

void ask_check(const std::string& what, const std::string& name, v1::CorroborateRequest& request) {
  request.set_identifier(name);
  if (what == "caa") return request.mutable_caa()->add_issuer_domains("ca.example");
  const auto method = methods().find(what);
  if (method == methods().end()) throw std::runtime_error("no check is called " + what);
  method->second(*request.mutable_dcv());
}

bool ask_option(const Scenario::Line& line, v1::CorroborateRequest& request) {
  const std::string& name = line.words.at(1);
  if (name == "mode" && line.words.at(2) == "monitor") {
    request.set_mode(v1::MODE_MONITOR);
  } else if (name == "respond" && line.words.at(2) == "settled") {
    request.set_respond(v1::RESPOND_SETTLED);
  } else if (name == "unanimous") {
    request.mutable_stricter()->set_unanimous(true);
  } else if (name == "min-remotes") {
    request.mutable_stricter()->set_min_remotes(number(line));
  } else if (name == "deadline") {
    request.set_deadline_ms(number(line) * 1000);
  } else if (name == "attempts") {
    request.set_max_attempts(number(line));
  } else if (name == "parallel") {
    request.set_parallel(true);
  } else if (name == "asserted") {
    assert_primary(line.words, request);
  } else if (name == "certificate") {
    request.set_certificate_type(line.words.at(2) == "smime" ? v1::CERTIFICATE_TYPE_SMIME
                                                             : v1::CERTIFICATE_TYPE_TLS_SERVER);
  } else if (name == "request-id") {
    request.set_request_id(line.words.at(2));
  } else if (name == "adn") {
    request.set_authorization_domain(line.words.at(2));
  } else if (name == "caa-method") {
    request.mutable_caa()->set_validation_method(line.words.at(2));
  } else if (name == "smime") {
    request.mutable_caa()->set_certificate_type(v1::CERTIFICATE_TYPE_SMIME);
  } else {
    return false;
  }
  return true;
}

}  // namespace mpic::test
