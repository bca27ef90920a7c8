#include "coordinator/audit/sqlite_rows.hpp"

#include <fmt/format.h>

#include <limits>

namespace mpic::coordinator {
namespace {

// Every row of a query, as `row` reads it.
template <typename T, typename Read>
Expected<std::vector<T>> all_rows(Query& rows, std::string_view doing, const Read& row) {
  std::vector<T> out;
  for (;;) {
    const auto more = rows.next(doing);
    if (!more) return Unexpected(more.error());
    if (!*more) return out;
    out.push_back(row(*rows));
  }
}

// The only row, when there is one.
template <typename T, typename Read>
Expected<std::optional<T>> one_row(Query& rows, std::string_view doing, const Read& row) {
  const auto found = rows.next(doing);
  if (!found) return Unexpected(found.error());
  if (!*found) return std::nullopt;
  return row(*rows);
}

StoredRecord read_with_body(Statement& row) {
  StoredRecord out = read_record_row(row);
  out.body = row.column(kRecordBody);
  out.statement = row.column(kRecordBody + 1);
  return out;
}

std::string select_record(std::string_view condition) {
  return fmt::format("SELECT {}, body, statement FROM records WHERE {}", kRecordColumns, condition);
}

StoredCheckpoint checkpoint_row(Statement& row) {
  StoredCheckpoint out;
  out.size = row.index_at(0);
  out.signed_at = row.moment(1);
  out.note = row.column(2);
  return out;
}

}  // namespace

StoredRecord read_record_row(Statement& row) {
  StoredRecord out;
  out.leaf = row.index_at(0);
  out.record_id = row.column(1);
  out.client = row.column(2);
  out.request_id = row.column(3);
  out.trace_id = row.column(4);
  out.identifier = row.column(5);
  out.verdict = row.column(6);
  out.received = row.moment(7);
  out.decided = row.moment(8);
  return out;
}

Expected<std::vector<AttemptRow>> read_attempts(SqliteStatements& from, std::uint64_t leaf) {
  Query rows(from,
             "SELECT attempt_id, perspective, role, rir, check_kind, outcome, problem FROM attempts WHERE leaf = ? "
             "ORDER BY n");
  rows->index(leaf);
  return all_rows<AttemptRow>(rows, "reading attempts", [](Statement& row) {
    return AttemptRow{row.column(0), row.column(1), row.column(2), row.column(3),
                      row.column(4), row.column(5), row.column(6)};
  });
}

Expected<std::vector<StoredAddendum>> read_addenda(SqliteStatements& from, const std::string& record_id) {
  Query rows(from, "SELECT leaf, perspective, body, received_ns FROM addenda WHERE record_id = ? ORDER BY leaf");
  rows->text(record_id);
  return all_rows<StoredAddendum>(rows, "reading addenda", [&record_id](Statement& row) {
    StoredAddendum out(record_id, row.column(1), row.column(2), row.moment(3));
    out.leaf = row.index_at(0);
    return out;
  });
}

Expected<std::optional<StoredRecord>> find_record(SqliteStatements& from, const std::string& record_id) {
  Expected<std::optional<StoredRecord>> found;
  {
    static const std::string kSelect = select_record("record_id = ?");
    Query row(from, kSelect);
    row->text(record_id);
    found = one_row<StoredRecord>(row, "reading a record", read_with_body);
  }
  if (!found || !*found) return found;
  auto rows = read_attempts(from, (*found)->leaf);
  if (!rows) return Unexpected(rows.error());
  auto addenda = read_addenda(from, record_id);
  if (!addenda) return Unexpected(addenda.error());
  (*found)->rows = *std::move(rows);
  (*found)->addenda = *std::move(addenda);
  return found;
}

Expected<std::optional<StoredRecord>> read_request(SqliteStatements& from, const std::string& client,
                                                   const std::string& request_id) {
  static const std::string kSelect = select_record("client = ? AND request_id = ? AND request_id <> ''");
  Query row(from, kSelect);
  row->text(client).text(request_id);
  return one_row<StoredRecord>(row, "reading a record", read_with_body);
}

Expected<std::vector<StoredPlan>> read_plans(SqliteStatements& from) {
  Query rows(from, "SELECT record_id, body, dispatched_ns FROM plans ORDER BY rowid");
  return all_rows<StoredPlan>(rows, "reading plans",
                              [](Statement& row) { return StoredPlan(row.column(0), row.column(1), row.moment(2)); });
}

Expected<std::optional<std::string>> read_snapshot(SqliteStatements& from, const Digest& hash) {
  Query row(from, "SELECT body FROM snapshots WHERE hash = ?");
  row->blob(hash);
  return one_row<std::string>(row, "reading a snapshot", [](Statement& found) { return found.column(0); });
}

Expected<std::vector<StoredEvent>> read_last_events(SqliteStatements& from, std::size_t most) {
  Query rows(from, "SELECT body, at_ns FROM events ORDER BY leaf DESC LIMIT ?");
  rows->integer(static_cast<std::int64_t>(most));
  return all_rows<StoredEvent>(rows, "reading events", [](Statement& row) {
    return StoredEvent{row.column(0), row.moment(1)};
  });
}

Expected<std::vector<StoredCheckpoint>> read_checkpoints(SqliteStatements& from, std::optional<std::uint64_t> after,
                                                         std::size_t most) {
  Query rows(from, "SELECT size, signed_ns, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?");
  rows->integer(after ? static_cast<std::int64_t>(*after) : std::numeric_limits<std::int64_t>::min()).index(most);
  return all_rows<StoredCheckpoint>(rows, "reading checkpoints", checkpoint_row);
}

Expected<std::optional<StoredCheckpoint>> read_last_checkpoint(SqliteStatements& from) {
  Query row(from, "SELECT size, signed_ns, note FROM checkpoints ORDER BY size DESC LIMIT 1");
  return one_row<StoredCheckpoint>(row, "reading the last checkpoint", checkpoint_row);
}

}  // namespace mpic::coordinator
