#include "coordinator/audit/sqlite_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <unordered_set>

#include "common/async/linger.hpp"
#include "common/async/mailbox.hpp"
#include "common/domain/hex.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "coordinator/audit/sqlite_inserts.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kMaxKeptPlans = 1'000;  // then a commit is synced although nobody waits for it
constexpr std::size_t kFullGroup = 256;
// As large as an ordinary record, so that a disk with room for nothing else does not pass for one that has.
constexpr int kProbeOctets = 16 * 1024;

TimePoint moment(std::int64_t nanoseconds) { return TimePoint(std::chrono::nanoseconds(nanoseconds)); }

// How long the next group may gather: the larger the last one was, the more will come.
std::chrono::microseconds linger_after(std::size_t last_group) {
  constexpr std::size_t kFew = 4;
  constexpr std::chrono::microseconds kEach{30};
  if (last_group < kFew) return std::chrono::microseconds{0};
  return std::min(Linger::kLongest, kEach * static_cast<std::chrono::microseconds::rep>(last_group));
}

// Whether the file can be written is told by failures of the store, not by what was to be written.
bool is_store_at_fault(const Expected<void>& result) {
  return !result && result.error().code == ProblemCode::kInternal;
}

}  // namespace

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file,
                                                         const std::string& log_origin, SqliteOptions options) {
  auto opened = std::make_unique<SqliteFile>(file, log_origin, options.vfs, options.patience, options.checkpoint_pages);
  if (const auto ready = opened->open(); !ready) {
    const Problem& problem = ready.error();
    return fail(problem.code, file.string(), fmt::format("{}: {}", file.string(), problem.detail));
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(opened), std::move(options)));
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteFile> file, SqliteOptions options)
    : options_(std::move(options)),
      file_(std::move(file)),
      inserts_(std::make_unique<SqliteInserts>(file_->writer())),
      writer_([this] { run(); }) {}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
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

bool SqliteStore::plan(StoredPlan plan) {
  Write write;
  write.item = std::move(plan);
  return enqueue(std::move(write));
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
        changed_.wait_for(lock, options_.probe_pause, something);
      }
      if (queue_.empty() && stopping_) return;
      // Under load a commit waits a little for more to go with it: each writes and syncs the same pages again.
      if (!stopping_ && !queue_.empty()) {
        changed_.wait_for(lock, linger, [this] { return stopping_ || queue_.size() >= kFullGroup; });
      }
      group.swap(queue_);
    }
    if (!healthy()) set_health(repair());
    if (healthy()) {
      write_group(group);
    } else {
      refuse(group, Problem(ProblemCode::kInternal, "record store", "it cannot be written at present"));
    }
  }
}

void SqliteStore::set_health(const Expected<void>& result) {
  const bool healthy = !is_store_at_fault(result);
  {
    const std::lock_guard lock(mutex_);
    fault_ = healthy ? std::string() : result.error().detail;
    if (std::exchange(healthy_, healthy) == healthy) return;
  }
  options_.on_health(healthy, healthy ? std::string() : result.error().detail);
}

// Nothing is begun while the store cannot be written, so nothing else would show that it can be again.
Expected<void> SqliteStore::repair() {
  if (file_->is_open()) {
    if (const auto written = try_to_write(); !written) return written;
  }
  inserts_.reset();
  if (const auto reopened = file_->reopen(); !reopened) return reopened;
  inserts_ = std::make_unique<SqliteInserts>(file_->writer());
  return write_kept_plans();
}

// It also overwrites what a refused commit may have left at the end of SQLite's write-ahead log.
Expected<void> SqliteStore::try_to_write() {
  if (const auto synced = file_->sync_commits(true); !synced) return synced;
  return file_->transaction([this] {
    Statement probe(file_->writer(), "REPLACE INTO probe VALUES (1, zeroblob(?))");
    return probe.integer(kProbeOctets).run("trying to write");
  });
}

Expected<void> SqliteStore::write_kept_plans() {
  const auto written = file_->transaction([this]() -> Expected<void> {
    for (const StoredPlan& plan : kept_plans_) {
      if (const auto again = inserts_->again(plan); !again) return again;
    }
    return {};
  });
  if (written) kept_plans_.clear();
  return written;
}

void SqliteStore::keep_plan(Write& write) {
  auto* plan = std::get_if<StoredPlan>(&write.item);
  if (plan == nullptr) return;
  if (kept_plans_.size() < kMaxQueuedWrites) {
    kept_plans_.push_back(std::move(*plan));
  } else {
    spdlog::error("record store: too many plans wait to be written; that of {} is lost", plan->record_id);
  }
}

void SqliteStore::refuse(std::vector<Write>& group, const Problem& why) {
  for (Write& write : group) {
    keep_plan(write);
    if (write.done) write.done(Unexpected(why));
  }
}

void SqliteStore::write_group(std::vector<Write>& group) {
  const auto is_awaited = [](const Write& write) { return static_cast<bool>(write.done); };
  // What nobody waits for needs no sync: written, it outlives this process, and the next record's commit syncs it too.
  const bool synced = std::any_of(group.begin(), group.end(), is_awaited) || kept_plans_.size() >= kMaxKeptPlans;
  auto all = file_->sync_commits(synced);
  if (all) all = write_together(group);
  if (is_store_at_fault(all)) {
    set_health(all);
    return refuse(group, all.error());
  }
  if (!all) return write_each(group);
  if (synced) kept_plans_.clear();
  for (Write& write : group) {
    if (!synced) keep_plan(write);
    if (write.done) write.done(all);
  }
  set_health(file_->checkpoint_if_due());
}

Expected<void> SqliteStore::write_together(const std::vector<Write>& group) {
  std::unordered_set<std::string_view> recorded;
  for (const Write& write : group) {
    if (const auto* record = std::get_if<StoredRecord>(&write.item)) recorded.insert(record->record_id);
  }
  return file_->transaction([&]() -> Expected<void> {
    for (const Write& write : group) {
      const auto* plan = std::get_if<StoredPlan>(&write.item);
      if (plan != nullptr && recorded.contains(plan->record_id)) continue;  // its record, which closes it, is here too
      if (const auto written = std::visit(*inserts_, write.item); !written) return written;
    }
    return {};
  });
}

// One bad record must not take its neighbours with it.
void SqliteStore::write_each(std::vector<Write>& group) {
  Expected<void> last;
  for (Write& write : group) {
    if (!is_store_at_fault(last)) {  // else nothing more may be written before it is repaired
      last = file_->transaction([&] { return std::visit(*inserts_, write.item); });
      if (!last) spdlog::error("record store: {}", last.error().detail);
      set_health(last);
    }
    if (is_store_at_fault(last)) keep_plan(write);
    if (write.done) write.done(last);
  }
}

Expected<std::optional<StoredRecord>> SqliteStore::find_where(sqlite3* database, const char* condition,
                                                              const std::vector<std::string>& values) {
  const std::string sql = fmt::format(
      "SELECT record_id, client, request_id, trace_id, identifier, verdict, received_ns, decided_ns, body, statement "
      "FROM records WHERE {}",
      condition);
  Statement row(database, sql.c_str());
  for (const std::string& value : values) row.text(value);
  const int found = row.step();
  if (found == SQLITE_DONE) return std::nullopt;
  if (found != SQLITE_ROW) return sqlite_problem(database, "reading a record");
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

Expected<std::optional<StoredRecord>> SqliteStore::find_request(const std::string& client,
                                                                const std::string& request_id) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return find_where(reader->database, "client = ? AND request_id = ? AND request_id <> ''", {client, request_id});
}

Expected<std::optional<StoredRecord>> SqliteStore::find(const std::string& record_id) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  auto found = find_where(reader->database, "record_id = ?", {record_id});
  if (!found || !*found) return found;
  StoredRecord& record = **found;
  Statement rows(reader->database,
                 "SELECT attempt_id, perspective, role, rir, check_kind, outcome, problem FROM attempts "
                 "WHERE record_id = ? ORDER BY rowid");
  rows.text(record_id);
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step()) {
    record.rows.push_back({rows.column(0), rows.column(1), rows.column(2), rows.column(3), rows.column(4),
                           rows.column(5), rows.column(6)});
  }
  if (step != SQLITE_DONE) return sqlite_problem(reader->database, "reading attempts");
  Statement addenda(reader->database,
                    "SELECT perspective, body, received_ns FROM addenda WHERE record_id = ? ORDER BY seq");
  addenda.text(record_id);
  for (step = addenda.step(); step == SQLITE_ROW; step = addenda.step()) {
    record.addenda.emplace_back(record_id, addenda.column(0), addenda.column(1), moment(addenda.number(2)));
  }
  if (step != SQLITE_DONE) return sqlite_problem(reader->database, "reading addenda");
  return found;
}

Expected<std::vector<StoredPlan>> SqliteStore::open_plans() {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  Statement rows(reader->database, "SELECT record_id, body, dispatched_ns FROM plans ORDER BY rowid");
  std::vector<StoredPlan> plans;
  int step = rows.step();
  for (; step == SQLITE_ROW; step = rows.step())
    plans.emplace_back(rows.column(0), rows.column(1), moment(rows.number(2)));
  if (step != SQLITE_DONE) return sqlite_problem(reader->database, "reading plans");
  return plans;
}

Expected<void> SqliteStore::keep_snapshot(const Digest& hash, const std::string& body) {
  std::promise<Expected<void>> kept;
  Write write;
  write.item = StoredSnapshot{hex(hash), body};
  write.done = [&kept](Expected<void> result) { kept.set_value(std::move(result)); };
  if (!enqueue(std::move(write)))
    return fail(ProblemCode::kOverloaded, "record store", "too many records wait to be written");
  return kept.get_future().get();
}

bool SqliteStore::healthy() const {
  const std::lock_guard lock(mutex_);
  return healthy_;
}

std::string SqliteStore::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

}  // namespace mpic::coordinator
