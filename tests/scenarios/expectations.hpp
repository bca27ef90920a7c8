// What a scenario expects of an answer.
#pragma once

#include <optional>
#include <string>

#include "mpic/v1/coordinator.pb.h"
#include "tests/scenarios/scenario.hpp"

namespace mpic::test {

// None when they are the same; else what was expected and what came.
[[nodiscard]] std::optional<std::string> compare(const std::string& what, const std::string& wanted,
                                                 const std::string& got);

// None when `response` is as the line says; else why not.
[[nodiscard]] std::optional<std::string> expect_response(const Scenario::Line& line,
                                                         const v1::CorroborateResponse& response);

}  // namespace mpic::test
