// Certificates as a server may show them for tls-alpn-01 (RFC 8737 3), right ones and wrong ones: every part is the
// test's to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/identifier.hpp"
#include "common/domain/observation.hpp"

namespace mpic::test {

enum class CertificateKey {
  kP256,
  kP256Explicit,  // the curve written out instead of named
  kEd25519,       // always the same key: such a certificate is the same each time it is made
  kEd448,
  kRsa2048,
  kRsa16384,  // these two cannot sign: another Ed25519 key does, and is in `key_pem`
  kX25519,
};

struct CertificateExtension {
  std::string oid;  // "1.3.6.1.5.5.7.1.31"
  bool critical = false;
  Bytes value;  // octets inside the extension's own OCTET STRING
};

struct CertificateShape {
  CertificateKey key = CertificateKey::kP256;
  std::string subject = "validation";  // common name; empty: an empty name
  std::string issuer = "validation";
  bool signed_by_another = false;                // by a key that is not the certificate's own
  std::vector<CertificateExtension> extensions;  // in this order, repeats too
};

struct ServerCertificate {
  Bytes der;
  std::string certificate_pem;
  std::string key_pem;  // PKCS #8, of the certificate's key
};

// Throws std::runtime_error when OpenSSL will not make it.
[[nodiscard]] ServerCertificate make_certificate(const CertificateShape& shape);

// What RFC 8737 3 asks for: subjectAltName with that one entry, acmeIdentifier critical with the digest.
[[nodiscard]] CertificateShape validation_shape(const Identifier& validated, const Digest& digest);

inline constexpr std::string_view kAcmeIdentifierOid = "1.3.6.1.5.5.7.1.31";
inline constexpr std::string_view kSubjectAltNameOid = "2.5.29.17";

// Parts, in DER.
[[nodiscard]] Bytes tlv(std::uint8_t tag, const Bytes& content);  // definite length
[[nodiscard]] Bytes dns_entry(std::string_view name);             // GeneralName dNSName
[[nodiscard]] Bytes address_entry(const Bytes& octets);           // GeneralName iPAddress
[[nodiscard]] CertificateExtension alt_names(const std::vector<Bytes>& entries);
[[nodiscard]] CertificateExtension acme_identifier(const Digest& digest);

}  // namespace mpic::test
