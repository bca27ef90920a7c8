// The question of each validation method.
#include <openssl/sha.h>

#include <algorithm>

#include "common/domain/ascii.hpp"
#include "common/rules/dcv_question.hpp"
#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxAuthorization = 256;
constexpr std::size_t kMaxValue = 1024;
constexpr std::size_t kMaxUri = 1024;

// Blanks are possible in a challenge value; what else is wrong with it is told by the rules.
std::string value(std::string_view in, std::size_t max, std::string_view field) {
  return std::string(bounded(in, max, field));
}

// Exactly one of the two, since two could differ.
template <class Message>
void check_one_of(const Message& question, std::string_view field) {
  const bool whole = !question.key_authorization().empty();
  const bool digest = !question.key_authorization_digest().empty();
  if (whole == digest) bad(field, "exactly one of key_authorization and key_authorization_digest is needed");
}

// Only its digest goes on, so this is the last place that sees it.
template <class Message>
std::string key_authorization_of(const Message& question, std::string_view field) {
  const std::string name = in(field, "key_authorization");
  std::string whole = ascii(question.key_authorization(), kMaxAuthorization, name);
  if (const auto good = rules::check_key_authorization(whole); !good) bad(name, good.error().detail);
  return whole;
}

template <class Message>
std::string digest_of(const Message& question, std::string_view field) {
  check_one_of(question, field);
  if (question.key_authorization().empty()) {
    return ascii(question.key_authorization_digest(), 43, in(field, "key_authorization_digest"));
  }
  return rules::key_authorization_digest(key_authorization_of(question, field));
}

AcmeHttp01 read(const v1::AcmeHttp01& question, std::string_view field) {
  return {ascii(question.token(), 128, in(field, "token")),
          ascii(question.key_authorization(), kMaxAuthorization, in(field, "key_authorization"))};
}

WebsiteChange read(const v1::WebsiteChange& question, std::string_view field) {
  return {ascii(question.path(), 256, in(field, "path")),
          value(question.challenge_value(), kMaxValue, in(field, "challenge_value")), question.https(),
          value(question.match_regex(), 256, in(field, "match_regex"))};
}

AcmeDns01 read(const v1::AcmeDns01& question, std::string_view field) { return {digest_of(question, field)}; }

DnsChange read(const v1::DnsChange& question, std::string_view field) {
  DnsChange out;
  out.challenge_value = value(question.challenge_value(), kMaxValue, in(field, "challenge_value"));
  if (question.record_type() != v1::DNS_RECORD_TYPE_UNSPECIFIED) {
    if (!v1::DnsRecordType_IsValid(question.record_type())) {
      bad(in(field, "record_type"), fmt::format("{} is not a value of this field", question.record_type()));
    }
    out.record_type = static_cast<RecordType>(question.record_type());
  }
  // Names have no case (RFC 4343).
  out.name_prefix = lowered(ascii(question.name_prefix(), 63, in(field, "name_prefix")));
  out.exact = question.exact();
  out.ignore_case = question.ignore_case();
  return out;
}

AcmeTlsAlpn01 read(const v1::AcmeTlsAlpn01& question, std::string_view field) {
  check_one_of(question, field);
  if (question.key_authorization().empty()) {
    return {octets<32>(question.key_authorization_digest(), in(field, "key_authorization_digest"))};
  }
  const std::string whole = key_authorization_of(question, field);
  AcmeTlsAlpn01 out;
  const std::vector<std::uint8_t> whole_octets(whole.begin(), whole.end());
  SHA256(whole_octets.data(), whole_octets.size(), out.digest.data());
  return out;
}

AcmeDnsAccount01 read(const v1::AcmeDnsAccount01& question, std::string_view field) {
  return {digest_of(question, field), ascii(question.account_uri(), kMaxUri, in(field, "account_uri"))};
}

DnsPersistent read(const v1::DnsPersistent& question, std::string_view field) {
  return {names(question.issuer_domains(), in(field, "issuer_domains")),
          ascii(question.account_uri(), kMaxUri, in(field, "account_uri"))};
}

ContactLookup read(const v1::ContactLookup& question, std::string_view field) {
  const DcvMethod method =
      enumerator(question.method(), DcvMethod::kContactEmailCaa, DcvMethod::kContactPhoneCaa, in(field, "method"));
  return {method, value(question.contact(), 320, in(field, "contact"))};
}

IpAddressLookup read(const v1::IpAddressLookup& question, std::string_view field) {
  IpAddressLookup out{take(IpAddress::parse(question.address()), in(field, "address"))};
  const auto of_family = out.address.is_v4() ? v1::DNS_RECORD_TYPE_A : v1::DNS_RECORD_TYPE_AAAA;
  if (question.record_type() != v1::DNS_RECORD_TYPE_UNSPECIFIED && question.record_type() != of_family) {
    bad(in(field, "record_type"), "not the type of the address's family");
  }
  return out;
}

ReverseAddressLookup read(const v1::ReverseAddressLookup& question, std::string_view field) {
  return {take(DnsName::parse(question.fqdn()), in(field, "fqdn"))};
}

template <class Message>
DcvQuestion checked(const Message& question, const std::string& field) {
  DcvQuestion out{read(question, field)};
  if (const auto good = rules::check_question(out); !good) bad(in(field, good.error().where), good.error().detail);
  return out;
}

void write(const AcmeHttp01& question, v1::DcvQuestion& out) {
  v1::AcmeHttp01& to = *out.mutable_acme_http_01();
  to.set_token(question.token);
  to.set_key_authorization(question.key_authorization);
}

void write(const WebsiteChange& question, v1::DcvQuestion& out) {
  v1::WebsiteChange& to = *out.mutable_website_change();
  to.set_path(question.path);
  to.set_challenge_value(question.challenge_value);
  to.set_https(question.https);
  to.set_match_regex(question.match_regex);
}

void write(const AcmeDns01& question, v1::DcvQuestion& out) {
  out.mutable_acme_dns_01()->set_key_authorization_digest(question.digest);
}

void write(const DnsChange& question, v1::DcvQuestion& out) {
  v1::DnsChange& to = *out.mutable_dns_change();
  to.set_challenge_value(question.challenge_value);
  to.set_record_type(static_cast<v1::DnsRecordType>(question.record_type));
  to.set_name_prefix(question.name_prefix);
  to.set_exact(question.exact);
  to.set_ignore_case(question.ignore_case);
}

void write(const AcmeTlsAlpn01& question, v1::DcvQuestion& out) {
  out.mutable_acme_tls_alpn_01()->set_key_authorization_digest(text(question.digest));
}

void write(const AcmeDnsAccount01& question, v1::DcvQuestion& out) {
  v1::AcmeDnsAccount01& to = *out.mutable_acme_dns_account_01();
  to.set_key_authorization_digest(question.digest);
  to.set_account_uri(question.account_uri);
}

void write(const DnsPersistent& question, v1::DcvQuestion& out) {
  v1::DnsPersistent& to = *out.mutable_dns_persistent();
  for (const std::string& issuer : question.issuer_domains) to.add_issuer_domains(issuer);
  to.set_account_uri(question.account_uri);
}

void write(const ContactLookup& question, v1::DcvQuestion& out) {
  out.mutable_contact()->set_method(static_cast<v1::DcvMethod>(question.method));
  out.mutable_contact()->set_contact(question.contact);
}

void write(const IpAddressLookup& question, v1::DcvQuestion& out) {
  v1::IpAddressLookup& to = *out.mutable_ip_address();
  to.set_address(question.address.text());
  to.set_record_type(question.address.is_v4() ? v1::DNS_RECORD_TYPE_A : v1::DNS_RECORD_TYPE_AAAA);
}

void write(const ReverseAddressLookup& question, v1::DcvQuestion& out) {
  out.mutable_reverse_address_lookup()->set_fqdn(question.fqdn.text());
}

}  // namespace

Expected<DcvQuestion> decode(const v1::DcvQuestion& question, std::string_view field) {
  return decoding(ProblemCode::kInvalidArgument, [&]() -> DcvQuestion {
    switch (question.method_case()) {
      case v1::DcvQuestion::kAcmeHttp01:
        return checked(question.acme_http_01(), in(field, "acme_http_01"));
      case v1::DcvQuestion::kWebsiteChange:
        return checked(question.website_change(), in(field, "website_change"));
      case v1::DcvQuestion::kAcmeDns01:
        return checked(question.acme_dns_01(), in(field, "acme_dns_01"));
      case v1::DcvQuestion::kDnsChange:
        return checked(question.dns_change(), in(field, "dns_change"));
      case v1::DcvQuestion::kAcmeTlsAlpn01:
        return checked(question.acme_tls_alpn_01(), in(field, "acme_tls_alpn_01"));
      case v1::DcvQuestion::kAcmeDnsAccount01:
        return checked(question.acme_dns_account_01(), in(field, "acme_dns_account_01"));
      case v1::DcvQuestion::kDnsPersistent:
        return checked(question.dns_persistent(), in(field, "dns_persistent"));
      case v1::DcvQuestion::kContact:
        return checked(question.contact(), in(field, "contact"));
      case v1::DcvQuestion::kIpAddress:
        return checked(question.ip_address(), in(field, "ip_address"));
      case v1::DcvQuestion::kReverseAddressLookup:
        return checked(question.reverse_address_lookup(), in(field, "reverse_address_lookup"));
      case v1::DcvQuestion::METHOD_NOT_SET:
        break;
    }
    bad(field, "names no validation method");
  });
}

void encode(const DcvQuestion& question, v1::DcvQuestion& out) {
  std::visit([&out](const auto& parameters) { write(parameters, out); }, question.parameters);
}

}  // namespace mpic::wire
