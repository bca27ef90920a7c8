// Configuration files are read from disk; here is one, with everything beside it that it may name.
#pragma once

#include <filesystem>
#include <string_view>

#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {

// A folder of this process, made on first use and removed at its end, with ca.pem, host.pem, host.key, signing.pem,
// signing.pub, unbound.conf and own-tree.conf (a resolver of a laboratory) in it. Writes `content` to config.yaml
// there; the path of that.
[[nodiscard]] std::filesystem::path config_file(std::string_view content);

// A configuration is operator's text: not hostile, but whatever is wrong with it is said on one short line.
void hold_config_error(std::string_view what);

}  // namespace mpic::fuzz
