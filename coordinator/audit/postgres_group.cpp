#include "coordinator/audit/postgres_group.hpp"

namespace mpic::coordinator {
namespace {

std::int64_t nanoseconds(TimePoint when) { return when.time_since_epoch().count(); }
std::string octets_of(const Digest& digest) { return {digest.begin(), digest.end()}; }
std::vector<std::string_view> views(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

}  // namespace

std::uint64_t PostgresGroup::leaf(evidence::LeafKind kind, const std::string& body) {
  const std::uint64_t index = tree_.size();
  const Digest hash = evidence::sha256(body);
  leaves_.index.push_back(static_cast<std::int64_t>(index));
  leaves_.kind.push_back(static_cast<std::int64_t>(kind));
  leaves_.hash.push_back(octets_of(hash));
  tree_.append(evidence::log_leaf_hash(kind, hash), nodes_);
  return index;
}

std::uint64_t PostgresGroup::add(const StoredPlan& plan) {
  plans_.record.push_back(plan.record_id);
  plans_.body.push_back(plan.body);
  plans_.dispatched.push_back(nanoseconds(plan.dispatched));
  return 0;
}

std::uint64_t PostgresGroup::add(const StoredRecord& record) {
  const auto at = static_cast<std::int64_t>(tree_.size());
  records_.leaf.push_back(at);
  records_.id.push_back(record.record_id);
  records_.client.push_back(record.client);
  records_.request.push_back(record.request_id);
  records_.trace.push_back(record.trace_id);
  records_.identifier.push_back(record.identifier);
  records_.verdict.push_back(record.verdict);
  records_.received.push_back(nanoseconds(record.received));
  records_.decided.push_back(nanoseconds(record.decided));
  records_.body.push_back(record.body);
  records_.statement.push_back(record.statement);
  std::int64_t n = 0;
  for (const AttemptRow& row : record.rows) {
    attempts_.leaf.push_back(at);
    attempts_.n.push_back(n++);
    attempts_.attempt.push_back(row.attempt_id);
    attempts_.perspective.push_back(row.perspective);
    attempts_.role.push_back(row.role);
    attempts_.rir.push_back(row.rir);
    attempts_.check.push_back(row.check);
    attempts_.outcome.push_back(row.outcome);
    attempts_.problem.push_back(row.problem);
  }
  return leaf(evidence::LeafKind::kRecord, record.body);
}

std::uint64_t PostgresGroup::add(const StoredAddendum& addendum) {
  addenda_.leaf.push_back(static_cast<std::int64_t>(tree_.size()));
  addenda_.record.push_back(addendum.record_id);
  addenda_.perspective.push_back(addendum.perspective);
  addenda_.received.push_back(nanoseconds(addendum.received));
  addenda_.body.push_back(addendum.body);
  return leaf(evidence::LeafKind::kAddendum, addendum.body);
}

std::uint64_t PostgresGroup::add(const StoredSnapshot& snapshot) {
  snapshots_.leaf.push_back(static_cast<std::int64_t>(tree_.size()));
  snapshots_.hash.push_back(octets_of(snapshot.hash));
  snapshots_.body.push_back(snapshot.body);
  return leaf(evidence::LeafKind::kSnapshot, snapshot.body);
}

std::uint64_t PostgresGroup::add(const StoredEvent& event) {
  events_.leaf.push_back(static_cast<std::int64_t>(tree_.size()));
  events_.at.push_back(nanoseconds(event.at));
  events_.body.push_back(event.body);
  return leaf(evidence::LeafKind::kEvent, event.body);
}

std::vector<PgStatement> PostgresGroup::statements() const {
  using V = PgValue;
  const PgValue log = V::number(log_);
  std::vector<PgStatement> out;
  if (!leaves_.index.empty()) {
    out.push_back({"INSERT INTO leaves SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[])",
                   {log, V::numbers(leaves_.index), V::numbers(leaves_.kind), V::octets(views(leaves_.hash))}});
  }
  if (!nodes_.empty()) {
    Numbers level;
    Numbers index;
    std::vector<std::string> hash;
    for (const evidence::TreeNode& node : nodes_) {
      level.push_back(node.level);
      index.push_back(static_cast<std::int64_t>(node.index));
      hash.push_back(octets_of(node.hash));
    }
    out.push_back({"INSERT INTO nodes SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[])",
                   {log, V::numbers(level), V::numbers(index), V::octets(views(hash))}});
  }
  if (!records_.leaf.empty()) {
    out.push_back(
        {"INSERT INTO records SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], "
         "$6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[])",
         {log, V::numbers(records_.leaf), V::texts(records_.id), V::texts(records_.client), V::texts(records_.request),
          V::texts(records_.trace), V::texts(records_.identifier), V::texts(records_.verdict),
          V::numbers(records_.received), V::numbers(records_.decided), V::octets(records_.body),
          V::octets(records_.statement)}});
    out.push_back({"DELETE FROM plans WHERE log = $1 AND record_id = ANY($2::text[])", {log, V::texts(records_.id)}});
  }
  if (!attempts_.leaf.empty()) {
    out.push_back(
        {"INSERT INTO attempts SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], "
         "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[])",
         {log, V::numbers(attempts_.leaf), V::numbers(attempts_.n), V::texts(attempts_.attempt),
          V::texts(attempts_.perspective), V::texts(attempts_.role), V::texts(attempts_.rir), V::texts(attempts_.check),
          V::texts(attempts_.outcome), V::texts(attempts_.problem)}});
  }
  if (!addenda_.leaf.empty()) {
    out.push_back(
        {"INSERT INTO addenda SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], "
         "$6::bytea[])",
         {log, V::numbers(addenda_.leaf), V::texts(addenda_.record), V::texts(addenda_.perspective),
          V::numbers(addenda_.received), V::octets(addenda_.body)}});
  }
  if (!snapshots_.leaf.empty()) {
    out.push_back({"INSERT INTO snapshots SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::bytea[])",
                   {log, V::octets(views(snapshots_.hash)), V::numbers(snapshots_.leaf), V::octets(snapshots_.body)}});
  }
  if (!events_.leaf.empty()) {
    out.push_back({"INSERT INTO events SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[])",
                   {log, V::numbers(events_.leaf), V::numbers(events_.at), V::octets(events_.body)}});
  }
  if (!plans_.record.empty()) {
    out.push_back(
        {"INSERT INTO plans (log, record_id, body, dispatched_ns) SELECT $1, * FROM unnest($2::text[], "
         "$3::bytea[], $4::bigint[])",
         {log, V::texts(plans_.record), V::octets(plans_.body), V::numbers(plans_.dispatched)}});
  }
  return out;
}

}  // namespace mpic::coordinator
