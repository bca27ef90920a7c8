// The section `clients` of coordinator.yaml. Its keys are documented in docs/operations.md.
#pragma once

#include <filesystem>

#include "common/config/yaml.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// Into `deployment`, whose perspectives are loaded. `api_keys`: the file of them; empty: there are none. Throws
// config::ConfigError, also for an asserted Primary that stands where the Baseline Requirements want none, for a key of
// nobody, and for a client that could not show anything.
void load_clients(config::YamlMap& root, const std::filesystem::path& api_keys, Deployment& deployment);

}  // namespace mpic::coordinator
