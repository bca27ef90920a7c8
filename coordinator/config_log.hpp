// What coordinator.yaml says of the log: its name, the key of its checkpoints, how long it keeps bodies. The keys are
// documented in docs/operations.md. Each throws config::ConfigError.
#pragma once

#include "common/config/yaml.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// A name that checkpoints can carry (C2SP tlog-checkpoint).
[[nodiscard]] std::string load_log_origin(config::YamlMap& root);
// A file that can be read; when the key is missing, how one is made is said.
[[nodiscard]] std::filesystem::path load_checkpoint_key(config::YamlMap& root);
// Of the section `store`. Whether it keeps for long enough is no question of the file alone:
// Deployment::below_floor_at.
[[nodiscard]] Retention load_retention(config::YamlMap& store);

}  // namespace mpic::coordinator
