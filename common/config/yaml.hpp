// Typed reading of YAML. Whatever is wrong is said once, with file, line, key and what is accepted:
//   agent.yaml:12: tls.certifcate: unknown key; did you mean "certificate"? Accepted here: ca, certificate,
//   key
// Throws ConfigError; main() prints it and exits 64 (EX_USAGE). yaml-cpp itself stays inside yaml.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/endpoint.hpp"

namespace mpic::config {

class ConfigError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One mapping of a file. Ask for every key that is accepted, then call finish(): a key that nobody asked for
// is an error. Copies are the same mapping: what was asked of one was asked of all. Used by one thread.
class YamlMap {
 public:
  [[nodiscard]] static YamlMap load(const std::filesystem::path& file);

  [[nodiscard]] std::string text(const std::string& key);  // required, not empty
  [[nodiscard]] std::optional<std::string> text_if(const std::string& key);
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  [[nodiscard]] double number(const std::string& key, double min, double max);  // required
  [[nodiscard]] bool boolean(const std::string& key, bool fallback);            // true or false, nothing else
  [[nodiscard]] std::vector<std::string> texts(const std::string& key);  // a sequence of scalars; empty when absent
  [[nodiscard]] std::vector<std::string> one_or_more(
      const std::string& key);                                       // required; a text, or a sequence of them
  [[nodiscard]] std::filesystem::path path(const std::string& key);  // required; relative to the file's folder
  [[nodiscard]] std::filesystem::path file(
      const std::string& key);  // required; as path(), and the file exists and can be read
  [[nodiscard]] std::optional<std::filesystem::path> path_if(const std::string& key);
  [[nodiscard]] YamlMap map(const std::string& key);  // required
  [[nodiscard]] std::optional<YamlMap> map_if(const std::string& key);
  [[nodiscard]] std::vector<YamlMap> maps(const std::string& key);  // a sequence of mappings; empty when absent
  // Scalar keys and values of a mapping whose keys are data ({80: 17380}); empty when absent.
  [[nodiscard]] std::map<std::string, std::string> entries(const std::string& key);
  // Runs a parser on a required text; its Problem becomes a ConfigError with this key's line.
  template <class Parser>
  [[nodiscard]] auto parsed(const std::string& key, Parser&& parser) {
    auto result = std::forward<Parser>(parser)(text(key));
    if (!result) fail(key, result.error().detail);
    return *std::move(result);
  }

  // Throws ConfigError. The key may be one item of a sequence: "addresses[2]".
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;
  // Every key must have been asked for by now.
  void finish() const;
  // Whether the key is there; counts as asking for it.
  [[nodiscard]] bool has(const std::string& key) const;

 private:
  struct State;
  explicit YamlMap(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// The whole file; throws ConfigError. At most 1 MiB.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

}  // namespace mpic::config
