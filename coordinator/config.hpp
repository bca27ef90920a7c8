// coordinator.yaml. The file's keys are documented in docs/operations.md.
#pragma once

#include <filesystem>

#include "common/config/yaml.hpp"
#include "common/rpc/tls_files.hpp"
#include "coordinator/config_rest.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

struct Config {
  config::Endpoint listen;
  config::Endpoint admin;
  rpc::TlsFiles tls;
  std::filesystem::path signing_key;
  std::filesystem::path checkpoint_key;
  std::filesystem::path events;    // empty: none are written; "-": to standard output
  std::filesystem::path sqlite;    // one of the two
  std::string postgres;            // as libpq takes it
  std::filesystem::path api_keys;  // empty: certificates alone tell who asks
  Deployment deployment;
  RequestLimits limits;
  AdmissionLimits admission;
  std::optional<RestConfig> rest;  // none: gRPC alone is served
  OpenMpicSettings open_mpic;
  PerspectivesServed perspectives_served = PerspectivesServed::kClients;
  std::string user_agent;
  unsigned threads = 1;
};

// Throws config::ConfigError with file, line, key and what is accepted.
[[nodiscard]] Config load_config(const std::filesystem::path& file);

}  // namespace mpic::coordinator
