// tls-alpn-01 (RFC 8737, RFC 8738; BR 3.2.2.4.20, 3.2.2.5.7). The certificate is hostile input. Pure; fuzzed.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "common/rules/dcv_subject.hpp"
#include "common/rules/judgement.hpp"

namespace mpic::rules {

inline constexpr std::string_view kAcmeTlsAlpn = "acme-tls/1";
inline constexpr std::uint16_t kTlsAlpnPort = 443;
inline constexpr std::size_t kMaxCertificate = 16 * 1024;  // octets of DER that are kept and judged

// SNI: the name, or the reverse name of an address (RFC 8738 6), without a final dot.
[[nodiscard]] std::string server_name_of(const Identifier& validated);

// None when the certificate proves control of `validated` (RFC 8737 3):
//   one X.509 certificate, no octets behind it, at most kMaxCertificate
//   a key of a usual kind: RSA up to 8,192 bits, EC on a named curve, Ed25519, Ed448; others could take long to verify
//   exactly one subjectAltName extension with exactly one entry, dNSName (without case) or iPAddress, that is
//   `validated` exactly one acmeIdentifier (id-pe 31), critical, whose value is an OCTET STRING of the 32 octets of
//   `digest` self-signed: the issuer is the subject, the signature by its own key
// Other extensions are tolerated, and the time of validity is not looked at. Else kCertificateMismatch saying which of
// these failed; both digests in hexadecimal. Leaves this thread's queue of OpenSSL errors as it was.
[[nodiscard]] std::optional<Problem> certificate_mismatch(std::span<const std::uint8_t> der,
                                                          const Identifier& validated, const Digest& digest);

// kAlpnNotAgreed without "acme-tls/1"; kEvidenceInvalid for another SNI, or what cannot have been reached so. The key
// is the digest in hexadecimal.
[[nodiscard]] Judgement judge_tls_alpn(const DcvSubject& subject, const AcmeTlsAlpn01& question,
                                       const TlsObservation& seen, const std::vector<std::string>& lab);

}  // namespace mpic::rules
