// Judges a record again from what it holds and from the deployment of the snapshot it names: the coordinator's own
// stages, as of the record's own time. Pure.
#pragma once

#include <vector>

#include "coordinator/audit/deviations.hpp"
#include "coordinator/audit/recorded_plan.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// Whether it was decided by the very rules and program that judge again. By others the substance is compared alone, not
// the words: what was asked and answered, verdicts, counts, rows and times.
[[nodiscard]] bool is_by_this_program(const v1::PolicyStamp& policy);

// Everything that does not follow, in the order of the record. Empty: the plans are what the request and the deployment
// make of it, and the decision and each earlier one what this program makes of the evidence.
[[nodiscard]] std::vector<Deviation> rederive(const v1::RecordBody& body, const Deployment& deployment,
                                              RootCache& roots);

// The same of what a perspective said after the answer: it is of a look in the plan that was not waited for, and
// contradicts the Primary as it says.
[[nodiscard]] std::vector<Deviation> rederive(const v1::Addendum& addendum, const v1::RecordBody& body,
                                              const Deployment& deployment, RootCache& roots);

}  // namespace mpic::coordinator
