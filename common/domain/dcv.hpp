// Validation of domain control: the methods and what each needs (BR 3.2.2.4, 3.2.2.5).
//
// Parameters here have passed rules/dcv_question.hpp. Which names a method looks at, and what it makes of what is
// there, is told beside the rules of that method.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/domain/identifier.hpp"
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
// "BR 3.2.2.4.19"; for an IP address its own clause, "BR 3.2.2.5.6".
[[nodiscard]] std::string_view clause_of(DcvMethod method, bool for_ip_address = false);
// Only the DNS half: the answered e-mail or call, or the method on what was found, stays with the CA.
[[nodiscard]] bool is_half_validation(DcvMethod method);

// What a method looks with.
enum class Sight : std::uint8_t { kHttp, kDns, kTls };
[[nodiscard]] Sight sight_of(DcvMethod method);

// Numbers as the DNS's own (IANA, RR TYPEs).
enum class RecordType : std::uint16_t { kA = 1, kCname = 5, kPtr = 12, kTxt = 16, kAaaa = 28, kCaa = 257 };
[[nodiscard]] std::string to_string(RecordType type);  // "CAA"

// RFC 8555 8.3.
struct AcmeHttp01 {
  std::string token;              // base64url, 22 to 128 octets
  std::string key_authorization;  // token "." thumbprint
  friend bool operator==(const AcmeHttp01&, const AcmeHttp01&) = default;
};

// BR 3.2.2.4.18; 3.2.2.5.1 for an IP address.
struct WebsiteChange {
  std::string path;             // below /.well-known/pki-validation/, without that; at most 256 octets
  std::string challenge_value;  // 1 to 1,024 octets of printable ASCII without blanks at the ends
  bool https = false;           // of the first request
  std::string match_regex;      // RE2; empty: none. The page must also match it, anywhere
  friend bool operator==(const WebsiteChange&, const WebsiteChange&) = default;
};

// RFC 8555 8.4.
struct AcmeDns01 {
  std::string digest;  // base64url(SHA-256(key authorization)), 43 octets
  friend bool operator==(const AcmeDns01&, const AcmeDns01&) = default;
};

// BR 3.2.2.4.7 outside ACME.
struct DnsChange {
  std::string challenge_value;                // 1 to 1,024 octets of printable ASCII
  RecordType record_type = RecordType::kTxt;  // TXT, CNAME or CAA
  std::string name_prefix;                    // one label that begins with "_"; empty: at the ADN itself
  bool exact = false;                         // the whole record, not a part of it
  bool ignore_case = false;
  friend bool operator==(const DnsChange&, const DnsChange&) = default;
};

// RFC 8737, RFC 8738.
struct AcmeTlsAlpn01 {
  std::array<std::uint8_t, 32> digest{};  // SHA-256(key authorization)
  friend bool operator==(const AcmeTlsAlpn01&, const AcmeTlsAlpn01&) = default;
};

// BR 3.2.2.4.21, draft-ietf-acme-dns-account-label-00.
struct AcmeDnsAccount01 {
  std::string digest;       // as of AcmeDns01
  std::string account_uri;  // decides the label; at most 1,024 octets
  friend bool operator==(const AcmeDnsAccount01&, const AcmeDnsAccount01&) = default;
};

// BR 3.2.2.4.22; 3.2.2.5.8 for an IP address.
struct DnsPersistent {
  std::vector<std::string> issuer_domains;  // ours, lower case; 1 to 16
  std::string account_uri;                  // compared octet for octet; at most 1,024 octets
  friend bool operator==(const DnsPersistent&, const DnsPersistent&) = default;
};

// BR 3.2.2.4.13, .14, .16, .17.
struct ContactLookup {
  DcvMethod method = DcvMethod::kContactEmailTxt;  // one of the four contact methods
  std::string contact;                             // the selected e-mail address or phone number
  friend bool operator==(const ContactLookup&, const ContactLookup&) = default;
};

// BR 3.2.2.4.8: A or AAAA, by the family.
struct IpAddressLookup {
  IpAddress address;
  friend bool operator==(const IpAddressLookup&, const IpAddressLookup&) = default;
};

// BR 3.2.2.5.3.
struct ReverseAddressLookup {
  DnsName fqdn;
  friend bool operator==(const ReverseAddressLookup&, const ReverseAddressLookup&) = default;
};

struct DcvQuestion {
  std::variant<AcmeHttp01, WebsiteChange, AcmeDns01, DnsChange, AcmeTlsAlpn01, AcmeDnsAccount01, DnsPersistent,
               ContactLookup, IpAddressLookup, ReverseAddressLookup>
      parameters;
  [[nodiscard]] DcvMethod method() const;
  friend bool operator==(const DcvQuestion&, const DcvQuestion&) = default;
};

}  // namespace mpic
