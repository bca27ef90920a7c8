// The keys that sign checkpoints: Ed25519, signature type 0x01 of C2SP signed-note.
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/merkle.hpp"
#include "common/evidence/text_form.hpp"

namespace mpic::evidence {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;

constexpr char kEd25519 = 0x01;
constexpr std::size_t kPublicKey = 32;  // octets
constexpr std::size_t kSignature = 64;
constexpr std::size_t kMaxVkey = 512;

Key own(EVP_PKEY* key) { return Key(key, EVP_PKEY_free); }

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Unexpected refused(std::string detail) {
  return fail(ProblemCode::kInvalidArgument, "checkpoint key", std::move(detail));
}

Unexpected refused_name() {
  return refused("the name of a log is 1 to 255 octets of printable ASCII without blank and \"+\"");
}

std::string public_octets(const EVP_PKEY* key) {
  std::string out(kPublicKey, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size) != 1 ||
      size != kPublicKey) {
    throw std::runtime_error("a public key could not be encoded");
  }
  return out;
}

// None of octets that are no key.
Key public_key(std::string_view raw) {
  Key key = own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(raw), raw.size()));
  ERR_clear_error();
  return key;
}

// C2SP signed-note, "Signatures".
std::uint32_t id_of(std::string_view name, std::string_view public_key) {
  const Digest hash = sha256(std::string(name).append("\n").append(1, kEd25519).append(public_key));
  return std::uint32_t{hash[0]} << 24U | std::uint32_t{hash[1]} << 16U | std::uint32_t{hash[2]} << 8U | hash[3];
}

}  // namespace

NoteVerifier::NoteVerifier(std::string_view name, Key key)
    : name_(name), public_key_(public_octets(key.get())), key_(std::move(key)) {
  key_id_ = id_of(name_, public_key_);
}

Expected<NoteVerifier> NoteVerifier::from_vkey(std::string_view text) {
  if (text.size() > kMaxVkey) return refused("is too long");
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return refused("is not \"<name>+<key id>+<base64>\"");
  const std::string_view name = text.substr(0, first);
  if (!is_log_origin(name)) return refused_name();
  const auto encoded = from_base64(text.substr(second + 1));
  if (!encoded) return refused("is not base64 after its second \"+\"");
  if (encoded->size() != 1 + kPublicKey || encoded->front() != kEd25519) return refused("is not an Ed25519 key");
  const Key key = public_key(encoded->substr(1));
  if (!key) return refused("is not an Ed25519 key");
  NoteVerifier out(name, key);
  if (out.vkey() != text) return refused("its key id is not that of its name and key");
  return out;
}

Expected<NoteVerifier> NoteVerifier::from_spki(std::string_view name, std::string_view der) {
  if (!is_log_origin(name)) return refused_name();
  const unsigned char* at = octets(der);
  const Key key = own(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!key || at != octets(der) + der.size() || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return refused("is not an Ed25519 public key (SubjectPublicKeyInfo)");
  }
  return NoteVerifier(name, key);
}

std::string NoteVerifier::vkey() const {
  return fmt::format("{}+{:08x}+{}", name_, key_id_, to_base64(std::string(1, kEd25519) + public_key_));
}

std::string NoteVerifier::spki_der() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  if (size <= 0) throw std::runtime_error("a public key could not be encoded");
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool NoteVerifier::verify(std::string_view text, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      context && signature.size() == kSignature &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

NoteSigner::NoteSigner(std::string_view name, Key key)
    : key_(std::move(key)), verifier_(name, public_key(public_octets(key_.get()))) {}

Expected<NoteSigner> NoteSigner::from_pem(std::string_view name, std::string_view pem) {
  if (!is_log_origin(name)) return refused_name();
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         BIO_free);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };  // instead of asking on a terminal
  const Key key = own(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return refused("is not an unencrypted Ed25519 private key (PKCS#8)");
  }
  return NoteSigner(name, key);
}

NoteSigner NoteSigner::generate(std::string_view name) {
  const Key key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) throw std::runtime_error("no Ed25519 key could be generated");
  return NoteSigner(name, key);
}

std::string NoteSigner::sign_text(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignature, '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(text),
                     text.size()) != 1 ||
      size != kSignature) {
    throw std::runtime_error("signing failed");
  }
  return signature;
}

}  // namespace mpic::evidence
