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

// None when the certificate proves control of `validated` (RFC 8737 3): DER without trailing octets; self-signed with its own key;
// exactly one subjectAltName extension with exactly one entry, dNSName (without case) or iPAddress, that is `validated`;
// exactly one critical acmeIdentifier (id-pe 31) whose value is an OCTET STRING of 32 octets that equal `digest`. Other
// extensions are tolerated. Else kCertificateMismatch saying which of these failed; both digests in hexadecimal.
// Keys of unusual kind or size (not RSA up to 8,192 bits, EC on a named curve, Ed25519 or Ed448) are refused unread: they
// could take long to verify.
[[nodiscard]] std::optional<Problem> certificate_mismatch(std::span<const std::uint8_t> der, const Identifier& validated,
                                                          const Digest& digest);

// kAlpnNotAgreed without "acme-tls/1"; kEvidenceInvalid for another SNI, or what cannot have been reached so. The key is the
// digest in hexadecimal.
[[nodiscard]] Judgement judge_tls_alpn(const DcvSubject& subject, const AcmeTlsAlpn01& question,
                                       const TlsObservation& seen, const std::vector<std::string>& lab);

}  // namespace mpic::rules
