// Where to listen, or whom to call: an address and a port, never a name.
#pragma once

#include <cstdint>
#include <string>

namespace mpic::config {

class YamlMap;

struct Endpoint {
  std::string address;  // without brackets
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const;  // "127.0.0.1:80", "[::1]:80"
};

// Reads "127.0.0.1:80" or "[::1]:80" from a required key; a ConfigError says what is wrong with it. Port 0
// (the system's choice) only where `allow_zero`.
[[nodiscard]] Endpoint endpoint(YamlMap& map, const std::string& key, bool allow_zero = false);

}  // namespace mpic::config
