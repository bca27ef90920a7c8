// A small certificate authority for development: keys, certificates, PEM.
//
// Everything is ECDSA P-256 with SHA-256. The CA may only issue for names under
// mpic.internal (a critical name constraint), so that a development CA which
// somebody trusts by mistake can speak for nothing on the public Internet.
//
// Functions throw std::runtime_error with OpenSSL's own words: on a machine
// where these fail there is nothing for the caller to decide.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace mpic::cli {

struct OpenSslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslFree>;
using CertificatePtr = std::unique_ptr<X509, OpenSslFree>;

// The domain under which every name of a development deployment lies.
inline constexpr std::string_view kDevDomain = "mpic.internal";

// What a leaf may do; each process gets no more than it needs.
enum class TlsUse { kServer, kClient, kServerAndClient };

struct LeafRequest {
  std::string common_name;  // for people; nothing decides by it
  std::string dns_name;     // the only subjectAltName: what the other side checks
  TlsUse use;
};

class DevCa {
 public:
  // A fresh CA. Certificates are valid from five minutes before `now`, because
  // clocks of containers and virtual machines differ a little.
  DevCa(std::chrono::system_clock::time_point now, std::chrono::days validity);

  [[nodiscard]] CertificatePtr issue(const LeafRequest& request, EVP_PKEY& subject_key) const;
  [[nodiscard]] X509& certificate() const { return *certificate_; }
  [[nodiscard]] EVP_PKEY& key() const { return *key_; }

 private:
  std::chrono::system_clock::time_point now_;
  std::chrono::days validity_;
  KeyPtr key_;
  CertificatePtr certificate_;
};

[[nodiscard]] KeyPtr generate_p256_key();
[[nodiscard]] KeyPtr generate_ed25519_key();
[[nodiscard]] std::string certificate_pem(X509& certificate);
[[nodiscard]] std::string private_key_pem(EVP_PKEY& key);  // PKCS#8, not encrypted
[[nodiscard]] std::string public_key_pem(EVP_PKEY& key);   // SubjectPublicKeyInfo

// The first 16 hexadecimal digits of SHA-256 over the SubjectPublicKeyInfo (DER).
[[nodiscard]] std::string signing_key_id(EVP_PKEY& key);

}  // namespace mpic::cli
