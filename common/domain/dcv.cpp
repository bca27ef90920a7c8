#include "common/domain/dcv.hpp"

namespace mpic {
namespace {

DcvMethod method_of(const AcmeHttp01&) { return DcvMethod::kAcmeHttp01; }
DcvMethod method_of(const WebsiteChange&) { return DcvMethod::kWebsiteChange; }
DcvMethod method_of(const AcmeDns01&) { return DcvMethod::kAcmeDns01; }
DcvMethod method_of(const DnsChange&) { return DcvMethod::kDnsChange; }
DcvMethod method_of(const AcmeTlsAlpn01&) { return DcvMethod::kAcmeTlsAlpn01; }
DcvMethod method_of(const AcmeDnsAccount01&) { return DcvMethod::kAcmeDnsAccount01; }
DcvMethod method_of(const DnsPersistent&) { return DcvMethod::kDnsPersistent; }
DcvMethod method_of(const ContactLookup& question) { return question.method; }
DcvMethod method_of(const IpAddressLookup&) { return DcvMethod::kIpAddress; }
DcvMethod method_of(const ReverseAddressLookup&) { return DcvMethod::kReverseAddressLookup; }

}  // namespace

std::string_view to_string(DcvMethod method) {
  switch (method) {
    case DcvMethod::kDnsChange:
      return "dns-change";
    case DcvMethod::kAcmeDns01:
      return "acme-dns-01";
    case DcvMethod::kIpAddress:
      return "ip-address";
    case DcvMethod::kContactEmailCaa:
      return "contact-email-caa";
    case DcvMethod::kContactEmailTxt:
      return "contact-email-txt";
    case DcvMethod::kContactPhoneTxt:
      return "contact-phone-txt";
    case DcvMethod::kContactPhoneCaa:
      return "contact-phone-caa";
    case DcvMethod::kWebsiteChange:
      return "website-change";
    case DcvMethod::kAcmeHttp01:
      return "acme-http-01";
    case DcvMethod::kAcmeTlsAlpn01:
      return "acme-tls-alpn-01";
    case DcvMethod::kAcmeDnsAccount01:
      return "acme-dns-account-01";
    case DcvMethod::kDnsPersistent:
      return "dns-persistent";
    case DcvMethod::kReverseAddressLookup:
      return "reverse-address-lookup";
  }
  return "unspecified";
}

std::string_view clause_of(DcvMethod method, bool for_ip_address) {
  switch (method) {
    case DcvMethod::kDnsChange:
    case DcvMethod::kAcmeDns01:
      return "BR 3.2.2.4.7";
    case DcvMethod::kIpAddress:
      return "BR 3.2.2.4.8";
    case DcvMethod::kContactEmailCaa:
      return "BR 3.2.2.4.13";
    case DcvMethod::kContactEmailTxt:
      return "BR 3.2.2.4.14";
    case DcvMethod::kContactPhoneTxt:
      return "BR 3.2.2.4.16";
    case DcvMethod::kContactPhoneCaa:
      return "BR 3.2.2.4.17";
    case DcvMethod::kWebsiteChange:
      return for_ip_address ? "BR 3.2.2.5.1" : "BR 3.2.2.4.18";
    case DcvMethod::kAcmeHttp01:
      return for_ip_address ? "BR 3.2.2.5.6" : "BR 3.2.2.4.19";
    case DcvMethod::kAcmeTlsAlpn01:
      return for_ip_address ? "BR 3.2.2.5.7" : "BR 3.2.2.4.20";
    case DcvMethod::kAcmeDnsAccount01:
      return "BR 3.2.2.4.21";
    case DcvMethod::kDnsPersistent:
      return for_ip_address ? "BR 3.2.2.5.8" : "BR 3.2.2.4.22";
    case DcvMethod::kReverseAddressLookup:
      return "BR 3.2.2.5.3";
  }
  return "BR 3.2.2.4";
}

bool is_half_validation(DcvMethod method) {
  switch (method) {
    case DcvMethod::kIpAddress:
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
    case DcvMethod::kContactPhoneTxt:
    case DcvMethod::kContactPhoneCaa:
    case DcvMethod::kReverseAddressLookup:
      return true;
    case DcvMethod::kDnsChange:
    case DcvMethod::kAcmeDns01:
    case DcvMethod::kWebsiteChange:
    case DcvMethod::kAcmeHttp01:
    case DcvMethod::kAcmeTlsAlpn01:
    case DcvMethod::kAcmeDnsAccount01:
    case DcvMethod::kDnsPersistent:
      break;
  }
  return false;
}

Sight sight_of(DcvMethod method) {
  switch (method) {
    case DcvMethod::kWebsiteChange:
    case DcvMethod::kAcmeHttp01:
      return Sight::kHttp;
    case DcvMethod::kAcmeTlsAlpn01:
      return Sight::kTls;
    case DcvMethod::kDnsChange:
    case DcvMethod::kAcmeDns01:
    case DcvMethod::kIpAddress:
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
    case DcvMethod::kContactPhoneTxt:
    case DcvMethod::kContactPhoneCaa:
    case DcvMethod::kAcmeDnsAccount01:
    case DcvMethod::kDnsPersistent:
    case DcvMethod::kReverseAddressLookup:
      break;
  }
  return Sight::kDns;
}

DcvMethod DcvQuestion::method() const {
  return std::visit([](const auto& question) { return method_of(question); }, parameters);
}

std::string to_string(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return "A";
    case RecordType::kCname:
      return "CNAME";
    case RecordType::kPtr:
      return "PTR";
    case RecordType::kTxt:
      return "TXT";
    case RecordType::kAaaa:
      return "AAAA";
    case RecordType::kCaa:
      return "CAA";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));  // RFC 3597 5
}

}  // namespace mpic
