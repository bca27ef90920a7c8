// The key `events`, which both programs have.
#pragma once

#include <filesystem>

#include "common/config/yaml.hpp"

namespace mpic::config {

// The file that events go to, "-" for standard output; empty when there is none. Throws ConfigError.
[[nodiscard]] std::filesystem::path events_file(YamlMap& root);

}  // namespace mpic::config
