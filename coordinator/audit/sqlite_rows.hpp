// What is read from the record store's tables, for the store itself and for who reads its file beside it. Blocking.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/audit/record_store.hpp"
#include "coordinator/audit/sqlite_statements.hpp"

namespace mpic::coordinator {

// Of the table records, as read_record_row() wants them; then body and statement where they are wanted.
inline constexpr const char* kRecordColumns =
    "leaf, record_id, client, request_id, trace_id, identifier, verdict, received_ns, decided_ns";
inline constexpr int kRecordBody = 9;
// Without body, statement, rows and addenda.
[[nodiscard]] StoredRecord read_record_row(Statement& row);

// Of the record with this leaf, in the order in which they were written.
[[nodiscard]] Expected<std::vector<AttemptRow>> read_attempts(SqliteStatements& from, std::uint64_t leaf);
// In the order of their leaves.
[[nodiscard]] Expected<std::vector<StoredAddendum>> read_addenda(SqliteStatements& from, const std::string& record_id);
// Whole, with rows and addenda.
[[nodiscard]] Expected<std::optional<StoredRecord>> find_record(SqliteStatements& from, const std::string& record_id);
// Without rows and addenda.
[[nodiscard]] Expected<std::optional<StoredRecord>> read_request(SqliteStatements& from, const std::string& client,
                                                                 const std::string& request_id);
[[nodiscard]] Expected<std::vector<StoredPlan>> read_plans(SqliteStatements& from);
[[nodiscard]] Expected<std::optional<std::string>> read_snapshot(SqliteStatements& from, const Digest& hash);
// Newest first.
[[nodiscard]] Expected<std::vector<StoredEvent>> read_last_events(SqliteStatements& from, std::size_t most);
// Of more leaves than `after`, in the order of size.
[[nodiscard]] Expected<std::vector<StoredCheckpoint>> read_checkpoints(SqliteStatements& from,
                                                                       std::optional<std::uint64_t> after,
                                                                       std::size_t most);
[[nodiscard]] Expected<std::optional<StoredCheckpoint>> read_last_checkpoint(SqliteStatements& from);

}  // namespace mpic::coordinator
