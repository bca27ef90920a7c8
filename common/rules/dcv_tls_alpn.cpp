#include "common/rules/dcv_tls_alpn.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/domain/ascii.hpp"
#include "common/domain/hex.hpp"

namespace mpic::rules {
namespace {

using Octets = std::span<const std::uint8_t>;
using Fault = std::optional<std::string>;

constexpr std::array<std::uint8_t, 3> kSubjectAltName = {0x55, 0x1D, 0x11};            // 2.5.29.17
constexpr std::array<std::uint8_t, 8> kAcmeIdentifier = {0x2B, 6, 1, 5, 5, 7, 1, 31};  // 1.3.6.1.5.5.7.1.31
constexpr int kMaxRsaBits = 8192;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* owned) const {
    Free(owned);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

// What goes wrong in here is an answer, and must not be found by who looks at this thread's errors later.
class OwnErrors {
 public:
  OwnErrors() { ERR_set_mark(); }
  ~OwnErrors() { ERR_pop_to_mark(); }
  OwnErrors(const OwnErrors&) = delete;
  OwnErrors& operator=(const OwnErrors&) = delete;
};

Octets octets_of(const ASN1_STRING* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<X509_EXTENSION*> extensions(const X509* certificate, Octets oid) {
  std::vector<X509_EXTENSION*> found;
  for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
    X509_EXTENSION* extension = X509_get_ext(certificate, i);
    const ASN1_OBJECT* kind = X509_EXTENSION_get_object(extension);
    const Octets its_oid(OBJ_get0_data(kind), OBJ_length(kind));
    if (std::equal(its_oid.begin(), its_oid.end(), oid.begin(), oid.end())) found.push_back(extension);
  }
  return found;
}

bool curve_is_named(const X509_ALGOR* algorithm) {
  int kind = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &kind, nullptr, algorithm);
  return kind == V_ASN1_OBJECT;
}

Fault key_fault(const X509* certificate) {
  ASN1_OBJECT* kind = nullptr;
  X509_ALGOR* algorithm = nullptr;
  X509_PUBKEY_get0_param(&kind, nullptr, nullptr, &algorithm, X509_get_X509_PUBKEY(certificate));
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return "its key cannot be read";
  switch (OBJ_obj2nid(kind)) {
    case NID_rsaEncryption:
    case NID_rsassaPss:
      if (EVP_PKEY_get_bits(key) <= kMaxRsaBits) return std::nullopt;
      return "its RSA key has " + std::to_string(EVP_PKEY_get_bits(key)) + " bits, over 8,192";
    case NID_X9_62_id_ecPublicKey:
      if (curve_is_named(algorithm)) return std::nullopt;
      return "the curve of its key is not a named one";
    case NID_ED25519:
    case NID_ED448:
      return std::nullopt;
    default:
      return "its key is none of RSA, EC, Ed25519 and Ed448";
  }
}

std::string shown(const GENERAL_NAME* name) {
  int kind = 0;
  const void* value = GENERAL_NAME_get0_value(name, &kind);
  if (kind != GEN_DNS && kind != GEN_IPADD) return "neither dNSName nor iPAddress";
  const Octets octets = octets_of(static_cast<const ASN1_STRING*>(value));
  if (kind == GEN_DNS) {
    return "dNSName " + quoted(std::string(octets.begin(), octets.end()));
  }
  const auto address = IpAddress::from_octets(octets);
  return "iPAddress " + (address ? address->text() : "of " + std::to_string(octets.size()) + " octets");
}

// RFC 4343: names are compared without case. RFC 8738 3: addresses octet for octet.
bool is_name_of(const GENERAL_NAME* name, const Identifier& validated) {
  int kind = 0;
  const void* value = GENERAL_NAME_get0_value(name, &kind);
  if (kind != (validated.is_ip() ? GEN_IPADD : GEN_DNS)) return false;
  const Octets octets = octets_of(static_cast<const ASN1_STRING*>(value));
  if (validated.is_ip()) {
    const Octets address = validated.ip().octets();
    return std::equal(octets.begin(), octets.end(), address.begin(), address.end());
  }
  return lowered(std::string(octets.begin(), octets.end())) == validated.name().text();
}

Fault alt_name_fault(const X509* certificate, const Identifier& validated) {
  const auto found = extensions(certificate, kSubjectAltName);
  if (found.size() != 1) {
    return "it has " + std::to_string(found.size()) + " subjectAltName extensions, not exactly one";
  }
  const Octets octets = octets_of(X509_EXTENSION_get_data(found.front()));
  const unsigned char* at = octets.data();
  const GeneralNames names(d2i_GENERAL_NAMES(nullptr, &at, static_cast<long>(octets.size())));
  if (!names || at != octets.data() + octets.size()) return "its subjectAltName cannot be read";
  const int entries = sk_GENERAL_NAME_num(names.get());
  if (entries != 1) return "its subjectAltName has " + std::to_string(entries) + " entries, not exactly one";
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (is_name_of(name, validated)) return std::nullopt;
  return "its subjectAltName is " + shown(name) + ", not " + validated.text();
}

Fault acme_identifier_fault(const X509* certificate, const Digest& digest) {
  const auto found = extensions(certificate, kAcmeIdentifier);
  if (found.empty()) return "it lacks the acmeIdentifier extension (1.3.6.1.5.5.7.1.31)";
  if (found.size() > 1) return "it has " + std::to_string(found.size()) + " acmeIdentifier extensions, not exactly one";
  if (X509_EXTENSION_get_critical(found.front()) == 0) return "its acmeIdentifier extension is not critical";
  // The only DER of an OCTET STRING of 32 octets: 04 20, then they.
  constexpr std::array<std::uint8_t, 2> kHeader = {0x04, 0x20};
  const Octets value = octets_of(X509_EXTENSION_get_data(found.front()));
  if (value.size() != kHeader.size() + digest.size() || !std::equal(kHeader.begin(), kHeader.end(), value.begin())) {
    return "the value of its acmeIdentifier extension is not an OCTET STRING of 32 octets";
  }
  const Octets seen = value.subspan(kHeader.size());
  if (std::equal(seen.begin(), seen.end(), digest.begin())) return std::nullopt;
  return "its acmeIdentifier is " + hex(seen) + ", and the digest of the key authorization is " + hex(digest);
}

Fault signature_fault(X509* certificate) {
  if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) != 0) {
    return "it is not self-signed: its issuer is not its subject";
  }
  if (X509_verify(certificate, X509_get0_pubkey(certificate)) == 1) return std::nullopt;
  return "it is not self-signed: its signature is not by its own key";
}

Fault fault_of(Octets der, const Identifier& validated, const Digest& digest) {
  if (der.size() > kMaxCertificate) return "it is over 16,384 octets";
  const unsigned char* at = der.data();
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) return "it is no X.509 certificate in DER";
  if (at != der.data() + der.size()) return "octets follow the certificate";
  if (auto fault = key_fault(certificate.get())) return fault;
  if (auto fault = alt_name_fault(certificate.get(), validated)) return fault;
  if (auto fault = acme_identifier_fault(certificate.get(), digest)) return fault;
  return signature_fault(certificate.get());  // last, as it costs most
}

}  // namespace

std::string server_name_of(const Identifier& validated) {
  return validated.is_ip() ? reverse_name(validated.ip()) : validated.name().text();
}

std::optional<Problem> certificate_mismatch(Octets der, const Identifier& validated, const Digest& digest) {
  const OwnErrors errors;
  const auto fault = fault_of(der, validated, digest);
  if (!fault) return std::nullopt;
  return Problem(ProblemCode::kCertificateMismatch, validated.text(),
                 "the certificate shown is not the one for this validation (RFC 8737 3): " + *fault);
}

}  // namespace mpic::rules
