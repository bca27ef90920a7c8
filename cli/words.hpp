// Enumerators of the contract as words for people. Pure. A number that this version does not know is shown as
// such.
#pragma once

#include <string>
#include <string_view>

#include "mpic/v1/agent.pb.h"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

[[nodiscard]] std::string word(v1::Verdict verdict);   // "NOT_CORROBORATED"
[[nodiscard]] std::string word(v1::CheckKind kind);    // "DCV"
[[nodiscard]] std::string word(v1::Outcome outcome);   // "could not look"
[[nodiscard]] std::string word(v1::Rir rir);           // "RIPE"
[[nodiscard]] std::string word(v1::Role role);         // "remote"
[[nodiscard]] std::string word(v1::DcvMethod method);  // "acme-http-01"
[[nodiscard]] std::string word(v1::ProblemCode code);  // "DNS_NXDOMAIN"

}  // namespace mpic::cli
