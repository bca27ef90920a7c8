#include "common/evidence/keys.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "common/evidence/merkle.hpp"

namespace mpic::evidence {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;

Key own(EVP_PKEY* key) { return Key(key, EVP_PKEY_free); }

std::unique_ptr<BIO, decltype(&BIO_free)> memory(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

bool is_ed25519(const EVP_PKEY* key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519; }

bool is_accepted(const EVP_PKEY* key) {
  if (is_ed25519(key)) return true;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
  char group[32] = {};
  return EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == SN_X9_62_prime256v1;
}

std::string spki(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) throw std::runtime_error("a public key could not be encoded");
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

KeyId key_id(std::string_view der) {
  const Digest digest = sha256(der);
  std::string id;
  for (std::size_t i = 0; i < 8; ++i) id += fmt::format("{:02x}", digest[i]);
  return id;
}

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

constexpr const char* kWrongKind = "not an ECDSA P-256 or Ed25519 public key (SubjectPublicKeyInfo)";

}  // namespace

Expected<VerifyingKey> VerifyingKey::from_pem(std::string_view pem) {
  const Key key = own(PEM_read_bio_PUBKEY(memory(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key || !is_accepted(key.get())) return fail(ProblemCode::kInvalidArgument, "public key", kWrongKind);
  VerifyingKey out;
  out.key_ = key;
  out.der_ = spki(key.get());
  out.id_ = key_id(out.der_);
  return out;
}

Expected<VerifyingKey> VerifyingKey::from_der(std::string_view der) {
  const unsigned char* at = octets(der);
  const Key key = own(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!key || at != octets(der) + der.size() || !is_accepted(key.get())) {
    return fail(ProblemCode::kInvalidArgument, "public key", kWrongKind);
  }
  VerifyingKey out;
  out.key_ = key;
  out.der_ = std::string(der);
  out.id_ = key_id(out.der_);
  return out;
}

bool VerifyingKey::verify(std::string_view message, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const EVP_MD* digest = is_ed25519(key_.get()) ? nullptr : EVP_sha256();
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

Expected<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };  // instead of asking on a terminal
  const Key key = own(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key || !is_accepted(key.get())) {
    return fail(ProblemCode::kInvalidArgument, "signing key",
                "not an unencrypted ECDSA P-256 or Ed25519 private key (PKCS#8)");
  }
  SigningKey out;
  out.key_ = key;
  auto pub = VerifyingKey::from_der(spki(key.get()));
  if (!pub) return Unexpected(pub.error());
  out.public_ = *std::move(pub);
  return out;
}

SigningKey SigningKey::generate() {
  const Key key = own(EVP_EC_gen("P-256"));
  if (!key) throw std::runtime_error("no P-256 key could be generated");
  SigningKey out;
  out.key_ = key;
  out.public_ = VerifyingKey::from_der(spki(key.get())).value();
  return out;
}

std::string SigningKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const EVP_MD* digest = is_ed25519(key_.get()) ? nullptr : EVP_sha256();
  std::size_t size = 0;
  std::string signature;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1) {
    throw std::runtime_error("signing failed");
  }
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(message),
                     message.size()) != 1) {
    throw std::runtime_error("signing failed");
  }
  signature.resize(size);
  return signature;
}

}  // namespace mpic::evidence
