// What follows from the body of a record, and from nothing else: its statement, and how a store indexes it. The
// coordinator writes exactly this, and whoever verifies derives it again (docs/evidence_format.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coordinator/audit/record_store.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// Octets of the message in field `number`, as they stand in `message`; the last, if there are several. None: it is not
// there, or `message` is no message.
[[nodiscard]] std::optional<std::string_view> field_octets(std::string_view message, int number);

// Of a request that a coordinator had begun when it was killed: nobody was told anything.
[[nodiscard]] bool is_without_result(const v1::RecordBody& body);

// `octets`: the body, serialized as it is stored.
[[nodiscard]] v1::StatementBody statement_of(const v1::RecordBody& body, std::string_view octets);

// The label of the method that CAA was asked for (RFC 8657 4), or that of the DCV beside it; empty: any, or no CAA.
[[nodiscard]] std::string caa_label_of(const v1::CorroborateRequest& request);

// One row for every planned perspective and check of every attempt, whatever became of it (BR 5.4.1 (2) 7).
[[nodiscard]] std::vector<AttemptRow> attempt_rows(const v1::RecordBody& body);

// As it is stored. A record without a result takes no request_id: the id is free for the client that asks again, or is
// taken by the answer that it got since.
[[nodiscard]] StoredRecord stored_record(const v1::RecordBody& body, std::string octets,
                                         const v1::Statement& statement);

}  // namespace mpic::coordinator
