#include "common/domain/dcv.hpp"

namespace mpic {
namespace {

DcvMethod method_of(const AcmeHttp01&) { return DcvMethod::kAcmeHttp01; }

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

std::string_view clause_of(DcvMethod method) {
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
      return "BR 3.2.2.4.18";
    case DcvMethod::kAcmeHttp01:
      return "BR 3.2.2.4.19";
    case DcvMethod::kAcmeTlsAlpn01:
      return "BR 3.2.2.4.20";
    case DcvMethod::kAcmeDnsAccount01:
      return "BR 3.2.2.4.21";
    case DcvMethod::kDnsPersistent:
      return "BR 3.2.2.4.22";
    case DcvMethod::kReverseAddressLookup:
      return "BR 3.2.2.5.3";
  }
  return "BR 3.2.2.4";
}

DcvMethod DcvQuestion::method() const {
  return std::visit([](const auto& question) { return method_of(question); }, parameters);
}

}  // namespace mpic
