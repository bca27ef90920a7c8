#include "common/rules/caa_label.hpp"

namespace mpic::rules {
namespace {

struct Labels {
  std::string_view clause;
  std::string_view acme;
};

// No default: a new method does not compile (-Wswitch) until it has its labels.
Labels labels_of(DcvMethod method) {
  switch (method) {
    case DcvMethod::kDnsChange:
      return {"ca-tbr-7", ""};
    case DcvMethod::kAcmeDns01:
      return {"ca-tbr-7", "dns-01"};
    case DcvMethod::kIpAddress:
      return {"ca-tbr-8", ""};
    case DcvMethod::kContactEmailCaa:
      return {"ca-tbr-13", ""};
    case DcvMethod::kContactEmailTxt:
      return {"ca-tbr-14", ""};
    case DcvMethod::kContactPhoneTxt:
      return {"ca-tbr-16", ""};
    case DcvMethod::kContactPhoneCaa:
      return {"ca-tbr-17", ""};
    case DcvMethod::kWebsiteChange:
      return {"ca-tbr-18", ""};
    case DcvMethod::kAcmeHttp01:
      return {"ca-tbr-19", "http-01"};
    case DcvMethod::kAcmeTlsAlpn01:
      return {"ca-tbr-20", "tls-alpn-01"};
    case DcvMethod::kAcmeDnsAccount01:
      return {"ca-tbr-21", "dns-account-01"};
    case DcvMethod::kDnsPersistent:
      return {"ca-tbr-22", "dns-persist-01"};
    case DcvMethod::kReverseAddressLookup:
      break;
  }
  return {};
}

}  // namespace

std::string_view caa_label_of(DcvMethod method) {
  const Labels labels = labels_of(method);
  return labels.acme.empty() ? labels.clause : labels.acme;
}

bool is_caa_label_of(std::string_view label, DcvMethod method) {
  const Labels labels = labels_of(method);
  return !label.empty() && (label == labels.acme || label == labels.clause);
}

}  // namespace mpic::rules
