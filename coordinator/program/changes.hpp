// What one configuration has that another has not, for the log of a reload. Plain functions of their arguments.
#pragma once

#include <string>
#include <vector>

#include "coordinator/config.hpp"

namespace mpic::coordinator {

// One clause each: "client added: batch", "signing key: 0123… to 89ab…", "perspective eu-west: keys, place". No secret
// and no challenge is in them.
[[nodiscard]] std::vector<std::string> changes(const Settings& before, const Settings& after);

// The keys whose values are fixed from the start to the end of the process, and differ.
[[nodiscard]] std::vector<std::string> fixed_keys_changed(const Config& before, const Config& after);

}  // namespace mpic::coordinator
