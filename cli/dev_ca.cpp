#include "cli/dev_ca.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace mpic::cli {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::minutes kClockSkew{5};
// 159 random bits: positive, at most 20 octets (RFC 5280, 4.1.2.2), never guessed or repeated.
constexpr int kSerialBits = 159;
constexpr std::size_t kKeyIdOctets = 8;

struct MoreOpenSslFree {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using BioPtr = std::unique_ptr<BIO, MoreOpenSslFree>;
using BignumPtr = std::unique_ptr<BIGNUM, MoreOpenSslFree>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, MoreOpenSslFree>;

[[noreturn]] void fail(const std::string& what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error(what + ": " + reason.data());
}

void check(bool done, const std::string& what) {
  if (!done) fail(what);
}

// A private key passes through the buffer, so it is erased before it is given back.
template <typename Write>
std::string pem_of(const char* what, Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  check(bio && write(bio.get()) == 1, what);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  check(size > 0, what);
  std::string pem(text, static_cast<std::size_t>(size));
  OPENSSL_cleanse(text, static_cast<std::size_t>(size));
  return pem;
}

void add_extension(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1,
        "cannot add the extension " + std::string(OBJ_nid2ln(nid)));
}

void set_random_serial(X509& certificate) {
  const BignumPtr serial(BN_new());
  check(serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
            BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(&certificate)) != nullptr,
        "cannot draw a serial number");
}

void add_name_entry(X509_NAME& name, const char* field, const std::string& value) {
  check(X509_NAME_add_entry_by_txt(&name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0) == 1,
        "cannot set the subject name");
}

CertificatePtr new_certificate(const std::string& common_name, EVP_PKEY& subject_key, system_clock::time_point now,
                               std::chrono::days validity) {
  CertificatePtr certificate(X509_new());
  check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1, "cannot make a certificate");
  set_random_serial(*certificate);
  const std::time_t from = system_clock::to_time_t(now - kClockSkew);
  const std::time_t until = system_clock::to_time_t(now + validity);
  check(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), from) != nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(certificate.get()), until) != nullptr,
        "cannot set the validity");
  X509_NAME& subject = *X509_get_subject_name(certificate.get());
  add_name_entry(subject, "O", "mpic, for development only");
  add_name_entry(subject, "CN", common_name);
  check(X509_set_pubkey(certificate.get(), &subject_key) == 1, "cannot set the public key");
  return certificate;
}

void sign(X509& certificate, EVP_PKEY& issuer_key) {
  check(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0, "cannot sign the certificate");
}

const char* extended_key_usage(TlsUse use) {
  switch (use) {
    case TlsUse::kServer:
      return "serverAuth";
    case TlsUse::kClient:
      return "clientAuth";
    case TlsUse::kServerAndClient:
      return "serverAuth,clientAuth";
  }
  throw std::logic_error("a TlsUse outside its values");
}

}  // namespace

KeyPtr generate_p256_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  check(key != nullptr, "cannot generate a P-256 key");
  return key;
}

KeyPtr generate_ed25519_key() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  check(key != nullptr, "cannot generate an Ed25519 key");
  return key;
}

DevCa::DevCa(system_clock::time_point now, std::chrono::days validity)
    : now_(now),
      validity_(validity),
      key_(generate_p256_key()),
      certificate_(new_certificate("mpic development CA", *key_, now, validity)) {
  X509& self = *certificate_;
  check(X509_set_issuer_name(&self, X509_get_subject_name(&self)) == 1, "cannot set the issuer");
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_name_constraints, "critical,permitted;DNS:" + std::string(kDevDomain));
  add_extension(self, self, NID_subject_key_identifier, "hash");
  sign(self, *key_);
}

CertificatePtr DevCa::issue(const LeafRequest& request, EVP_PKEY& subject_key) const {
  CertificatePtr leaf = new_certificate(request.common_name, subject_key, now_, validity_);
  check(X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get())) == 1, "cannot set the issuer");
  add_extension(*leaf, *certificate_, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*leaf, *certificate_, NID_key_usage, "critical,digitalSignature");
  add_extension(*leaf, *certificate_, NID_ext_key_usage, extended_key_usage(request.use));
  add_extension(*leaf, *certificate_, NID_subject_alt_name, "DNS:" + request.dns_name);
  add_extension(*leaf, *certificate_, NID_subject_key_identifier, "hash");
  add_extension(*leaf, *certificate_, NID_authority_key_identifier, "keyid:always");
  sign(*leaf, *key_);
  return leaf;
}

std::string certificate_pem(X509& certificate) {
  return pem_of("cannot write a certificate", [&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

std::string private_key_pem(EVP_PKEY& key) {
  return pem_of("cannot write a private key", [&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string public_key_pem(EVP_PKEY& key) {
  return pem_of("cannot write a public key", [&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, &key); });
}

std::string signing_key_id(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  check(size > 0, "cannot encode a public key");
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const bool hashed =
      EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  check(hashed, "cannot hash a public key");

  static constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  for (std::size_t i = 0; i < kKeyIdOctets; ++i) {
    id += kHex[digest[i] >> 4];
    id += kHex[digest[i] & 0x0F];
  }
  return id;
}

}  // namespace mpic::cli
