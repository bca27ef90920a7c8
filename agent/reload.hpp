// What an agent takes from its configuration without a restart: the signing key, who may connect, and where its TLS
// files lie. Whatever else stands in it is part of what coordinators have been told, or of how the process was built.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/config.hpp"
#include "common/evidence/keys.hpp"

namespace mpic::agent {

// Throws config::ConfigError.
[[nodiscard]] evidence::SigningKey load_signing_key(const AgentConfig& config);

// The keys of agent.yaml that differ and cannot change at run time, in the order of its documentation.
[[nodiscard]] std::vector<std::string> fixed_differences(const AgentConfig& running, const AgentConfig& fresh);

struct Reloaded {
  AgentConfig config;
  evidence::SigningKey key;
};

// The configuration of an agent that runs with `running`, read again. Throws config::ConfigError when it is at fault,
// or its signing key, or when something else differs than can be taken. The TLS files are for their user to check.
[[nodiscard]] Reloaded read_again(const std::filesystem::path& file, const AgentConfig& running);

}  // namespace mpic::agent
