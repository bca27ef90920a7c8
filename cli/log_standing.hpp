// Where a record is in the coordinator's log, and whether that is proven. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/text.hpp"
#include "common/evidence/checkpoint.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

struct LogStanding {
  std::uint64_t leaf = 0;
  std::optional<evidence::Checkpoint> under;  // that the proof leads to; none: there is no proof
  bool verified = false;                      // false: no key of the log is known
};

// Of the record that the answer's statement is over. kEvidenceInvalid when a key is known and the proof does not hold,
// or when it is none.
[[nodiscard]] Expected<LogStanding> log_standing(const v1::CorroborateResponse& response,
                                                 const std::optional<evidence::NoteVerifier>& log_key);

// One line for people, as `mpic check` shows it below the record.
[[nodiscard]] std::string render(const LogStanding& standing, const Style& style);
// A JSON object.
[[nodiscard]] std::string to_json(const LogStanding& standing);

// A key as C2SP tools write it, or a file that holds one. Throws config::ConfigError.
[[nodiscard]] evidence::NoteVerifier load_log_key(const std::string& vkey_or_file);

}  // namespace mpic::cli
