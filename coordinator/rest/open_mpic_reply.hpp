// Answers of the Open MPIC API. Pure: from the answer of corroborate() and the record that it rests on.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "coordinator/rest/open_mpic_request.hpp"
#include "mpic/v1/coordinator.pb.h"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// What an answer says beside the record.
struct OpenMpicTold {
  bool tell_would_be = false;  // `is_valid` tells what it would be, where no verdict of the deployment is enforceable
  std::size_t remotes = 0;     // that an attempt asks, for an answer without any
  std::size_t least_corroborations = 0;  // of these
};

// `is_valid` is true for a verdict CORROBORATED and for nothing else; `mpic_completed` where there is a verdict at all.
// `perspectives` are the remotes; where none was asked, because the Primary's determination ended it, the Primary
// alone. What only we tell stands under `mpic`.
[[nodiscard]] boost::json::object open_mpic_answer(const OpenMpicRequest& request,
                                                   const v1::CorroborateResponse& answer, const v1::RecordBody& body,
                                                   const OpenMpicTold& told);

// Of a request that nobody can see to be true, so that nobody is asked: OpenMpicRequest::impossible.
[[nodiscard]] boost::json::object impossible_answer(const OpenMpicRequest& request, const OpenMpicTold& told);

[[nodiscard]] boost::json::object validation_failed(const ValidationIssues& issues);

}  // namespace mpic::coordinator
