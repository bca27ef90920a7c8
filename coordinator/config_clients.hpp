// The section `clients` of coordinator.yaml. Its keys are documented in docs/operations.md.
#pragma once

#include "common/config/yaml.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// Into `deployment`, whose perspectives are loaded. Throws config::ConfigError, also for an asserted Primary that
// stands where the Baseline Requirements want none.
void load_clients(config::YamlMap& root, Deployment& deployment);

}  // namespace mpic::coordinator
