// Typed reading of YAML. Whatever is wrong is said once, with file, line, key and what is accepted:
//   agent.yaml:12: tls.certifcate: unknown key; accepted here: ca, certificate, clients, key
// Throws ConfigError; main() prints it and exits 64 (EX_USAGE).
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace mpic::config {

class ConfigError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One mapping of a file. Ask for every key that is accepted, then call finish(): a key that nobody asked for is an error.
class YamlMap {
 public:
  [[nodiscard]] static YamlMap load(const std::filesystem::path& file);

  [[nodiscard]] std::string text(const std::string& key);  // required, not empty
  [[nodiscard]] std::optional<std::string> text_if(const std::string& key);
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  [[nodiscard]] double number(const std::string& key, double min, double max);  // required
  [[nodiscard]] bool boolean(const std::string& key, bool fallback);
  [[nodiscard]] std::vector<std::string> texts(const std::string& key);  // a sequence of scalars; empty when absent
  [[nodiscard]] std::filesystem::path path(const std::string& key);      // required; relative to the file's folder
  [[nodiscard]] std::optional<std::filesystem::path> path_if(const std::string& key);
  [[nodiscard]] YamlMap map(const std::string& key);  // required
  [[nodiscard]] std::optional<YamlMap> map_if(const std::string& key);
  [[nodiscard]] std::vector<YamlMap> maps(const std::string& key);  // a sequence of mappings; empty when absent
  // Scalar keys and values of a mapping whose keys are data ({80: 17380}).
  [[nodiscard]] std::map<std::string, std::string> entries(const std::string& key);
  // Runs a parser on a required text; its Problem becomes a ConfigError with this key's line.
  template <class Parser>
  [[nodiscard]] auto parsed(const std::string& key, Parser&& parser) {
    auto result = parser(text(key));
    if (!result) fail(key, result.error().detail);
    return *std::move(result);
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const;
  void finish() const;
  [[nodiscard]] bool has(const std::string& key) const;

 private:
  YamlMap(YAML::Node node, std::string prefix, std::filesystem::path file);
  YAML::Node find(const std::string& key);
  YAML::Node node_;
  std::string prefix_;  // "tls." inside tls
  std::filesystem::path file_;
  std::set<std::string> asked_;
};

// "127.0.0.1:80", "[::1]:80": an address and a port, no names. For listen addresses and resolvers.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const;  // IPv6 in brackets
};
// A word that says what is wrong, or the endpoint. Port 0 (the system's choice) only where `allow_zero`.
[[nodiscard]] Endpoint endpoint(YamlMap& map, const std::string& key, bool allow_zero = false);

[[nodiscard]] std::string read_file(const std::filesystem::path& file);  // throws ConfigError; at most 1 MiB

}  // namespace mpic::config
