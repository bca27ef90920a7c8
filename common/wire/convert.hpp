// proto <-> domain: the only place where the two meet. What comes in is hostile until it has passed here: every length,
// count and enumerator is checked, and a refusal names the field ("caa.issuer_domains[2]"). Pure; fuzzed.
#pragma once

#include <string>
#include <string_view>

#include "common/domain/agent_status.hpp"
#include "common/domain/assignment.hpp"
#include "common/domain/observation.hpp"
#include "mpic/v1/agent.pb.h"
#include "mpic/v1/coordinator.pb.h"
#include "mpic/v1/types.pb.h"

namespace mpic::wire {

// kAssignmentInvalid, naming the field.
[[nodiscard]] Expected<Assignment> decode_assignment(std::string_view octets);
[[nodiscard]] std::string encode(const Assignment& assignment);

// kEvidenceInvalid, naming the field; also for more than kMaxObservation octets.
[[nodiscard]] Expected<Observation> decode_observation(std::string_view octets);
// Cut to kMaxObservation: records, then chains, tries, the body, and at last whole steps are left out, and `cut` is
// set; never silently.
[[nodiscard]] std::string encode(const Observation& observation);

// kInvalidArgument, naming the field below `field`.
[[nodiscard]] Expected<DcvQuestion> decode(const v1::DcvQuestion& question, std::string_view field);
[[nodiscard]] Expected<CaaQuestion> decode(const v1::CaaQuestion& question, std::string_view field);
void encode(const DcvQuestion& question, v1::DcvQuestion& out);
void encode(const CaaQuestion& question, v1::CaaQuestion& out);

// kInvalidArgument, naming the field.
[[nodiscard]] Expected<AgentStatus> decode(const v1::AgentStatus& status);
[[nodiscard]] v1::AgentStatus encode(const AgentStatus& status);

[[nodiscard]] v1::Problem encode(const Problem& problem);
// An unknown code becomes kInternal: a problem is still a problem.
[[nodiscard]] Problem decode(const v1::Problem& problem);

[[nodiscard]] google::protobuf::Timestamp encode(TimePoint when);
// None outside the years 1970 to 2200 or with nanoseconds out of range.
[[nodiscard]] std::optional<TimePoint> decode(const google::protobuf::Timestamp& when);

}  // namespace mpic::wire
