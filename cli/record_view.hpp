// A record of the log, for people and as JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/text.hpp"
#include "common/domain/problem.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

// A record whose parts could be read, and whose statement is over this body.
struct ReadRecord {
  v1::RecordBody body;
  v1::CorroborateResponse response;  // what the client was told
  std::vector<v1::Addendum> addenda;
};

// kInvalidArgument: it is no record, or its statement is over another one. The statement's signature is not verified:
// that takes the coordinator's key from the log.
[[nodiscard]] Expected<ReadRecord> read_record(const v1::Record& record);

// The answer as `mpic check` shows it, then who asked, each attempt with why each perspective was chosen or passed
// over, and what stragglers said.
[[nodiscard]] std::string render(const ReadRecord& record, bool follow_would_be, const Style& style);
// One object: response, body, addenda.
[[nodiscard]] std::string record_json(const ReadRecord& record);

}  // namespace mpic::cli
