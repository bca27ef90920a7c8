// CAA: the question a CA has and the records that answer it (RFC 8659, RFC 8657, RFC 9495; BR 4.2.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/identifier.hpp"

namespace mpic {

enum class CertificateType : std::uint8_t { kTlsServer = 1, kSmime = 2 };  // numbers as in mpic.v1

// One property. `tag` and `value` are the octets of the record: any octet may occur in a value.
struct CaaRecord {
  std::uint8_t flags = 0;
  std::string tag;
  std::string value;
  // Reserved bits other than 128 are ignored by the RFC; ours: 1, the classic mistake for 128, counts alike.
  [[nodiscard]] bool critical() const { return (flags & 0x81U) != 0; }
  friend bool operator==(const CaaRecord&, const CaaRecord&) = default;
};

struct CaaQuestion {
  CertificateType certificate_type = CertificateType::kTlsServer;
  std::vector<std::string> issuer_domains;  // lower case; 1 to 16
  std::vector<std::string> account_uris;    // compared octet for octet; at most 16
  std::string validation_method;            // RFC 8657 4 label; empty: none given, so a restricted property denies
  bool allow_lookup_failure = false;
  friend bool operator==(const CaaQuestion&, const CaaQuestion&) = default;
};

}  // namespace mpic
