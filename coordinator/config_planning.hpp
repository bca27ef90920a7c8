// The section `planning` of coordinator.yaml. Its keys are documented in docs/operations.md.
#pragma once

#include "common/config/yaml.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// Into `deployment`, whose perspectives are loaded. Throws config::ConfigError. What the Baseline Requirements say of
// the numbers is for check_planning().
void load_planning(config::YamlMap map, Deployment& deployment);

}  // namespace mpic::coordinator
