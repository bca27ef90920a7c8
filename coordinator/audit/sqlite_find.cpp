#include "coordinator/audit/sqlite_find.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "coordinator/audit/sqlite_rows.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::string_view kBelow = "*.";

bool is_of_names_below(const RecordQuery& query) { return query.identifier.starts_with(kBelow); }

bool is_of_one_index(const RecordQuery& query) {
  return !query.record_id.empty() || !query.request_id.empty() || !query.trace_id.empty() || !query.identifier.empty();
}

bool is_of_failures(const RecordQuery& query) {
  return !query.outcome.empty() && query.outcome != to_string(Outcome::kCorroborates);
}

// Conditions and their values, in the order of the statement.
class Conditions {
 public:
  explicit Conditions(const RecordQuery& query) : query_(query) {}

  void of_records() {
    equal("record_id", query_.record_id);
    equal("request_id", query_.request_id, true);
    equal("trace_id", query_.trace_id, true);
    if (is_of_names_below(query_)) {
      const std::string end = query_.identifier.substr(1);
      add(fmt::format("substr(identifier, -{}) = ?", end.size()), end);
    } else {
      equal("identifier", query_.identifier);
    }
    equal("client", query_.client);
    equal("verdict", query_.verdict);
    if (query_.from) add("received_ns >= ?", query_.from->time_since_epoch().count());
    if (query_.until) add("received_ns < ?", query_.until->time_since_epoch().count());
  }
  void of_attempts() {
    equal("outcome", query_.outcome);
    equal("perspective", query_.perspective);
  }
  void literally(std::string condition) { and_then(std::move(condition)); }
  void most() { values_.emplace_back(static_cast<std::int64_t>(query_.most)); }

  // With an AND before each.
  [[nodiscard]] std::string take_text() { return std::exchange(text_, {}); }
  [[nodiscard]] auto take_values() { return std::move(values_); }

 private:
  // `partial`: the index has only those that have one, and is used only when the statement says so.
  void equal(std::string_view column, const std::string& value, bool partial = false) {
    if (value.empty()) return;
    add(fmt::format("{} = ?", column), value);
    if (partial) and_then(fmt::format("{} <> ''", column));
  }
  template <typename Value>
  void add(std::string condition, Value value) {
    and_then(std::move(condition));
    values_.emplace_back(std::move(value));
  }
  void and_then(std::string condition) { text_ += " AND " + std::move(condition); }

  const RecordQuery& query_;
  std::string text_;
  std::vector<std::variant<std::string, std::int64_t>> values_;
};

// From the index of failures, the newest leaves first.
FindStatement among_failures(const RecordQuery& query) {
  Conditions conditions(query);
  conditions.of_attempts();
  const std::string attempts = conditions.take_text();
  conditions.of_records();
  const std::string records = conditions.take_text();
  conditions.most();
  return {fmt::format("SELECT {} FROM records WHERE leaf IN (SELECT leaf FROM attempts INDEXED BY attempts_that_failed "
                      "WHERE outcome <> 'corroborates'{}){} ORDER BY leaf DESC LIMIT ?",
                      kRecordColumns, attempts, records),
          conditions.take_values()};
}

FindStatement among_records(const RecordQuery& query) {
  std::string_view index;
  if (is_of_names_below(query)) {
    index = " INDEXED BY records_by_identifier";
  } else if (!is_of_one_index(query)) {
    index = " INDEXED BY records_by_time";
  }
  Conditions conditions(query);
  conditions.of_records();
  std::string records = conditions.take_text();
  conditions.of_attempts();
  if (const std::string attempts = conditions.take_text(); !attempts.empty()) {
    records += fmt::format(" AND EXISTS (SELECT 1 FROM attempts WHERE attempts.leaf = records.leaf{})", attempts);
  }
  conditions.most();
  return {fmt::format("SELECT {} FROM records WHERE leaf IN (SELECT leaf FROM records{} WHERE 1{} "
                      "ORDER BY received_ns DESC, leaf DESC LIMIT ?)",
                      kRecordColumns, index, records),
          conditions.take_values()};
}

}  // namespace

FindStatement find_statement(const RecordQuery& query) {
  const bool by_failure = is_of_failures(query) && !is_of_one_index(query);
  return by_failure ? among_failures(query) : among_records(query);
}

}  // namespace mpic::coordinator
