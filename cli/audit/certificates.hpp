// Issued certificates, as a CA exports them: a PEM bundle, or CSV with a line for each. Hostile input: bounded, refused
// with the number of the certificate or line. Pure.
//
// CSV: a header, then columns in any order: `serial` or `fingerprint` (what the certificate is told by), `names`
// (separated by blanks or semicolons), `issued` (2026-11-25 or 2026-11-25T08:00:00Z). Others are ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/observation.hpp"

namespace mpic::cli {

struct IssuedCertificate {
  std::string told_by;             // "sha256 …", or as the CSV says
  std::vector<std::string> names;  // dNSName, iPAddress; of rfc822Name the domain. As they stand there
  TimePoint issued{};              // notBefore of a certificate
  bool is_smime = false;           // it has mailboxes
};

inline constexpr std::size_t kMostNames = 1'000;  // of one certificate

// Which kind it is, the content tells. Throws Failure (usage) naming `file` and the place.
[[nodiscard]] std::vector<IssuedCertificate> read_certificates(const std::string& file, std::string_view content);

}  // namespace mpic::cli
