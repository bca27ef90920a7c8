// API keys: what a client without a certificate shows. Pure, but for the file that keeps their hashes.
//
// A key is "mpic_", eight hexadecimal digits that name it, "_", and 64 more: 256 random bits. Whoever made it sees it
// once; only its SHA-256 is kept, which is enough for a value that nobody can guess: no slow hash is needed, and a
// wrong key costs little.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/async/random.hpp"
#include "common/domain/observation.hpp"

namespace mpic::coordinator {

inline constexpr std::size_t kMostApiKeys = 10'000;
inline constexpr std::size_t kLongestApiKeyName = 64;

struct ApiKey {
  std::string id;      // eight lower-case hexadecimal digits
  std::string client;  // configured name
  std::string name;    // for people: which machine has it; printable ASCII without blanks
  Digest sha256{};     // of the whole text of the key
  TimePoint created{};
  std::optional<TimePoint> expires;  // the first moment at which it is no key any more
  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

// The text, to be told once.
[[nodiscard]] std::string new_api_key(Random& random);
// What of it is kept. Precondition: `text` has the form of a key.
[[nodiscard]] Digest api_key_hash(std::string_view text);
// The id of something that has the form of a key; none for anything else, whatever its length.
[[nodiscard]] std::optional<std::string> api_key_id(std::string_view text);
// In constant time with regard to the secret.
[[nodiscard]] bool is_same(const ApiKey& key, std::string_view text);

// The file of `api_keys`: YAML, which `mpic keys api` writes and people may read. Throws config::ConfigError with file,
// line and what is accepted; a file that is not there is one without keys only for `mpic keys api`.
[[nodiscard]] std::vector<ApiKey> load_api_keys(const std::filesystem::path& file);
[[nodiscard]] std::string api_keys_text(const std::vector<ApiKey>& keys);

}  // namespace mpic::coordinator
