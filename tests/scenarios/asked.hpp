// The request of a scenario: checks and options as words.
#pragma once

#include "mpic/v1/coordinator.pb.h"
#include "tests/scenarios/scenario.hpp"

namespace mpic::test {

// Adds a check to `request`: "caa", or the name of a method with parameters that are always the same. Throws
// std::runtime_error for another word.
void ask_check(const std::string& what, const std::string& name, v1::CorroborateRequest& request);

// False when the line is no option of a request.
[[nodiscard]] bool ask_option(const Scenario::Line& line, v1::CorroborateRequest& request);

}  // namespace mpic::test
