// The result of a run as one line of JSON.
#pragma once

#include <string>

#include "bench/load/load.hpp"

namespace mpic::load {

[[nodiscard]] std::string report(const Result& result);

}  // namespace mpic::load
