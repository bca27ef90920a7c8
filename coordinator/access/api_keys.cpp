#include "coordinator/access/api_keys.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::string_view kPrefix = "mpic_";
constexpr std::size_t kIdOctets = 4;
constexpr std::size_t kSecretOctets = 32;
constexpr std::size_t kKeyLength = kPrefix.size() + 2 * kIdOctets + 1 + 2 * kSecretOctets;
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of(kDigits) == std::string_view::npos;
}

}  // namespace

std::string new_api_key(Random& random) {
  return fmt::format("{}{}_{}", kPrefix, hex(random.octets<kIdOctets>()), hex(random.octets<kSecretOctets>()));
}

Digest api_key_hash(std::string_view text) { return evidence::sha256(text); }

std::optional<std::string> api_key_id(std::string_view text) {
  if (text.size() != kKeyLength || !text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = text.substr(kPrefix.size(), 2 * kIdOctets);
  const std::string_view secret = text.substr(kPrefix.size() + 2 * kIdOctets + 1);
  const bool is_key =
      is_hex(id, id.size()) && is_hex(secret, 2 * kSecretOctets) && text[kPrefix.size() + id.size()] == '_';
  return is_key ? std::optional<std::string>(id) : std::nullopt;
}

bool is_same(const ApiKey& key, std::string_view text) {
  const Digest shown = api_key_hash(text);
  return CRYPTO_memcmp(key.sha256.data(), shown.data(), shown.size()) == 0;
}

}  // namespace mpic::coordinator
