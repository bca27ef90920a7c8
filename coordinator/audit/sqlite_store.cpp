#include "coordinator/audit/sqlite_store.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/async/mailbox.hpp"
#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"
#include "coordinator/audit/sqlite.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kSchema1 = R"sql(
CREATE TABLE log (log_origin TEXT NOT NULL);
CREATE TABLE records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  request_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  identifier TEXT NOT NULL,
  verdict TEXT NOT NULL,
  received_ns INTEGER NOT NULL,
  decided_ns INTEGER NOT NULL,
  body BLOB NOT NULL,
  statement BLOB NOT NULL,
  leaf_hash BLOB NOT NULL
);
CREATE INDEX records_by_identifier ON records (identifier, received_ns);
CREATE INDEX records_by_request ON records (client, request_id) WHERE request_id <> '';
CREATE TABLE attempts (
  record_id TEXT NOT NULL REFERENCES records (record_id),
  attempt_id TEXT NOT NULL,
  perspective TEXT NOT NULL,
  role TEXT NOT NULL,
  rir TEXT NOT NULL,
  check_kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  problem TEXT NOT NULL
);
CREATE INDEX attempts_by_record ON attempts (record_id);
CREATE TABLE plans (record_id TEXT NOT NULL, body BLOB NOT NULL, dispatched_ns INTEGER NOT NULL);
CREATE INDEX plans_by_record ON plans (record_id);
CREATE TABLE snapshots (hash TEXT PRIMARY KEY, body BLOB NOT NULL);
)sql";

std::int64_t nanoseconds(TimePoint when) { return when.time_since_epoch().count(); }
TimePoint moment(std::int64_t nanoseconds) { return TimePoint(std::chrono::nanoseconds(nanoseconds)); }

Expected<void> migrate(sqlite3* database, const std::string& log_origin) {
  Statement version(database, "PRAGMA user_version");
  if (version.step() != SQLITE_ROW) return sqlite_problem(database, "reading the schema version");
  const std::int64_t found = version.number(0);
  if (found > kSchemaVersion) {
    return fail(ProblemCode::kInternal, "record store",
                fmt::format("its schema is version {}, this program knows up to {}: use the newer program", found,
                            kSchemaVersion));
  }
  if (found == kSchemaVersion) return {};
  if (const auto made = execute(database, kSchema1); !made) return made;
  if (const auto named = Statement(database, "INSERT INTO log VALUES (?)").text(log_origin).run("naming the log"); !named) {
    return named;
  }
  return execute(database, fmt::format("PRAGMA user_version = {}", kSchemaVersion).c_str());
}

Expected<void> check_origin(sqlite3* database, const std::string& log_origin) {
  Statement origin(database, "SELECT log_origin FROM log");
  if (origin.step() != SQLITE_ROW) return sqlite_problem(database, "reading the log origin");
  if (origin.column(0) == log_origin) return {};
  return fail(ProblemCode::kInternal, "record store",
              fmt::format("it belongs to the log \"{}\", not to \"{}\"", printable(origin.column(0)), log_origin));
}

Expected<void> insert(sqlite3* database, const StoredRecord& record) {
  const Digest leaf = evidence::leaf_hash(record.body);
  const std::string leaf_octets(leaf.begin(), leaf.end());
  Statement row(database,
                "INSERT INTO records (record_id, client, request_id, trace_id, identifier, verdict, received_ns, "
                "decided_ns, body, statement, leaf_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)");
  row.text(record.record_id).text(record.client).text(record.request_id).text(record.trace_id);
  row.text(record.identifier).text(record.verdict).integer(nanoseconds(record.received));
  row.integer(nanoseconds(record.decided)).blob(record.body).blob(record.statement).blob(leaf_octets);
  if (const auto written = row.run("writing a record"); !written) return written;
  for (const AttemptRow& attempt : record.rows) {
    Statement child(database, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?)");
    child.text(record.record_id).text(attempt.attempt_id).text(attempt.perspective).text(attempt.role);
    child.text(attempt.rir).text(attempt.check).text(attempt.outcome).text(attempt.problem);
    if (const auto written = child.run("writing an attempt"); !written) return written;
  }
  return Statement(database, "DELETE FROM plans WHERE record_id = ?").text(record.record_id).run("closing a plan");
}

Expected<void> insert(sqlite3* database, const StoredPlan& plan) {
  Statement row(database, "INSERT INTO plans VALUES (?,?,?)");
  return row.text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched)).run("writing a plan");
}

}  // namespace

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file, const std::string& log_origin) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const bool opened = sqlite3_open_v2(file.c_str(), &database, flags, nullptr) == SQLITE_OK;
  std::unique_ptr<SqliteStore> store(new SqliteStore(database));
  const auto in_file = [&](const Problem& problem) {
    return fail(problem.code, file.string(), fmt::format("{}: {}", file.string(), problem.detail));
  };
  if (!opened) return in_file(sqlite_problem(database, "opening").value());
  sqlite3_busy_timeout(database, 5'000);
  for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"}) {
    if (const auto set = execute(database, sql); !set) return in_file(set.error());
  }
  const auto ready = store->transaction([&] { return migrate(database, log_origin); });
  if (!ready) return in_file(ready.error());
  if (const auto ours = check_origin(database, log_origin); !ours) return in_file(ours.error());
  return store;
}

SqliteStore::SqliteStore(sqlite3* database) : database_(database), writer_([this] { run(); }) {}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
  sqlite3_close(database_);
}

bool SqliteStore::enqueue(Write write) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueuedWrites) return false;
    queue_.push_back(std::move(write));
  }
  changed_.notify_one();
  return true;
}

void SqliteStore::plan(StoredPlan plan) {
  // A plan that finds no place is no harm by itself: the record behind it will be refused as well.
  if (!enqueue(std::move(plan))) spdlog::warn("record store: the queue is full, a plan was not written");
}

asio::awaitable<Expected<void>> SqliteStore::append(StoredRecord record) {
  const auto executor = co_await asio::this_coro::executor;
  const auto written = std::make_shared<Mailbox<Expected<void>>>(executor);
  Append append{std::move(record), [written, executor](Expected<void> result) {
                  asio::post(executor, [written, result = std::move(result)] { written->push(result); });
                }};
  Write write(std::move(append));
  if (!enqueue(std::move(write))) {
    co_return fail(ProblemCode::kOverloaded, "record store", "too many records wait to be written");
  }
  co_return co_await written->pop();
}

void SqliteStore::run() {
  std::vector<Write> group;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group.swap(queue_);
    }
    write_group(group);
    group.clear();
  }
}

Expected<void> SqliteStore::transaction(const std::function<Expected<void>()>& body) {
  const std::lock_guard lock(database_mutex_);
  if (const auto begun = execute(database_, "BEGIN IMMEDIATE"); !begun) return begun;
  auto done = body();
  if (done) done = execute(database_, "COMMIT");
  if (!done) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

void SqliteStore::write_group(std::vector<Write>& group) {
  const auto write_one = [this](const Write& write) {
    return std::visit(
        [this](const auto& item) -> Expected<void> {
          if constexpr (std::is_same_v<std::decay_t<decltype(item)>, Append>) {
            return insert(database_, item.record);
          } else {
            return insert(database_, item);
          }
        },
        write);
  };
  const auto finish = [this](Write& write, const Expected<void>& result) {
    if (!result) spdlog::error("record store: {}", result.error().detail);
    {
      const std::lock_guard lock(mutex_);
      healthy_ = result.has_value();
    }
    if (auto* append = std::get_if<Append>(&write)) append->done(result);
  };
  const auto all = transaction([&]() -> Expected<void> {
    for (const Write& write : group) {
      if (const auto written = write_one(write); !written) return written;
    }
    return {};
  });
  if (all || group.size() == 1) {
    for (Write& write : group) finish(write, all);
    return;
  }
  // One bad record must not take its neighbours with it.
  for (Write& write : group) finish(write, transaction([&] { return write_one(write); }));
}

Expected<std::optional<StoredRecord>> SqliteStore::find(const std::string& record_id) {
  const std::lock_guard lock(database_mutex_);
  Statement row(database_,
                "SELECT client, request_id, trace_id, identifier, verdict, received_ns, decided_ns, body, statement "
                "FROM records WHERE record_id = ?");
  const int found = row.text(record_id).step();
  if (found == SQLITE_DONE) return std::nullopt;
  if (found != SQLITE_ROW) return sqlite_problem(database_, "reading a record");
  StoredRecord record;
  record.record_id = record_id;
  record.client = row.column(0);
  record.request_id = row.column(1);
  record.trace_id = row.column(2);
  record.identifier = row.column(3);
  record.verdict = row.column(4);
  record.received = moment(row.number(5));
  record.decided = moment(row.number(6));
  record.body = row.column(7);
  record.statement = row.column(8);
  Statement rows(database_,
                 "SELECT attempt_id, perspective, role, rir, check_kind, outcome, problem FROM attempts "
                 "WHERE record_id = ? ORDER BY rowid");
  rows.text(record_id);
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step()) {
    record.rows.push_back({rows.column(0), rows.column(1), rows.column(2), rows.column(3), rows.column(4),
                           rows.column(5), rows.column(6)});
  }
  if (step != SQLITE_DONE) return sqlite_problem(database_, "reading attempts");
  return record;
}

Expected<std::vector<StoredPlan>> SqliteStore::open_plans() {
  const std::lock_guard lock(database_mutex_);
  Statement rows(database_, "SELECT record_id, body, dispatched_ns FROM plans ORDER BY rowid");
  std::vector<StoredPlan> plans;
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step()) plans.emplace_back(rows.column(0), rows.column(1), moment(rows.number(2)));
  if (step != SQLITE_DONE) return sqlite_problem(database_, "reading plans");
  return plans;
}

Expected<void> SqliteStore::keep_snapshot(const Digest& hash, const std::string& body) {
  return transaction([&] {
    const std::string id = hex(hash);
    return Statement(database_, "INSERT OR IGNORE INTO snapshots VALUES (?,?)").text(id).blob(body).run("writing a snapshot");
  });
}

bool SqliteStore::healthy() const {
  const std::lock_guard lock(mutex_);
  return healthy_;
}

}  // namespace mpic::coordinator
