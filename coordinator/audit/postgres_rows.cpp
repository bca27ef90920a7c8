#include "coordinator/audit/postgres_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "coordinator/audit/stray_rows.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kRecord =
    "leaf, record_id, client, request_id, trace_id, identifier, verdict, received_ns, decided_ns";
constexpr int kBody = 9;

Unexpected not_sound(std::string why) { return fail(ProblemCode::kInternal, "record store", std::move(why)); }

StoredRecord record_row(const PgRows& rows, std::size_t row) {
  StoredRecord out;
  out.leaf = rows.index(row, 0);
  out.record_id = rows.text(row, 1);
  out.client = rows.text(row, 2);
  out.request_id = rows.text(row, 3);
  out.trace_id = rows.text(row, 4);
  out.identifier = rows.text(row, 5);
  out.verdict = rows.text(row, 6);
  out.received = rows.moment(row, 7);
  out.decided = rows.moment(row, 8);
  return out;
}

StoredRecord whole_row(const PgRows& rows, std::size_t row) {
  StoredRecord out = record_row(rows, row);
  out.body = rows.text(row, kBody);
  out.statement = rows.text(row, kBody + 1);
  return out;
}

AttemptRow attempt_row(const PgRows& rows, std::size_t row) {
  return {rows.text(row, 1), rows.text(row, 2), rows.text(row, 3), rows.text(row, 4),
          rows.text(row, 5), rows.text(row, 6), rows.text(row, 7)};
}

PgValue number(std::uint64_t value) { return PgValue::number(static_cast<std::int64_t>(value)); }

// Conditions of a query, with their values; $1 is the log.
class Conditions {
 public:
  explicit Conditions(PgValue log) : values_{std::move(log)} {}
  void equal(std::string_view column, const std::string& value, bool partial = false) {
    if (value.empty()) return;
    values_.push_back(PgValue::text(value));
    text_ += fmt::format(" AND {} = ${}", column, values_.size());
    if (partial) text_ += fmt::format(" AND {} <> ''", column);  // else an index of those that have one is not used
  }
  void compare(std::string_view condition, PgValue value) {
    values_.push_back(std::move(value));
    text_ += fmt::format(" AND {} ${}", condition, values_.size());
  }
  std::string take() { return std::exchange(text_, {}); }
  PgValues& values() { return values_; }

 private:
  std::string text_;
  PgValues values_;
};

}  // namespace

PgValues PgLogRows::with_log(PgValues values) const {
  values.insert(values.begin(), PgValue::number(log_));
  return values;
}

Expected<std::uint64_t> PgLogRows::size() {
  const auto rows = connection_.run(
      "SELECT count(*), coalesce(min(idx), 0), coalesce(max(idx), -1) FROM leaves WHERE log = $1", with_log({}));
  if (!rows) return Unexpected(rows.error());
  const std::int64_t count = rows->number(0, 0);
  if (count == 0 || (rows->number(0, 1) == 0 && rows->number(0, 2) == count - 1)) return rows->index(0, 0);
  return not_sound(fmt::format("leaves of its log are missing: there are {}, with indices from {} to {}", count,
                               rows->number(0, 1), rows->number(0, 2)));
}

Expected<std::vector<Digest>> PgLogRows::hashes(unsigned level, std::uint64_t first, std::size_t count) {
  const bool is_leaves = level == 0;
  PgValues values = with_log({number(first), number(count)});
  if (!is_leaves) values.push_back(PgValue::number(level));
  const auto rows = connection_.run(
      is_leaves ? "SELECT idx, body_sha256, kind FROM leaves WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3"
                : "SELECT idx, hash FROM nodes WHERE log = $1 AND level = $4 AND idx >= $2 ORDER BY idx LIMIT $3",
      values);
  if (!rows) return Unexpected(rows.error());
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= rows->size() || rows->index(i, 0) != first + i) {
      return not_sound(fmt::format("hash {} of level {} of its tree is missing", first + i, level));
    }
    const Digest hash = rows->digest(i, 1);
    out.push_back(is_leaves ? evidence::log_leaf_hash(static_cast<evidence::LeafKind>(rows->number(i, 2)), hash)
                            : hash);
  }
  return out;
}

Expected<std::optional<StoredRecord>> PgLogRows::record(const std::string& record_id) {
  const auto found =
      connection_.run(fmt::format("SELECT {}, body, statement FROM records WHERE log = $1 AND record_id = $2", kRecord),
                      with_log({PgValue::text(record_id)}));
  if (!found) return Unexpected(found.error());
  if (found->size() == 0) return std::nullopt;
  std::vector<StoredRecord> one{whole_row(*found, 0)};
  if (const auto added = add_rows(one); !added) return Unexpected(added.error());
  const auto late = connection_.run(
      "SELECT leaf, perspective, body, received_ns FROM addenda WHERE log = $1 AND record_id = $2 ORDER BY leaf",
      with_log({PgValue::text(record_id)}));
  if (!late) return Unexpected(late.error());
  for (std::size_t i = 0; i < late->size(); ++i) {
    one[0].addenda.emplace_back(record_id, late->text(i, 1), late->text(i, 2), late->moment(i, 3));
    one[0].addenda.back().leaf = late->index(i, 0);
  }
  return std::move(one[0]);
}

Expected<std::optional<StoredRecord>> PgLogRows::request(const std::string& client, const std::string& request_id) {
  const auto found = connection_.run(
      fmt::format("SELECT {}, body, statement FROM records WHERE log = $1 AND client = $2 AND request_id = $3 AND "
                  "request_id <> ''",
                  kRecord),
      with_log({PgValue::text(client), PgValue::text(request_id)}));
  if (!found) return Unexpected(found.error());
  return found->size() == 0 ? std::nullopt : std::optional(whole_row(*found, 0));
}

Expected<std::vector<StoredPlan>> PgLogRows::plans() {
  const auto rows =
      connection_.run("SELECT record_id, body, dispatched_ns FROM plans WHERE log = $1 ORDER BY n", with_log({}));
  if (!rows) return Unexpected(rows.error());
  std::vector<StoredPlan> out;
  for (std::size_t i = 0; i < rows->size(); ++i)
    out.emplace_back(rows->text(i, 0), rows->text(i, 1), rows->moment(i, 2));
  return out;
}

Expected<std::optional<std::string>> PgLogRows::snapshot(const Digest& hash) {
  const auto rows =
      connection_.run("SELECT body FROM snapshots WHERE log = $1 AND hash = $2", with_log({PgValue::octets(hash)}));
  if (!rows) return Unexpected(rows.error());
  return rows->size() == 0 ? std::nullopt : std::optional(rows->text(0, 0));
}

Expected<std::vector<StoredEvent>> PgLogRows::last_events(std::size_t most) {
  const auto rows = connection_.run("SELECT body, at_ns FROM events WHERE log = $1 ORDER BY leaf DESC LIMIT $2",
                                    with_log({number(most)}));
  if (!rows) return Unexpected(rows.error());
  std::vector<StoredEvent> out;
  for (std::size_t i = 0; i < rows->size(); ++i) out.push_back({rows->text(i, 0), rows->moment(i, 1)});
  return out;
}

Expected<std::vector<StoredCheckpoint>> PgLogRows::checkpoints(std::optional<std::uint64_t> after, std::size_t most) {
  const PgValue from = after ? number(*after) : PgValue::number(std::numeric_limits<std::int64_t>::min());
  const auto rows = connection_.run(
      "SELECT size, signed_ns, note FROM checkpoints WHERE log = $1 AND size > $2 ORDER BY size LIMIT $3",
      with_log({from, number(most)}));
  if (!rows) return Unexpected(rows.error());
  std::vector<StoredCheckpoint> out;
  for (std::size_t i = 0; i < rows->size(); ++i)
    out.push_back({rows->index(i, 0), rows->moment(i, 1), rows->text(i, 2)});
  return out;
}

Expected<std::optional<StoredCheckpoint>> PgLogRows::last_checkpoint() {
  const auto rows = connection_.run(
      "SELECT size, signed_ns, note FROM checkpoints WHERE log = $1 ORDER BY size DESC LIMIT 1", with_log({}));
  if (!rows) return Unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return StoredCheckpoint{rows->index(0, 0), rows->moment(0, 1), rows->text(0, 2)};
}

Expected<std::uint64_t> PgLogRows::decided_before(TimePoint when) {
  const auto rows = connection_.run(
      "SELECT coalesce(max(leaf) + 1, 0) FROM records WHERE log = $1 AND leaf < coalesce((SELECT min(leaf) FROM "
      "records "
      "WHERE log = $1 AND decided_ns >= $2), 9223372036854775807)",
      with_log({PgValue::number(when.time_since_epoch().count())}));
  if (!rows) return Unexpected(rows.error());
  return rows->index(0, 0);
}

Expected<LogHead> PgLogRows::head() {
  const auto size =
      connection_.run("SELECT coalesce(max(idx) + 1, 0) FROM leaves WHERE log = $1 AND idx >= 0", with_log({}));
  if (!size) return Unexpected(size.error());
  auto newest = last_checkpoint();
  if (!newest) return Unexpected(newest.error());
  auto kept = nodes();
  if (!kept) return Unexpected(kept.error());
  return LogHead{size->index(0, 0), *std::move(newest), *std::move(kept)};
}

Expected<std::vector<StrayRow>> PgLogRows::stray_rows(std::size_t most) {
  const auto rows = connection_.run(stray_rows_sql("t.log = $1 AND ", "$2"), with_log({number(most)}));
  if (!rows) return Unexpected(rows.error());
  std::vector<StrayRow> out;
  for (std::size_t i = 0; i < rows->size(); ++i) out.push_back({rows->text(i, 0), rows->number(i, 1)});
  return out;
}

Expected<std::vector<evidence::TreeNode>> PgLogRows::nodes() {
  const auto rows =
      connection_.run("SELECT level, idx, hash FROM nodes WHERE log = $1 ORDER BY level, idx", with_log({}));
  if (!rows) return Unexpected(rows.error());
  std::vector<evidence::TreeNode> out;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    out.push_back({static_cast<unsigned>(rows->number(i, 0)), rows->index(i, 1), rows->digest(i, 2)});
  }
  return out;
}

Expected<std::vector<LoggedLeaf>> PgLogRows::leaves(std::uint64_t first, std::size_t most) {
  const auto rows =
      connection_.run("SELECT idx, kind, body_sha256 FROM leaves WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3",
                      with_log({number(first), number(most)}));
  if (!rows) return Unexpected(rows.error());
  std::vector<LoggedLeaf> out;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    LoggedLeaf& leaf = out.emplace_back();
    leaf.index = rows->index(i, 0);
    leaf.kind = static_cast<evidence::LeafKind>(rows->number(i, 1));
    leaf.body_sha256 = rows->digest(i, 2);
  }
  if (const auto added = add_bodies(out); !added) return Unexpected(added.error());
  return out;
}

// A row for a leaf of another kind is a stray row.
Expected<void> PgLogRows::add_bodies(std::vector<LoggedLeaf>& leaves) {
  if (leaves.empty()) return {};
  const PgValues range = with_log({number(leaves.front().index), number(leaves.back().index)});
  const auto at = [&](std::uint64_t index, evidence::LeafKind kind) -> LoggedLeaf* {
    const auto found =
        std::lower_bound(leaves.begin(), leaves.end(), index,
                         [](const LoggedLeaf& leaf, std::uint64_t wanted) { return leaf.index < wanted; });
    return found == leaves.end() || found->index != index || found->kind != kind ? nullptr : &*found;
  };
  using Kind = evidence::LeafKind;
  const auto each = [&](const char* columns, const char* table, Kind kind, const auto& take,
                        const char* order = "leaf") -> Expected<void> {
    const auto rows = connection_.run(
        fmt::format("SELECT {} FROM {} WHERE log = $1 AND leaf BETWEEN $2 AND $3 ORDER BY {}", columns, table, order),
        range);
    if (!rows) return Unexpected(rows.error());
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (LoggedLeaf* leaf = at(rows->index(i, 0), kind)) take(*leaf, *rows, i);
    }
    return {};
  };
  auto done = each(fmt::format("{}, body, statement", kRecord).c_str(), "records", Kind::kRecord,
                   [](LoggedLeaf& leaf, const PgRows& rows, std::size_t i) {
                     leaf.record = record_row(rows, i);
                     leaf.body = rows.text(i, kBody);
                     leaf.statement = rows.text(i, kBody + 1);
                   });
  if (!done) return done;
  done = each(
      "leaf, attempt_id, perspective, role, rir, check_kind, outcome, problem", "attempts", Kind::kRecord,
      [](LoggedLeaf& leaf, const PgRows& rows, std::size_t i) {
        if (leaf.record) leaf.record->rows.push_back(attempt_row(rows, i));  // else whoever verifies finds it gone
      },
      "leaf, n");
  if (!done) return done;
  done = each("leaf, record_id, perspective, received_ns, body", "addenda", Kind::kAddendum,
              [](LoggedLeaf& leaf, const PgRows& rows, std::size_t i) {
                leaf.addendum.emplace(rows.text(i, 1), rows.text(i, 2), "", rows.moment(i, 3));
                leaf.addendum->leaf = leaf.index;
                leaf.body = rows.text(i, 4);
              });
  if (!done) return done;
  done = each("leaf, body", "snapshots", Kind::kSnapshot,
              [](LoggedLeaf& leaf, const PgRows& rows, std::size_t i) { leaf.body = rows.text(i, 1); });
  if (!done) return done;
  return each("leaf, at_ns, body", "events", Kind::kEvent, [](LoggedLeaf& leaf, const PgRows& rows, std::size_t i) {
    leaf.event_at = rows.moment(i, 1);
    leaf.body = rows.text(i, 2);
  });
}

Expected<void> PgLogRows::add_rows(std::vector<StoredRecord>& records) {
  std::vector<std::int64_t> leaves;
  for (const StoredRecord& record : records) leaves.push_back(static_cast<std::int64_t>(record.leaf));
  const auto rows = connection_.run(
      "SELECT leaf, attempt_id, perspective, role, rir, check_kind, outcome, problem FROM attempts WHERE log = $1 AND "
      "leaf "
      "= ANY($2) ORDER BY leaf, n",
      with_log({PgValue::numbers(leaves)}));
  if (!rows) return Unexpected(rows.error());
  std::map<std::uint64_t, StoredRecord*> by_leaf;
  for (StoredRecord& record : records) by_leaf[record.leaf] = &record;
  for (std::size_t i = 0; i < rows->size(); ++i) by_leaf.at(rows->index(i, 0))->rows.push_back(attempt_row(*rows, i));
  return {};
}

Expected<std::vector<StoredRecord>> PgLogRows::find(const RecordQuery& query) {
  Conditions conditions(PgValue::number(log_));
  conditions.equal("record_id", query.record_id);
  conditions.equal("client", query.client);
  conditions.equal("request_id", query.request_id, true);
  conditions.equal("trace_id", query.trace_id, true);
  conditions.equal("verdict", query.verdict);
  if (query.identifier.rfind("*.", 0) == 0) {
    const std::string end = query.identifier.substr(1);
    conditions.compare(fmt::format("right(identifier, {}) =", end.size()), PgValue::text(end));
  } else {
    conditions.equal("identifier", query.identifier);
  }
  if (query.from) conditions.compare("received_ns >=", PgValue::number(query.from->time_since_epoch().count()));
  if (query.until) conditions.compare("received_ns <", PgValue::number(query.until->time_since_epoch().count()));
  std::string where = conditions.take();
  conditions.equal("a.outcome", query.outcome);
  conditions.equal("a.perspective", query.perspective);
  std::string attempts = conditions.take();
  // Said, so that the index of those may be used.
  const bool is_of_failures = !query.outcome.empty() && query.outcome != to_string(Outcome::kCorroborates);
  if (is_of_failures) attempts += " AND a.outcome <> 'corroborates'";
  if (!attempts.empty()) {
    where +=
        fmt::format(" AND EXISTS (SELECT 1 FROM attempts a WHERE a.log = $1 AND a.leaf = records.leaf{})", attempts);
  }
  conditions.compare("", number(query.most));
  conditions.take();
  const auto rows =
      connection_.run(fmt::format("SELECT {} FROM records WHERE log = $1{} ORDER BY received_ns DESC, leaf DESC "
                                  "LIMIT ${}",
                                  kRecord, where, conditions.values().size()),
                      conditions.values());
  if (!rows) return Unexpected(rows.error());
  std::vector<StoredRecord> out;
  for (std::size_t i = 0; i < rows->size(); ++i) out.push_back(record_row(*rows, i));
  if (const auto added = add_rows(out); !added) return Unexpected(added.error());
  return out;
}

}  // namespace mpic::coordinator
