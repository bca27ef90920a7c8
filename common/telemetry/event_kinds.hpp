// Every kind of event that the programs write. docs/events.md tells what each one means, and its members.
#pragma once

#include <array>
#include <string_view>

namespace mpic::telemetry::event_kind {

// Of requests.
inline constexpr std::string_view kDecision = "decision";
inline constexpr std::string_view kObservation = "observation";
inline constexpr std::string_view kAnswerRepeated = "answer_repeated";
inline constexpr std::string_view kNoResult = "no_result";
inline constexpr std::string_view kCaaPreventsIssuance = "caa_prevents_issuance";
inline constexpr std::string_view kLateContradiction = "late_contradiction";

// Of security.
inline constexpr std::string_view kStarted = "started";
inline constexpr std::string_view kStopped = "stopped";
inline constexpr std::string_view kStartRefused = "start_refused";
inline constexpr std::string_view kConfigurationChanged = "configuration_changed";
inline constexpr std::string_view kConfigurationRefused = "configuration_refused";
inline constexpr std::string_view kKeyChanged = "key_changed";
inline constexpr std::string_view kAccessDenied = "access_denied";
inline constexpr std::string_view kHandshakeFailed = "handshake_failed";
inline constexpr std::string_view kEvidenceInvalid = "evidence_invalid";
inline constexpr std::string_view kClockChanged = "clock_changed";
inline constexpr std::string_view kEventsLost = "events_lost";

// Of the log.
inline constexpr std::string_view kLogNotWritable = "log_not_writable";
inline constexpr std::string_view kLogWritable = "log_writable";
inline constexpr std::string_view kLogInconsistent = "log_inconsistent";
inline constexpr std::string_view kLogConsistent = "log_consistent";
inline constexpr std::string_view kRecordNotOurs = "record_not_ours";
inline constexpr std::string_view kPruned = "pruned";
inline constexpr std::string_view kBelowFloor = "retention_below_floor";

// Of an agent.
inline constexpr std::string_view kConnectionAccepted = "connection_accepted";
inline constexpr std::string_view kConnectionRefused = "connection_refused";
inline constexpr std::string_view kAssignmentRefused = "assignment_refused";
inline constexpr std::string_view kResolverFault = "resolver_fault";
inline constexpr std::string_view kResolverGood = "resolver_good";

inline constexpr std::array kAll = {kDecision,
                                    kObservation,
                                    kAnswerRepeated,
                                    kNoResult,
                                    kCaaPreventsIssuance,
                                    kLateContradiction,
                                    kStarted,
                                    kStopped,
                                    kStartRefused,
                                    kConfigurationChanged,
                                    kConfigurationRefused,
                                    kKeyChanged,
                                    kAccessDenied,
                                    kHandshakeFailed,
                                    kEvidenceInvalid,
                                    kClockChanged,
                                    kEventsLost,
                                    kLogNotWritable,
                                    kLogWritable,
                                    kLogInconsistent,
                                    kLogConsistent,
                                    kRecordNotOurs,
                                    kPruned,
                                    kBelowFloor,
                                    kConnectionAccepted,
                                    kConnectionRefused,
                                    kAssignmentRefused,
                                    kResolverFault,
                                    kResolverGood};

}  // namespace mpic::telemetry::event_kind
