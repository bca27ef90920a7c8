// The section `policy` of coordinator.yaml. Its keys are documented in docs/operations.md.
#pragma once

#include "common/config/yaml.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// Profiles and the numbers of `custom`, into `deployment`. Throws config::ConfigError.
void load_policy(config::YamlMap map, Deployment& deployment);

}  // namespace mpic::coordinator
