// What the coordinator and `mpic keys api` need of the file of `api_keys` beyond reading it (api_keys.hpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/domain/problem.hpp"
#include "coordinator/access/api_keys.hpp"

namespace mpic::coordinator {

// Of a client or a key: 1 to kLongestApiKeyName octets of printable ASCII without blanks.
[[nodiscard]] Expected<std::string> parse_api_key_name(const std::string& text);

// As load_api_keys(); a key of somebody who is no client is a config::ConfigError too.
[[nodiscard]] std::vector<ApiKey> load_api_keys_of(const std::filesystem::path& file,
                                                   const std::function<bool(const std::string&)>& is_client);

// Whether a file of them could be read again: as many as may be, and no more octets.
[[nodiscard]] bool fits_a_file(const std::vector<ApiKey>& keys);

}  // namespace mpic::coordinator
