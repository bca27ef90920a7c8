// Dead Simple Signing Envelope, as far as it is needed: PAE, so that a signature says what kind of thing it is over.
#pragma once

#include <string>
#include <string_view>

#include "common/evidence/keys.hpp"
#include "mpic/v1/agent.pb.h"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::evidence {

inline constexpr std::string_view kObservationsType = "application/vnd.mpic.observations.v1+protobuf";
inline constexpr std::string_view kStatementType = "application/vnd.mpic.statement.v1+protobuf";

// "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
[[nodiscard]] std::string pae(std::string_view payload_type, std::string_view payload);

}  // namespace mpic::evidence
