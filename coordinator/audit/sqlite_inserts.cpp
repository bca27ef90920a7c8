#include "coordinator/audit/sqlite_inserts.hpp"

#include "common/evidence/merkle.hpp"

namespace mpic::coordinator {
namespace {

std::int64_t nanoseconds(TimePoint when) { return when.time_since_epoch().count(); }

std::string leaf_octets(const std::string& leaf) {
  const Digest hash = evidence::leaf_hash(leaf);
  return {hash.begin(), hash.end()};
}

}  // namespace

SqliteInserts::SqliteInserts(sqlite3* database)
    : record_(database,
              "INSERT INTO records (record_id, client, request_id, trace_id, identifier, verdict, received_ns, "
              "decided_ns, body, statement, leaf_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)"),
      attempt_(database, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?)"),
      close_plan_(database, "DELETE FROM plans WHERE record_id = ?"),
      plan_(database, "INSERT INTO plans VALUES (?,?,?)"),
      plan_again_(database,
                  "INSERT INTO plans SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM records WHERE record_id = ?1) "
                  "AND NOT EXISTS (SELECT 1 FROM plans WHERE record_id = ?1 AND body = ?2)"),
      snapshot_(database, "INSERT OR IGNORE INTO snapshots VALUES (?,?)"),
      addendum_(database,
                "INSERT INTO addenda (record_id, perspective, received_ns, body, leaf_hash) VALUES (?,?,?,?,?)") {}

Expected<void> SqliteInserts::operator()(const StoredRecord& record) {
  const std::string leaf = leaf_octets(record.body);
  record_.start().text(record.record_id).text(record.client).text(record.request_id).text(record.trace_id);
  record_.text(record.identifier).text(record.verdict).integer(nanoseconds(record.received));
  record_.integer(nanoseconds(record.decided)).blob(record.body).blob(record.statement).blob(leaf);
  if (const auto written = record_.run("writing a record"); !written) return written;
  for (const AttemptRow& row : record.rows) {
    attempt_.start().text(record.record_id).text(row.attempt_id).text(row.perspective).text(row.role);
    attempt_.text(row.rir).text(row.check).text(row.outcome).text(row.problem);
    if (const auto written = attempt_.run("writing an attempt"); !written) return written;
  }
  return close_plan_.start().text(record.record_id).run("closing a plan");
}

Expected<void> SqliteInserts::operator()(const StoredPlan& plan) {
  return plan_.start().text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched)).run("writing a plan");
}

Expected<void> SqliteInserts::again(const StoredPlan& plan) {
  plan_again_.start().text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched));
  return plan_again_.run("writing a plan");
}

Expected<void> SqliteInserts::operator()(const StoredSnapshot& snapshot) {
  return snapshot_.start().text(snapshot.hash).blob(snapshot.body).run("writing a snapshot");
}

Expected<void> SqliteInserts::operator()(const StoredAddendum& addendum) {
  const std::string leaf = leaf_octets(addendum.body);
  addendum_.start().text(addendum.record_id).text(addendum.perspective).integer(nanoseconds(addendum.received));
  return addendum_.blob(addendum.body).blob(leaf).run("writing an addendum");
}

}  // namespace mpic::coordinator
