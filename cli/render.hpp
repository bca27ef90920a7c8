// What the coordinator says, as text for people. Pure: message in, text out.
#pragma once

#include <string>

#include "cli/text.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

// The verdict that headline and exit status follow: with `would_be`, the one that held if the deployment were
// allowed to say it.
[[nodiscard]] v1::Verdict effective_verdict(v1::Verdict verdict, v1::Verdict would_be, bool follow_would_be);
[[nodiscard]] int exit_status(const v1::CorroborateResponse& response, bool follow_would_be);

// Headline, then per check a table of all perspectives, each problem with what it means and what to do, what
// decided and why, and warnings; then findings, and the record's id.
[[nodiscard]] std::string render(const v1::CorroborateResponse& response, bool follow_would_be, const Style& style);
// What one perspective has seen, as one line, while others still look.
[[nodiscard]] std::string render(const v1::PerspectiveProgress& progress, const Style& style);
[[nodiscard]] std::string render(const v1::ListPerspectivesResponse& response, const Style& style);

}  // namespace mpic::cli
