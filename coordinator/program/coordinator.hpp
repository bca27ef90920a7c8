// The coordinator as a process: what it consists of, how it starts, reloads and ends.
#pragma once

#include <filesystem>

#include "coordinator/program/load.hpp"

namespace mpic::coordinator {

// Serves until SIGTERM or SIGINT; then nothing new is begun, what was begun is answered, and it returns. A second one
// ends the process at once. SIGHUP reads `file` anew. Throws StartError or config::ConfigError when it cannot start.
void serve_until_stopped(const std::filesystem::path& file, Loaded loaded);

}  // namespace mpic::coordinator
