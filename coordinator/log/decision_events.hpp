// What a SIEM is told of one decision (BR 5.4.1 (2), 4.2.2.1), from what was recorded and from nothing else. Plain
// functions of their arguments.
#pragma once

#include <vector>

#include "common/telemetry/event_log.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// In this order: the decision; an observation for each perspective and check of each attempt; evidence that did not
// verify; CAA that prevents issuance. What perspectives saw, and what they had to look for, is not in them: the record
// has it. As challenge values can stand in CAA records, and a client can choose any id, each text is also searched for
// those of the request.
[[nodiscard]] std::vector<telemetry::Event> events_of(const v1::RecordBody& body, std::uint64_t leaf);

// An answer that was recorded before, told again.
[[nodiscard]] telemetry::Event repeated_event(const v1::RecordBody& body, std::uint64_t leaf, TimePoint now);

// A request of an earlier run that was closed without an answer.
[[nodiscard]] telemetry::Event no_result_event(const v1::RecordBody& body);

}  // namespace mpic::coordinator
