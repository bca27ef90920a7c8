#include "cli/question.hpp"

#include <cmath>

#include "cli/name.hpp"
#include "common/wire/convert.hpp"

namespace mpic::cli {
namespace {

using Question = Expected<v1::CorroborateRequest>;

Unexpected refused(std::string option, std::string why) {
  std::string text = option + ": " + why;
  return fail(ProblemCode::kInvalidArgument, std::move(option), std::move(text));
}

Question common_part(const CheckOptions& options) {
  const auto name = to_a_labels(options.name);
  if (!name) return Unexpected(name.error());
  v1::CorroborateRequest request;
  request.set_identifier(*name);
  request.set_trace_id(options.trace);
  request.set_respond(options.settled ? v1::RESPOND_SETTLED : v1::RESPOND_COMPLETE);
  request.set_max_attempts(options.attempts);
  request.set_parallel(options.parallel);
  request.set_prove(options.prove);
  request.set_deadline_ms(static_cast<std::uint32_t>(std::lround(options.deadline * 1000)));
  return request;
}

Expected<void> add_caa(const CheckOptions& options, v1::CorroborateRequest& request) {
  v1::CaaQuestion& caa = *request.mutable_caa();
  caa.set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  for (const std::string& issuer : options.issuers) {
    const auto name = to_a_labels(issuer);
    if (!name) return Unexpected(name.error());
    caa.add_issuer_domains(*name);
  }
  for (const std::string& account : options.accounts) caa.add_account_uris(account);
  if (!options.account.empty()) caa.add_account_uris(options.account);
  caa.set_validation_method(options.method);
  return {};
}

// A validation whose method `fill` adds, by way of its ADN, and CAA where it is asked.
template <class Fill>
Question dcv_question(const CheckOptions& options, bool with_caa, Fill fill) {
  auto request = common_part(options);
  if (!request) return request;
  if (!options.adn.empty()) {
    const auto adn = to_a_labels(options.adn);
    if (!adn) return Unexpected(adn.error());
    request->set_authorization_domain(*adn);
  }
  if (const Expected<void> filled = fill(*request->mutable_dcv()); !filled) return Unexpected(filled.error());
  // Nobody names an account or a label for nothing: a CAA check that is meant is not left out in silence.
  if (!with_caa && (!options.accounts.empty() || !options.method.empty())) {
    return refused("--issuer", "missing: an account and a validation method are for the CAA check, which needs it");
  }
  if (!with_caa) return request;
  if (const auto added = add_caa(options, *request); !added) return Unexpected(added.error());
  return request;
}

template <class Fill>
Question dcv_question(const CheckOptions& options, Fill fill) {
  return dcv_question(options, !options.issuers.empty(), fill);
}

template <class Message>
Expected<void> set_key_authorization(const CheckOptions& options, const std::string& digest, Message& out) {
  if (options.key_authorization.empty() == options.digest.empty()) {
    return refused("--key-authorization", "exactly one of it and --digest is needed");
  }
  if (options.digest.empty()) {
    out.set_key_authorization(options.key_authorization);
  } else {
    out.set_key_authorization_digest(digest);
  }
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// 64 hexadecimal digits; colons between octets, as OpenSSL prints them, are left out.
Expected<std::string> octets_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != ':') digits += c;
  }
  std::string octets;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) break;
    octets += static_cast<char>(high * 16 + low);
  }
  if (digits.size() == 64 && octets.size() == 32) return octets;
  return refused("--digest", "64 hexadecimal digits are needed: SHA-256 of the key authorization (RFC 8737 3)");
}

Question contact_question(const CheckOptions& options, v1::DcvMethod by_caa, v1::DcvMethod by_txt) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    dcv.mutable_contact()->set_method(options.via == "caa" ? by_caa : by_txt);
    dcv.mutable_contact()->set_contact(options.contact);
    return {};
  });
}

v1::DnsRecordType record_type(const std::string& text) {
  if (text == "CNAME") return v1::DNS_RECORD_TYPE_CNAME;
  return text == "CAA" ? v1::DNS_RECORD_TYPE_CAA : v1::DNS_RECORD_TYPE_TXT;
}

}  // namespace

Question caa_question(const CheckOptions& options) {
  auto request = common_part(options);
  if (!request) return request;
  if (const auto added = add_caa(options, *request); !added) return Unexpected(added.error());
  return request;
}

Question http_01_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    dcv.mutable_acme_http_01()->set_token(options.token);
    dcv.mutable_acme_http_01()->set_key_authorization(options.key_authorization);
    return {};
  });
}

Question dns_01_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) {
    return set_key_authorization(options, options.digest, *dcv.mutable_acme_dns_01());
  });
}

Question tls_alpn_01_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    std::string digest;
    if (!options.digest.empty()) {
      auto octets = octets_of(options.digest);
      if (!octets) return Unexpected(octets.error());
      digest = *std::move(octets);
    }
    return set_key_authorization(options, digest, *dcv.mutable_acme_tls_alpn_01());
  });
}

Question dns_account_01_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) {
    dcv.mutable_acme_dns_account_01()->set_account_uri(options.account);
    return set_key_authorization(options, options.digest, *dcv.mutable_acme_dns_account_01());
  });
}

Question dns_persistent_question(const CheckOptions& options) {
  return dcv_question(options, options.with_caa, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    v1::DnsPersistent& persistent = *dcv.mutable_dns_persistent();
    for (const std::string& issuer : options.issuers) {
      const auto name = to_a_labels(issuer);
      if (!name) return Unexpected(name.error());
      persistent.add_issuer_domains(*name);
    }
    persistent.set_account_uri(options.account);
    return {};
  });
}

Question website_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    v1::WebsiteChange& change = *dcv.mutable_website_change();
    change.set_path(options.path);
    change.set_challenge_value(options.value);
    change.set_https(options.https);
    change.set_match_regex(options.regex);
    return {};
  });
}

Question dns_change_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    v1::DnsChange& change = *dcv.mutable_dns_change();
    change.set_challenge_value(options.value);
    change.set_record_type(record_type(options.record_type));
    change.set_name_prefix(options.prefix);
    change.set_exact(options.exact);
    change.set_ignore_case(options.ignore_case);
    return {};
  });
}

Question contact_email_question(const CheckOptions& options) {
  return contact_question(options, v1::DCV_METHOD_CONTACT_EMAIL_CAA, v1::DCV_METHOD_CONTACT_EMAIL_TXT);
}

Question contact_phone_question(const CheckOptions& options) {
  return contact_question(options, v1::DCV_METHOD_CONTACT_PHONE_CAA, v1::DCV_METHOD_CONTACT_PHONE_TXT);
}

Question ip_address_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    dcv.mutable_ip_address()->set_address(options.address);
    return {};
  });
}

Question reverse_question(const CheckOptions& options) {
  return dcv_question(options, [&](v1::DcvQuestion& dcv) -> Expected<void> {
    const auto name = to_a_labels(options.fqdn);
    if (!name) return Unexpected(name.error());
    dcv.mutable_reverse_address_lookup()->set_fqdn(*name);
    return {};
  });
}

void assert_primary(const std::string& id, TimePoint determined, v1::CorroborateRequest& request) {
  v1::AssertedPrimary& asserted = *request.mutable_asserted();
  asserted.set_primary_id(id);
  asserted.set_dcv_passed(request.has_dcv());
  asserted.set_caa_permits(request.has_caa());
  *asserted.mutable_determined() = wire::encode(determined);
}

}  // namespace mpic::cli
