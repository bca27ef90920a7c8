#include "coordinator/audit/sqlite_store.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <unordered_set>

#include "common/async/linger.hpp"
#include "common/async/mailbox.hpp"
#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"
#include "coordinator/audit/sqlite.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kProbePause{500};
constexpr std::size_t kFullGroup = 256;
// As large as an ordinary record, so that a disk with room for nothing else does not pass for one that has.
constexpr int kProbeOctets = 16 * 1024;

std::int64_t nanoseconds(TimePoint when) { return when.time_since_epoch().count(); }
TimePoint moment(std::int64_t nanoseconds) { return TimePoint(std::chrono::nanoseconds(nanoseconds)); }

std::string leaf_octets(const std::string& leaf) {
  const Digest hash = evidence::leaf_hash(leaf);
  return {hash.begin(), hash.end()};
}

// How long the next group may gather: the larger the last one was, the more will come.
std::chrono::microseconds linger_after(std::size_t last_group) {
  constexpr std::size_t kFew = 4;
  constexpr std::chrono::microseconds kEach{30};
  if (last_group < kFew) return std::chrono::microseconds{0};
  return std::min(Linger::kLongest, kEach * static_cast<std::chrono::microseconds::rep>(last_group));
}

// Whether the file can be written is told by failures of the store, not by what was to be written.
bool is_store_at_fault(const Expected<void>& result) { return !result && result.error().code == ProblemCode::kInternal; }

}  // namespace

// The statements of the writer, prepared once.
class SqliteStore::Inserts {
 public:
  explicit Inserts(sqlite3* database)
      : record_(database,
                "INSERT INTO records (record_id, client, request_id, trace_id, identifier, verdict, received_ns, "
                "decided_ns, body, statement, leaf_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)"),
        attempt_(database, "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?)"),
        close_plan_(database, "DELETE FROM plans WHERE record_id = ?"),
        plan_(database, "INSERT INTO plans VALUES (?,?,?)"),
        addendum_(database,
                  "INSERT INTO addenda (record_id, perspective, received_ns, body, leaf_hash) VALUES (?,?,?,?,?)") {}

  Expected<void> operator()(const StoredRecord& record) {
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

  Expected<void> operator()(const StoredPlan& plan) {
    return plan_.start().text(plan.record_id).blob(plan.body).integer(nanoseconds(plan.dispatched)).run("writing a plan");
  }

  Expected<void> operator()(const StoredAddendum& addendum) {
    const std::string leaf = leaf_octets(addendum.body);
    addendum_.start().text(addendum.record_id).text(addendum.perspective).integer(nanoseconds(addendum.received));
    return addendum_.blob(addendum.body).blob(leaf).run("writing an addendum");
  }

 private:
  Statement record_;
  Statement attempt_;
  Statement close_plan_;
  Statement plan_;
  Statement addendum_;
};

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file, const std::string& log_origin,
                                                         SqliteOptions options) {
  const char* vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
  const auto in_file = [&](const Problem& problem) {
    return fail(problem.code, file.string(), fmt::format("{}: {}", file.string(), problem.detail));
  };
  sqlite3* database = nullptr;
  sqlite3* reader = nullptr;
  Expected<void> ready;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(file.c_str(), &database, flags, vfs) != SQLITE_OK) ready = sqlite_problem(database, "opening");
  if (ready) ready = prepare_database(database, log_origin);
  if (ready && sqlite3_open_v2(file.c_str(), &reader, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, vfs) != SQLITE_OK) {
    ready = sqlite_problem(reader, "opening for reading");
  }
  if (!ready) {
    sqlite3_close(reader);
    sqlite3_close(database);
    return in_file(ready.error());
  }
  sqlite3_busy_timeout(reader, 5'000);
  return std::unique_ptr<SqliteStore>(new SqliteStore(database, reader, std::move(options)));
}

SqliteStore::SqliteStore(sqlite3* database, sqlite3* reader, SqliteOptions options)
    : database_(database),
      reader_(reader),
      options_(std::move(options)),
      inserts_(std::make_unique<Inserts>(database)),
      writer_([this] { run(); }) {}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
  inserts_.reset();
  sqlite3_close(reader_);
  sqlite3_close(database_);
}

bool SqliteStore::enqueue(Write write) {
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueuedWrites) return false;
    queue_.push_back(std::move(write));
    is_awaited = queue_.size() == 1 || queue_.size() == kFullGroup;
  }
  if (is_awaited) changed_.notify_one();
  return true;
}

void SqliteStore::plan(StoredPlan plan) {
  Write write;
  write.item = std::move(plan);
  // A plan that finds no place is no harm by itself: the record behind it will be refused as well.
  if (!enqueue(std::move(write))) spdlog::warn("record store: the queue is full, a plan was not written");
}

asio::awaitable<Expected<void>> SqliteStore::append(StoredRecord record) {
  Write write;
  write.item = std::move(record);
  co_return co_await write_and_wait(std::move(write));
}

asio::awaitable<Expected<void>> SqliteStore::append_addendum(StoredAddendum addendum) {
  Write write;
  write.item = std::move(addendum);
  co_return co_await write_and_wait(std::move(write));
}

asio::awaitable<Expected<void>> SqliteStore::write_and_wait(Write write) {
  const auto executor = co_await asio::this_coro::executor;
  const auto written = std::make_shared<Mailbox<Expected<void>>>(executor);
  write.done = [written, executor](Expected<void> result) {
    asio::post(executor, [written, result = std::move(result)] { written->push(result); });
  };
  if (!enqueue(std::move(write))) {
    co_return fail(ProblemCode::kOverloaded, "record store", "too many records wait to be written");
  }
  co_return co_await written->pop();
}

void SqliteStore::run() {
  std::vector<Write> group;
  for (;;) {
    const auto linger = linger_after(group.size());
    group.clear();
    {
      std::unique_lock lock(mutex_);
      const auto something = [this] { return stopping_ || !queue_.empty(); };
      if (healthy_) {
        changed_.wait(lock, something);
      } else {
        changed_.wait_for(lock, kProbePause, something);
      }
      if (queue_.empty() && stopping_) return;
      // Under load a commit waits a little for more to go with it: each writes and syncs the same pages again.
      if (!stopping_ && !queue_.empty()) {
        changed_.wait_for(lock, linger, [this] { return stopping_ || queue_.size() >= kFullGroup; });
      }
      group.swap(queue_);
    }
    if (group.empty()) {
      probe();
      continue;
    }
    write_group(group);
  }
}

// Nothing is begun while the store cannot be written, so nothing would show that it can be again.
void SqliteStore::probe() {
  auto written = sync_commits(true);
  if (written) {
    written = transaction([this] {
      return Statement(database_, "REPLACE INTO probe VALUES (1, zeroblob(?))").integer(kProbeOctets).run("trying to write");
    });
  }
  set_health(written);
}

void SqliteStore::set_health(const Expected<void>& result) {
  const bool healthy = !is_store_at_fault(result);
  {
    const std::lock_guard lock(mutex_);
    if (healthy_ == healthy) return;
    healthy_ = healthy;
  }
  options_.on_health(healthy, healthy ? std::string() : result.error().detail);
}

Expected<void> SqliteStore::transaction(const std::function<Expected<void>()>& body) {
  const std::lock_guard lock(database_mutex_);
  if (const auto begun = execute(database_, "BEGIN IMMEDIATE"); !begun) return begun;
  auto done = body();
  if (done) done = execute(database_, "COMMIT");
  if (!done) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

// What nobody waits for needs no sync: written, it outlives this process, and the next record's commit syncs it too.
Expected<void> SqliteStore::sync_commits(bool wanted) {
  if (wanted == commits_are_synced_) return {};
  const std::lock_guard lock(database_mutex_);
  auto switched = execute(database_, wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (switched) commits_are_synced_ = wanted;
  return switched;
}

void SqliteStore::write_group(std::vector<Write>& group) {
  std::unordered_set<std::string_view> recorded;
  bool is_awaited = false;
  for (const Write& write : group) {
    is_awaited = is_awaited || write.done;
    if (const auto* record = std::get_if<StoredRecord>(&write.item)) recorded.insert(record->record_id);
  }
  const auto write_one = [&](const Write& write) -> Expected<void> {
    const auto* plan = std::get_if<StoredPlan>(&write.item);
    if (plan != nullptr && recorded.contains(plan->record_id)) return {};  // its record, which closes it, is here too
    return std::visit(*inserts_, write.item);
  };
  const auto finish = [](Write& write, const Expected<void>& result) {
    if (!result) spdlog::error("record store: {}", result.error().detail);
    if (write.done) write.done(result);
  };
  auto all = sync_commits(is_awaited);
  if (all) {
    all = transaction([&]() -> Expected<void> {
      for (const Write& write : group) {
        if (const auto written = write_one(write); !written) return written;
      }
      return {};
    });
  }
  if (all || group.size() == 1 || is_store_at_fault(all)) {
    set_health(all);
    for (Write& write : group) finish(write, all);
    return;
  }
  // One bad record must not take its neighbours with it.
  recorded.clear();
  for (Write& write : group) {
    const auto alone = transaction([&] { return write_one(write); });
    set_health(alone);
    finish(write, alone);
  }
}

Expected<std::optional<StoredRecord>> SqliteStore::find_where(const char* condition, const std::vector<std::string>& values) {
  const std::string sql = fmt::format(
      "SELECT record_id, client, request_id, trace_id, identifier, verdict, received_ns, decided_ns, body, statement "
      "FROM records WHERE {}",
      condition);
  Statement row(reader_, sql.c_str());
  for (const std::string& value : values) row.text(value);
  const int found = row.step();
  if (found == SQLITE_DONE) return std::nullopt;
  if (found != SQLITE_ROW) return sqlite_problem(reader_, "reading a record");
  StoredRecord record;
  record.record_id = row.column(0);
  record.client = row.column(1);
  record.request_id = row.column(2);
  record.trace_id = row.column(3);
  record.identifier = row.column(4);
  record.verdict = row.column(5);
  record.received = moment(row.number(6));
  record.decided = moment(row.number(7));
  record.body = row.column(8);
  record.statement = row.column(9);
  return record;
}

Expected<std::optional<StoredRecord>> SqliteStore::find_request(const std::string& client, const std::string& request_id) {
  const std::lock_guard lock(reader_mutex_);
  return find_where("client = ? AND request_id = ? AND request_id <> ''", {client, request_id});
}

Expected<std::optional<StoredRecord>> SqliteStore::find(const std::string& record_id) {
  const std::lock_guard lock(reader_mutex_);
  auto found = find_where("record_id = ?", {record_id});
  if (!found || !*found) return found;
  StoredRecord& record = **found;
  Statement rows(reader_,
                 "SELECT attempt_id, perspective, role, rir, check_kind, outcome, problem FROM attempts "
                 "WHERE record_id = ? ORDER BY rowid");
  rows.text(record_id);
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step()) {
    record.rows.push_back({rows.column(0), rows.column(1), rows.column(2), rows.column(3), rows.column(4),
                           rows.column(5), rows.column(6)});
  }
  if (step != SQLITE_DONE) return sqlite_problem(reader_, "reading attempts");
  Statement addenda(reader_, "SELECT perspective, body, received_ns FROM addenda WHERE record_id = ? ORDER BY seq");
  addenda.text(record_id);
  for (step = addenda.step(); step == SQLITE_ROW; step = addenda.step()) {
    record.addenda.emplace_back(record_id, addenda.column(0), addenda.column(1), moment(addenda.number(2)));
  }
  if (step != SQLITE_DONE) return sqlite_problem(reader_, "reading addenda");
  return found;
}

Expected<std::vector<StoredPlan>> SqliteStore::open_plans() {
  const std::lock_guard lock(reader_mutex_);
  Statement rows(reader_, "SELECT record_id, body, dispatched_ns FROM plans ORDER BY rowid");
  std::vector<StoredPlan> plans;
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step()) plans.emplace_back(rows.column(0), rows.column(1), moment(rows.number(2)));
  if (step != SQLITE_DONE) return sqlite_problem(reader_, "reading plans");
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
