#include "coordinator/audit/record_query.hpp"

#include <algorithm>
#include <tuple>

#include "common/wire/convert.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {
namespace {

bool is_or_any(const std::string& wanted, const std::string& value) { return wanted.empty() || wanted == value; }

bool is_of_name(const std::string& wanted, const std::string& identifier) {
  if (!wanted.starts_with("*.")) return is_or_any(wanted, identifier);
  return identifier.ends_with(std::string_view(wanted).substr(1));
}

bool is_newer(const StoredRecord& one, const StoredRecord& other) {
  return std::tie(one.received, one.leaf) > std::tie(other.received, other.leaf);
}

}  // namespace

bool matches(const RecordQuery& query, const StoredRecord& record) {
  if (!is_of_name(query.identifier, record.identifier) || !is_or_any(query.record_id, record.record_id) ||
      !is_or_any(query.client, record.client) || !is_or_any(query.request_id, record.request_id) ||
      !is_or_any(query.trace_id, record.trace_id) || !is_or_any(query.verdict, record.verdict)) {
    return false;
  }
  if ((query.from && record.received < *query.from) || (query.until && record.received >= *query.until)) return false;
  if (query.perspective.empty() && query.outcome.empty()) return true;
  return std::any_of(record.rows.begin(), record.rows.end(), [&](const AttemptRow& row) {
    return is_or_any(query.perspective, row.perspective) && is_or_any(query.outcome, row.outcome);
  });
}

void NewestRecords::add(StoredRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() / 2 > most_) trim();
}

std::vector<StoredRecord> NewestRecords::take() {
  trim();
  return std::move(records_);
}

void NewestRecords::trim() {
  std::sort(records_.begin(), records_.end(), is_newer);
  if (records_.size() > most_) records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(most_), records_.end());
}

StoredAddendum stored_addendum(const LoggedLeaf& leaf) {
  v1::Addendum addendum;
  StoredAddendum out;
  if (addendum.ParseFromString(leaf.body)) {
    const auto received = wire::decode(addendum.received());
    out = StoredAddendum(addendum.record_id(), addendum.perspective_id(), leaf.body, received.value_or(TimePoint{}));
  }
  out.body = leaf.body;
  out.leaf = leaf.index;
  return out;
}

}  // namespace mpic::coordinator
