// Configuration files and exports of logs are read from disk; here they are, with everything beside them that a
// configuration may name.
#pragma once

#include <filesystem>
#include <string_view>

#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {

// A folder of this process, made on first use and removed at its end, with ca.pem, host.pem, host.key, signing.pem,
// signing.pub, unbound.conf and own-tree.conf (a resolver of a laboratory) in it. Writes `content` to config.yaml
// there; the path of that.
[[nodiscard]] std::filesystem::path config_file(std::string_view content);

// Writes `content` to `path` below that folder, over what is there; the path of it.
std::filesystem::path scratch_file(const std::filesystem::path& path, std::string_view content);

// A configuration is operator's text: not hostile, but whatever is wrong with it is said on one short line.
void hold_config_error(std::string_view what);

}  // namespace mpic::fuzz
