// What our answers hold beside those of other servers of the Open MPIC API: the object `mpic`. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// Record, verdict and why, quorum, findings, policy, the coordinator's statement: all but `primary`, which has the form
// of a row.
[[nodiscard]] boost::json::object added_fields(const v1::CorroborateResponse& answer, const v1::CheckResult& check);

// "TOO_MANY_REDIRECTS"
[[nodiscard]] std::string_view problem_code_name(v1::ProblemCode code);

}  // namespace mpic::coordinator
