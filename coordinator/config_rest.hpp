// The section `rest` of coordinator.yaml. Its keys are documented in docs/operations.md.
#pragma once

#include <filesystem>
#include <optional>

#include "common/config/yaml.hpp"
#include "common/rpc/tls_files.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

// Where the REST port is; fixed while the program runs.
struct RestConfig {
  std::optional<config::Endpoint> listen;
  bool plain = false;                 // on `listen`, a loopback address
  std::optional<rpc::TlsFiles> tls;   // none: the coordinator's own
  std::filesystem::path unix_socket;  // empty: none
  [[nodiscard]] bool is_on() const { return listen.has_value() || !unix_socket.empty(); }
};

// Throws config::ConfigError: nowhere to listen, or plain HTTP where others could listen in.
[[nodiscard]] RestConfig load_rest(config::YamlMap& rest);
[[nodiscard]] OpenMpicSettings load_open_mpic(config::YamlMap& rest);
void load_perspectives_served(config::YamlMap& rest, PerspectivesServed& to, std::string& user_agent);

}  // namespace mpic::coordinator
