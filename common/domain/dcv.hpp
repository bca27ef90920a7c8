// Validation of domain control: the methods and what each needs (BR 3.2.2.4, 3.2.2.5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/domain/problem.hpp"

namespace mpic {

// Numbers as mpic.v1.DcvMethod.
enum class DcvMethod : std::uint8_t {
  kDnsChange = 1,
  kAcmeDns01 = 2,
  kIpAddress = 3,
  kContactEmailCaa = 4,
  kContactEmailTxt = 5,
  kContactPhoneTxt = 6,
  kContactPhoneCaa = 7,
  kWebsiteChange = 8,
  kAcmeHttp01 = 9,
  kAcmeTlsAlpn01 = 10,
  kAcmeDnsAccount01 = 11,
  kDnsPersistent = 12,
  kReverseAddressLookup = 13,
};

[[nodiscard]] std::string_view to_string(DcvMethod method);  // "acme-http-01"
[[nodiscard]] std::string_view clause_of(DcvMethod method);  // "BR 3.2.2.4.19"

// RFC 8555 8.3. Checked on entry (rules/dcv_http.hpp: check_question).
struct AcmeHttp01 {
  std::string token;              // base64url, 22 to 128 octets
  std::string key_authorization;  // token "." thumbprint
  friend bool operator==(const AcmeHttp01&, const AcmeHttp01&) = default;
};

// One alternative per method that this version can judge.
struct DcvQuestion {
  std::variant<AcmeHttp01> parameters;
  [[nodiscard]] DcvMethod method() const;
  friend bool operator==(const DcvQuestion&, const DcvQuestion&) = default;
};

}  // namespace mpic
