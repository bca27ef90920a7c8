// Signing keys for evidence: ECDSA P-256 with SHA-256, or Ed25519. Never the mutual-TLS key.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/domain/problem.hpp"

struct evp_pkey_st;

namespace mpic::evidence {

// First 16 hex digits of SHA-256 over the SubjectPublicKeyInfo (DER).
using KeyId = std::string;

class VerifyingKey {
 public:
  // PEM or DER SubjectPublicKeyInfo. kInvalidArgument for another kind of key.
  [[nodiscard]] static Expected<VerifyingKey> from_pem(std::string_view pem);
  [[nodiscard]] static Expected<VerifyingKey> from_der(std::string_view der);
  [[nodiscard]] const KeyId& id() const { return id_; }
  [[nodiscard]] const std::string& spki_der() const { return der_; }
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

 private:
  VerifyingKey() = default;
  friend class SigningKey;
  std::shared_ptr<evp_pkey_st> key_;
  KeyId id_;
  std::string der_;
};

// Safe from any thread.
class SigningKey {
 public:
  [[nodiscard]] static Expected<SigningKey> from_pem(std::string_view pem);  // PKCS#8, unencrypted
  [[nodiscard]] static SigningKey generate();                                // P-256, for tests and `mpic keys dev`
  [[nodiscard]] const VerifyingKey& public_key() const { return public_; }
  [[nodiscard]] const KeyId& id() const { return public_.id(); }
  // ECDSA: DER. Throws std::runtime_error when the library fails.
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  SigningKey() = default;
  std::shared_ptr<evp_pkey_st> key_;
  VerifyingKey public_;
};

}  // namespace mpic::evidence
