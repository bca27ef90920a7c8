// What several sections of coordinator.yaml have in common.
#pragma once

#include "common/config/yaml.hpp"
#include "common/domain/perspective.hpp"

namespace mpic::coordinator {

[[nodiscard]] Expected<Rir> parse_rir(const std::string& text);
// Throws config::ConfigError.
[[nodiscard]] Place load_place(config::YamlMap map);

}  // namespace mpic::coordinator
