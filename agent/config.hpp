// agent.yaml: what one agent is told at start. Constant afterwards.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/service/attempts.hpp"
#include "agent/service/resolver_health.hpp"
#include "common/config/yaml.hpp"
#include "common/rpc/tls_files.hpp"

namespace mpic::agent {

// How long a target may take (agent/net); always within the time of its attempt as well.
struct TargetLimits {
  std::chrono::milliseconds connect{3'000};    // of one address
  std::chrono::milliseconds head_start{250};   // of an address before the next one is tried as well
  std::chrono::milliseconds handshake{5'000};  // of TLS, once connected
  std::chrono::milliseconds exchange{10'000};  // of request and answer, after that
};

struct AgentConfig {
  AgentIdentity identity;
  config::Endpoint listen;
  config::Endpoint admin;
  rpc::TlsFiles tls;
  std::vector<std::string> clients;  // SANs of the coordinators that may connect
  std::filesystem::path signing_key;
  config::Endpoint resolver;
  bool resolver_is_remote = false;
  ResolverTests resolver_tests;
  std::optional<IpAddress> egress_ipv4;
  std::optional<IpAddress> egress_ipv6;
  std::size_t threads = 1;
  AttemptLimits limits;
  TargetLimits target_limits;
  std::string user_agent;
  std::filesystem::path events;  // empty: none are written; "-": to standard output

  explicit AgentConfig(AgentIdentity who) : identity(std::move(who)) {}
};

// Throws config::ConfigError.
[[nodiscard]] AgentConfig load_config(const std::filesystem::path& file);

}  // namespace mpic::agent
