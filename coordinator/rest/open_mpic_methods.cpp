#include "coordinator/rest/open_mpic_methods.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <map>

#include "common/domain/ascii.hpp"
#include "common/domain/identifier.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

constexpr std::size_t kDigestOctets = 32;

// Of what was read what the answer tells again. Absent values are null there.
bj::value told(const std::optional<std::string>& text) {
  return text ? bj::value(bj::string(*text)) : bj::value(nullptr);
}

// The value that is looked for. One that is empty would be in everything.
std::string challenge_value(JsonFields& fields) {
  std::string value = fields.needed_text("challenge_value");
  if (value.empty() && fields.has("challenge_value")) {
    fields.issue("empty-challenge-value", "challenge_value", "it is empty, and would be found everywhere");
  }
  return value;
}

void refuse_headers(JsonFields& fields) {
  const bj::object* headers = fields.object("http_headers");
  if (headers != nullptr && !headers->empty()) {
    fields.issue("not-supported", "http_headers", "perspectives send no headers of a caller's");
  }
}

void refuse_prefix(JsonFields& fields) {
  if (!fields.text("dns_name_prefix").value_or("").empty()) {
    fields.issue("not-supported", "dns_name_prefix", "this method looks where the Baseline Requirements say");
  }
}

v1::DnsRecordType record_type(JsonFields& fields, const std::map<std::string, v1::DnsRecordType>& accepted,
                              std::string& told) {
  const auto text = fields.text("dns_record_type");
  if (text) told = *text;
  const auto found = accepted.find(told);
  if (found != accepted.end()) return found->second;
  std::string names;
  for (const auto& [name, type] : accepted) names += (names.empty() ? "" : ", ") + name;
  fields.issue("invalid-dns-record-type", "dns_record_type", "accepted are " + names);
  return v1::DNS_RECORD_TYPE_UNSPECIFIED;
}

void read_http_01(JsonFields& fields, OpenMpicRequest& out) {
  v1::AcmeHttp01& question = *out.request.mutable_dcv()->mutable_acme_http_01();
  question.set_token(fields.needed_text("token"));
  question.set_key_authorization(fields.needed_text("key_authorization"));
  refuse_headers(fields);
  out.parameters["require_exact_case"] = true;
  out.parameters["token"] = question.token();
  out.parameters["key_authorization"] = question.key_authorization();
  out.parameters["http_headers"] = nullptr;
}

void read_website_change(JsonFields& fields, OpenMpicRequest& out) {
  v1::WebsiteChange& question = *out.request.mutable_dcv()->mutable_website_change();
  question.set_path(fields.needed_text("http_token_path"));
  question.set_challenge_value(challenge_value(fields));
  const std::string scheme = fields.text("url_scheme").value_or("http");
  if (scheme != "http" && scheme != "https") fields.issue("invalid-url-scheme", "url_scheme", "http or https");
  question.set_https(scheme == "https");
  const auto regex = fields.text("match_regex");
  question.set_match_regex(regex.value_or(""));
  refuse_headers(fields);
  if (!fields.boolean("require_exact_case").value_or(true)) {
    fields.issue("not-supported", "require_exact_case", "a page is always compared with case");
  }
  out.parameters["require_exact_case"] = true;
  out.parameters["challenge_value"] = question.challenge_value();
  out.parameters["http_token_path"] = question.path();
  out.parameters["url_scheme"] = scheme;
  out.parameters["http_headers"] = nullptr;
  out.parameters["match_regex"] = told(regex);
}

void read_dns_01(JsonFields& fields, OpenMpicRequest& out) {
  v1::AcmeDns01& question = *out.request.mutable_dcv()->mutable_acme_dns_01();
  question.set_key_authorization_digest(fields.needed_text("key_authorization_hash"));
  out.parameters["require_exact_case"] = true;
  out.parameters["key_authorization_hash"] = question.key_authorization_digest();
  out.parameters["dns_record_type"] = "TXT";
  out.parameters["dns_name_prefix"] = "_acme-challenge";
}

void read_dns_change(JsonFields& fields, OpenMpicRequest& out) {
  v1::DnsChange& question = *out.request.mutable_dcv()->mutable_dns_change();
  question.set_challenge_value(challenge_value(fields));
  std::string type = "TXT";
  question.set_record_type(record_type(
      fields,
      {{"TXT", v1::DNS_RECORD_TYPE_TXT}, {"CNAME", v1::DNS_RECORD_TYPE_CNAME}, {"CAA", v1::DNS_RECORD_TYPE_CAA}},
      type));
  const auto prefix = fields.text("dns_name_prefix");
  question.set_name_prefix(prefix.value_or(""));
  question.set_exact(fields.boolean("require_exact_match").value_or(false));
  question.set_ignore_case(!fields.boolean("require_exact_case").value_or(true));
  out.parameters["require_exact_case"] = !question.ignore_case();
  out.parameters["challenge_value"] = question.challenge_value();
  out.parameters["require_exact_match"] = question.exact();
  out.parameters["dns_record_type"] = type;
  out.parameters["dns_name_prefix"] = told(prefix);
}

void read_dns_persistent(JsonFields& fields, OpenMpicRequest& out) {
  v1::DnsPersistent& question = *out.request.mutable_dcv()->mutable_dns_persistent();
  const auto domains = fields.texts("issuer_domain_names").value_or(std::vector<std::string>{});
  if (domains.empty()) fields.issue("missing-field", "issuer_domain_names", "the CA's Issuer Domain Names are needed");
  for (const std::string& domain : domains) question.add_issuer_domains(domain);
  question.set_account_uri(fields.needed_text("expected_account_uri"));
  out.parameters["require_exact_case"] = true;
  out.parameters["issuer_domain_names"] = bj::array(domains.begin(), domains.end());
  out.parameters["expected_account_uri"] = question.account_uri();
  out.parameters["dns_record_type"] = "TXT";
  out.parameters["dns_name_prefix"] = "_validation-persist";
}

void read_contact(JsonFields& fields, OpenMpicRequest& out) {
  v1::ContactLookup& question = *out.request.mutable_dcv()->mutable_contact();
  question.set_method(static_cast<v1::DcvMethod>(*out.method));
  question.set_contact(challenge_value(fields));
  refuse_prefix(fields);
  const bool is_caa = *out.method == DcvMethod::kContactEmailCaa || *out.method == DcvMethod::kContactPhoneCaa;
  const bool is_email = *out.method == DcvMethod::kContactEmailCaa || *out.method == DcvMethod::kContactEmailTxt;
  out.parameters["require_exact_case"] = is_email;
  out.parameters["challenge_value"] = question.contact();
  out.parameters["dns_record_type"] = is_caa ? "CAA" : "TXT";
  out.parameters["dns_name_prefix"] =
      is_caa ? bj::value("") : bj::value(is_email ? "_validation-contactemail" : "_validation-contactphone");
}

// As people write addresses, and back in the one form that RFC 5952 gives.
void read_ip_address(JsonFields& fields, OpenMpicRequest& out) {
  v1::IpAddressLookup& question = *out.request.mutable_dcv()->mutable_ip_address();
  const std::string value = challenge_value(fields);
  std::string type = "A";
  question.set_record_type(
      record_type(fields, {{"A", v1::DNS_RECORD_TYPE_A}, {"AAAA", v1::DNS_RECORD_TYPE_AAAA}}, type));
  out.parameters["require_exact_case"] = true;
  out.parameters["challenge_value"] = value;
  out.parameters["dns_record_type"] = type;
  const auto address = address_in_any_form(value);
  if (!address) {
    out.impossible = fmt::format("\"{}\" is no address, so no name has it", printable(value, 64));
  } else if (address->is_v4() != (type == "A")) {
    out.impossible = fmt::format("no {} record holds an address of the other family", type);
  } else {
    question.set_address(address->text());
  }
}

void read_reverse(JsonFields& fields, OpenMpicRequest& out) {
  v1::ReverseAddressLookup& question = *out.request.mutable_dcv()->mutable_reverse_address_lookup();
  question.set_fqdn(challenge_value(fields));
  out.parameters["require_exact_case"] = false;
  out.parameters["challenge_value"] = question.fqdn();
  out.parameters["dns_record_type"] = "PTR";
}

int digit_of(char c) {
  const char lower = lowered(c);
  if (c >= '0' && c <= '9') return c - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void read_tls_alpn_01(JsonFields& fields, OpenMpicRequest& out) {
  const std::string hash = fields.needed_text("key_authorization_hash");
  std::string octets;
  for (std::size_t i = 0; i + 1 < hash.size(); i += 2) {
    const int high = digit_of(hash[i]);
    const int low = digit_of(hash[i + 1]);
    if (high < 0 || low < 0) break;
    octets += static_cast<char>(high * 16 + low);
  }
  if (!hash.empty() && (octets.size() != kDigestOctets || hash.size() != 2 * kDigestOctets)) {
    fields.issue("invalid-key-authorization-hash", "key_authorization_hash",
                 "64 hexadecimal digits: SHA-256 of the key authorization (RFC 8737 3)");
  }
  out.request.mutable_dcv()->mutable_acme_tls_alpn_01()->set_key_authorization_digest(octets);
  out.parameters["require_exact_case"] = false;
  out.parameters["key_authorization_hash"] = hash;
}

struct Method {
  DcvMethod method;
  void (*read)(JsonFields&, OpenMpicRequest&);
};

constexpr Method kMethods[] = {{DcvMethod::kAcmeHttp01, read_http_01},
                               {DcvMethod::kWebsiteChange, read_website_change},
                               {DcvMethod::kAcmeDns01, read_dns_01},
                               {DcvMethod::kDnsChange, read_dns_change},
                               {DcvMethod::kDnsPersistent, read_dns_persistent},
                               {DcvMethod::kContactEmailTxt, read_contact},
                               {DcvMethod::kContactPhoneTxt, read_contact},
                               {DcvMethod::kContactEmailCaa, read_contact},
                               {DcvMethod::kContactPhoneCaa, read_contact},
                               {DcvMethod::kIpAddress, read_ip_address},
                               {DcvMethod::kReverseAddressLookup, read_reverse},
                               {DcvMethod::kAcmeTlsAlpn01, read_tls_alpn_01}};

}  // namespace

std::optional<IpAddress> address_in_any_form(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return IpAddress::v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) == 1) return IpAddress::v6(sixteen);
  return std::nullopt;
}

void read_dcv(JsonFields& fields, OpenMpicRequest& out) {
  const std::string name = fields.needed_text("validation_method");
  for (const Method& one : kMethods) {
    if (to_string(one.method) != name) continue;
    out.method = one.method;
    out.parameters["validation_method"] = name;
    return one.read(fields, out);
  }
  if (fields.has("validation_method"))
    fields.issue("invalid-validation-method", "validation_method", "not a method of this API");
}

}  // namespace mpic::coordinator
