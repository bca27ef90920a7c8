// Certificates that were issued, as a CA lists them: a PEM bundle or CSV. Pure; what it reads may be anything.
//
// PEM where a line begins with "-----BEGIN ": certificates, and text between them. CA certificates are counted and left
// out; anything else between such lines is a mistake.
// CSV (RFC 4180) begins with a line that names its columns, in any order and case:
//   serial, fingerprint   at least one of them: hexadecimal, colons allowed
//   names                 separated by blanks or semicolons: FQDNs, wildcards, addresses, mailboxes
//   issued                2026-11-25T08:00:00Z, or 2026-11-25, its first moment
//   method                optional: "acme-http-01" or "3.2.2.4.19"; then only validations by it count
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/batch/csv.hpp"
#include "common/domain/caa.hpp"
#include "common/domain/dcv.hpp"
#include "common/domain/observation.hpp"

namespace mpic::cli {

inline constexpr std::size_t kMostCertificates = 1'000'000;
inline constexpr std::size_t kLongestCertificate = 256 * 1024;  // octets, in DER
inline constexpr std::size_t kMostNames = 10'000;               // of one certificate
inline constexpr std::size_t kMostMistakes = 20;                // that are told

struct CertifiedName {
  std::string text;                      // as it stands in the certificate
  std::optional<Identifier> identifier;  // of a mailbox its domain; none: nothing that is validated here
  std::string why_none;
};

struct IssuedCertificate {
  std::string fingerprint;                             // SHA-256, lower-case hexadecimal; empty: not told
  std::string serial;                                  // lower-case hexadecimal; empty: not told
  TimePoint issued{};                                  // of PEM notBefore
  CertificateType type = CertificateType::kTlsServer;  // S/MIME: a name is a mailbox
  std::vector<DcvMethod> methods;                      // empty: any
  std::vector<CertifiedName> names;                    // at least one
};

struct IssuedList {
  bool is_pem = false;
  std::size_t authorities = 0;  // CA certificates that were left out
  std::vector<IssuedCertificate> certificates;
  std::vector<LineMistake> mistakes;  // at most kMostMistakes; reading ends with the last
};

[[nodiscard]] IssuedList read_issued(std::string_view text);

// Its two halves, by their form.
[[nodiscard]] IssuedList read_issued_pem(std::string_view text);
[[nodiscard]] IssuedList read_issued_csv(std::string_view text);

// A name, "*." and a name, an address as RFC 5952 writes it, or a mailbox.
[[nodiscard]] CertifiedName certified_name(std::string text);
[[nodiscard]] bool is_mailbox(std::string_view text);
// "acme-http-01", "3.2.2.4.19" or "BR 3.2.2.4.19"; empty for anything else.
[[nodiscard]] std::vector<DcvMethod> methods_from(std::string_view text);

}  // namespace mpic::cli
