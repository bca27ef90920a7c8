// agent.yaml: what one agent is told at start. Constant afterwards.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/service/attempts.hpp"
#include "common/config/yaml.hpp"
#include "common/rpc/tls_files.hpp"

namespace mpic::agent {

struct AgentConfig {
  AgentIdentity identity;
  config::Endpoint listen;
  config::Endpoint admin;
  rpc::TlsFiles tls;
  std::vector<std::string> clients;  // SANs of the coordinators that may connect
  std::filesystem::path signing_key;
  config::Endpoint resolver;
  bool resolver_is_remote = false;
  std::string resolver_probe;  // name that readiness looks up
  std::optional<IpAddress> egress_ipv4;
  std::optional<IpAddress> egress_ipv6;
  std::size_t threads = 1;
  AttemptLimits limits;
  std::string user_agent;

  explicit AgentConfig(AgentIdentity who) : identity(std::move(who)) {}
};

// Throws config::ConfigError.
[[nodiscard]] AgentConfig load_config(const std::filesystem::path& file);

}  // namespace mpic::agent
