#include "tests/support/validation_certificate.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace mpic::test {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* owned) const {
    Free(owned);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Name = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
using Object = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;
using OctetString = std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Output = std::unique_ptr<BIO, Freed<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key generated(int kind, bool explicit_curve = false) {
  const KeyContext context(EVP_PKEY_CTX_new_id(kind, nullptr));
  need(context && EVP_PKEY_keygen_init(context.get()) > 0, "keygen_init");
  if (kind == EVP_PKEY_EC) {
    need(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) > 0, "curve");
    const int encoding = explicit_curve ? OPENSSL_EC_EXPLICIT_CURVE : OPENSSL_EC_NAMED_CURVE;
    need(EVP_PKEY_CTX_set_ec_param_enc(context.get(), encoding) > 0, "curve encoding");
  }
  if (kind == EVP_PKEY_RSA) need(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048) > 0, "size");
  EVP_PKEY* key = nullptr;
  need(EVP_PKEY_keygen(context.get(), &key) > 0, "keygen");
  return Key(key);
}

// The same key for the same octet.
Key from_secret(int kind, std::uint8_t octet) {
  const Bytes secret(32, octet);
  return Key(EVP_PKEY_new_raw_private_key(kind, nullptr, secret.data(), secret.size()));
}

// Public only: a number of that size, of which nobody knows the factors.
Key rsa_16384() {
  const Bytes octets(2048, 0xC5);
  const Number modulus(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  const Number exponent(BN_new());
  need(modulus && exponent && BN_set_word(exponent.get(), 65537) == 1, "numbers");
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  need(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
           OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1,
       "parameters");
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  need(EVP_PKEY_fromdata_init(context.get()) > 0 &&
           EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) > 0,
       "fromdata");
  return Key(key);
}

Key make_key(CertificateKey kind) {
  switch (kind) {
    case CertificateKey::kP256:
      return generated(EVP_PKEY_EC);
    case CertificateKey::kP256Explicit:
      return generated(EVP_PKEY_EC, true);
    case CertificateKey::kEd25519:
      return from_secret(EVP_PKEY_ED25519, 7);
    case CertificateKey::kEd448:
      return generated(EVP_PKEY_ED448);
    case CertificateKey::kRsa2048:
      return generated(EVP_PKEY_RSA);
    case CertificateKey::kRsa16384:
      return rsa_16384();
    case CertificateKey::kX25519:
      return from_secret(EVP_PKEY_X25519, 7);
  }
  throw std::invalid_argument("no such kind of key");
}

Name name_of(const std::string& common_name) {
  Name name(X509_NAME_new());
  if (common_name.empty()) return name;
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  need(X509_NAME_add_entry_by_txt(name.get(), "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1, "name");
  return name;
}

void add(X509* certificate, const CertificateExtension& extension) {
  const Object oid(OBJ_txt2obj(extension.oid.c_str(), 1));
  const OctetString value(ASN1_OCTET_STRING_new());
  const int size = static_cast<int>(extension.value.size());
  need(oid && value && ASN1_OCTET_STRING_set(value.get(), extension.value.data(), size) == 1, "extension");
  const Extension made(X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), extension.critical ? 1 : 0, value.get()));
  need(made && X509_add_ext(certificate, made.get(), -1) == 1, "extension");
}

Bytes der_of(X509* certificate) {
  Bytes out(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* end = out.data();
  i2d_X509(certificate, &end);
  return out;
}

template <class Write>
std::string pem(Write write) {
  const Output output(BIO_new(BIO_s_mem()));
  need(write(output.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool cannot_sign(CertificateKey kind) { return kind == CertificateKey::kRsa16384 || kind == CertificateKey::kX25519; }

bool signs_without_digest(EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 || EVP_PKEY_get_base_id(key) == EVP_PKEY_ED448;
}

}  // namespace

ServerCertificate make_certificate(const CertificateShape& shape) {
  const Key key = make_key(shape.key);
  const bool other = shape.signed_by_another || cannot_sign(shape.key);
  const Key signer = other ? from_secret(EVP_PKEY_ED25519, 9) : Key(nullptr);
  EVP_PKEY* signing = other ? signer.get() : key.get();

  const Certificate certificate(X509_new());
  X509* made = certificate.get();
  need(X509_set_version(made, X509_VERSION_3) == 1, "version");
  need(ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1, "serial number");
  // Ten years: whoever looks at the time does so on a day that the test does not know.
  need(ASN1_TIME_set_string(X509_getm_notBefore(made), "20260101000000Z") == 1, "time");
  need(ASN1_TIME_set_string(X509_getm_notAfter(made), "20360101000000Z") == 1, "time");
  need(X509_set_subject_name(made, name_of(shape.subject).get()) == 1, "subject");
  need(X509_set_issuer_name(made, name_of(shape.issuer).get()) == 1, "issuer");
  need(X509_set_pubkey(made, key.get()) == 1, "key");
  for (const CertificateExtension& extension : shape.extensions) add(made, extension);
  need(X509_sign(made, signing, signs_without_digest(signing) ? nullptr : EVP_sha256()) > 0, "signature");

  EVP_PKEY* kept = cannot_sign(shape.key) ? signing : key.get();
  return {der_of(made), pem([&](BIO* out) { return PEM_write_bio_X509(out, made); }), pem([&](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, kept, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

CertificateShape validation_shape(const Identifier& validated, const Digest& digest) {
  CertificateShape shape;
  Bytes entry;
  if (validated.is_ip()) {
    const auto octets = validated.ip().octets();
    entry = address_entry(Bytes(octets.begin(), octets.end()));
  } else {
    entry = dns_entry(validated.name().text());
  }
  shape.extensions = {alt_names({entry}), acme_identifier(digest)};
  return shape;
}

Bytes tlv(std::uint8_t tag, const Bytes& content) {
  Bytes out = {tag};
  const std::size_t size = content.size();
  if (size > 0xFF) {
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size & 0xFFU)});
  } else if (size > 0x7F) {
    out.insert(out.end(), {0x81, static_cast<std::uint8_t>(size)});
  } else {
    out.push_back(static_cast<std::uint8_t>(size));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes dns_entry(std::string_view name) { return tlv(0x82, Bytes(name.begin(), name.end())); }
Bytes address_entry(const Bytes& octets) { return tlv(0x87, octets); }

CertificateExtension alt_names(const std::vector<Bytes>& entries) {
  Bytes all;
  for (const Bytes& entry : entries) all.insert(all.end(), entry.begin(), entry.end());
  return {std::string(kSubjectAltNameOid), false, tlv(0x30, all)};
}

CertificateExtension acme_identifier(const Digest& digest) {
  return {std::string(kAcmeIdentifierOid), true, tlv(0x04, Bytes(digest.begin(), digest.end()))};
}

}  // namespace mpic::test
