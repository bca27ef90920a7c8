#include "coordinator/audit/sqlite_inserts.hpp"

namespace mpic::coordinator {
namespace {

std::int64_t nanoseconds(TimePoint when) { return when.time_since_epoch().count(); }

}  // namespace

SqliteInserts::SqliteInserts(sqlite3* database)
    : database_(database),
      leaf_(database, "INSERT INTO leaves VALUES (?,?,?)"),
      node_(database, "INSERT INTO nodes VALUES (?,?,?)"),
      record_(database,
              "INSERT INTO records (leaf, record_id, client, request_id, trace_id, identifier, verdict, received_ns, "
              "decided_ns, body, statement) VALUES (?,?,?,?,?,?,?,?,?,?,?)"),
      attempt_(database, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?,?)"),
      close_plan_(database, "DELETE FROM plans WHERE record_id = ?"),
      plan_(database, "INSERT INTO plans VALUES (?,?,?)"),
      plan_again_(database,
                  "INSERT INTO plans SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM records WHERE record_id = ?1) "
                  "AND NOT EXISTS (SELECT 1 FROM plans WHERE record_id = ?1 AND body = ?2)"),
      snapshot_(database, "INSERT OR IGNORE INTO snapshots VALUES (?,?,?)"),
      addendum_(database, "INSERT INTO addenda VALUES (?,?,?,?,?)"),
      event_(database, "INSERT INTO events VALUES (?,?,?)"),
      checkpoint_(database, "REPLACE INTO checkpoints VALUES (?,?,?)") {}

Expected<std::uint64_t> SqliteInserts::write(const WriteItem& item_to_write, evidence::GrowingTree& tree) {
  return std::visit([&](const auto& one) { return item(one, tree); }, item_to_write);
}

Expected<std::uint64_t> SqliteInserts::leaf(evidence::LeafKind kind, const Digest& body_sha256,
                                            evidence::GrowingTree& tree) {
  const std::uint64_t index = tree.size();
  leaf_.start().index(index).integer(static_cast<int>(kind)).blob(body_sha256);
  if (const auto written = leaf_.run("writing a leaf"); !written) return Unexpected(written.error());
  completed_.clear();
  tree.append(evidence::log_leaf_hash(kind, body_sha256), completed_);
  for (const evidence::TreeNode& node : completed_) {
    node_.start().integer(node.level).index(node.index).blob(node.hash);
    if (const auto written = node_.run("writing the tree"); !written) return Unexpected(written.error());
  }
  return index;
}

Expected<std::uint64_t> SqliteInserts::item(const StoredRecord& record, evidence::GrowingTree& tree) {
  record_.start().index(tree.size()).text(record.record_id).text(record.client).text(record.request_id);
  record_.text(record.trace_id).text(record.identifier).text(record.verdict).integer(nanoseconds(record.received));
  record_.integer(nanoseconds(record.decided)).blob(record.body).blob(record.statement);
  if (const auto written = record_.run("writing a record"); !written) return Unexpected(written.error());
  std::uint64_t number = 0;
  for (const AttemptRow& row : record.rows) {
    attempt_.start().index(tree.size()).index(number++).text(row.attempt_id).text(row.perspective).text(row.role);
    attempt_.text(row.rir).text(row.check).text(row.outcome).text(row.problem);
    if (const auto written = attempt_.run("writing an attempt"); !written) return Unexpected(written.error());
  }
  const auto closed = close_plan_.start().text(record.record_id).run("closing a plan");
  if (!closed) return Unexpected(closed.error());
  return leaf(evidence::LeafKind::kRecord, evidence::sha256(record.body), tree);
}

Expected<std::uint64_t> SqliteInserts::item(const StoredPlan& plan, evidence::GrowingTree&) {
  plan_.start().text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched));
  if (const auto written = plan_.run("writing a plan"); !written) return Unexpected(written.error());
  return std::uint64_t{0};
}

Expected<void> SqliteInserts::again(const StoredPlan& plan) {
  plan_again_.start().text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched));
  return plan_again_.run("writing a plan");
}

Expected<std::uint64_t> SqliteInserts::item(const StoredSnapshot& snapshot, evidence::GrowingTree& tree) {
  snapshot_.start().blob(snapshot.hash).index(tree.size()).blob(snapshot.body);
  if (const auto written = snapshot_.run("writing a snapshot"); !written) return Unexpected(written.error());
  if (sqlite3_changes(database_) == 0) return std::uint64_t{0};
  return leaf(evidence::LeafKind::kSnapshot, evidence::sha256(snapshot.body), tree);
}

Expected<std::uint64_t> SqliteInserts::item(const StoredAddendum& addendum, evidence::GrowingTree& tree) {
  addendum_.start().index(tree.size()).text(addendum.record_id).text(addendum.perspective);
  addendum_.integer(nanoseconds(addendum.received)).blob(addendum.body);
  if (const auto written = addendum_.run("writing an addendum"); !written) return Unexpected(written.error());
  return leaf(evidence::LeafKind::kAddendum, evidence::sha256(addendum.body), tree);
}

Expected<std::uint64_t> SqliteInserts::item(const StoredEvent& event, evidence::GrowingTree& tree) {
  event_.start().index(tree.size()).integer(nanoseconds(event.at)).blob(event.body);
  if (const auto written = event_.run("writing an event"); !written) return Unexpected(written.error());
  return leaf(evidence::LeafKind::kEvent, evidence::sha256(event.body), tree);
}

Expected<void> SqliteInserts::write(const StoredCheckpoint& checkpoint) {
  checkpoint_.start().index(checkpoint.size).integer(nanoseconds(checkpoint.signed_at)).text(checkpoint.note);
  return checkpoint_.run("writing a checkpoint");
}

}  // namespace mpic::coordinator
