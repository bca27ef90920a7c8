#include "coordinator/audit/postgres_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "coordinator/audit/postgres_group.hpp"
#include "coordinator/audit/postgres_schema.hpp"
#include "coordinator/audit/tree_check.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kQuickReading{2'000};

Problem at(const std::string& connection, const Problem& problem) {
  const std::string target = pg_target(connection);
  if (problem.detail.rfind(target, 0) == 0) return problem;
  return {problem.code, target, fmt::format("{}: {}", target, problem.detail)};
}

// Waits for the disk and the standbys, so that whatever was there before has come there too.
Expected<void> write_something(PgConnection& connection, std::int64_t log) {
  return connection.transaction(
      {{"UPDATE logs SET pruned_below = pruned_below WHERE log = $1", {PgValue::number(log)}}}, true);
}

}  // namespace

Expected<void> PostgresBackend::open() {
  connection_.reset();
  auto connected = PgConnection::connect(target_, patience_);
  if (!connected) return Unexpected(connected.error());
  if (const auto prepared = pg_prepare(**connected); !prepared) return prepared;
  const auto log = pg_log(**connected, origin_);
  if (!log) return Unexpected(log.error());
  if (const auto locked = pg_lock_log(**connected, *log, origin_); !locked) return locked;
  if (const auto written = write_something(**connected, *log); !written) return written;
  PgLogRows rows(**connected, *log);
  const auto size = rows.size();
  if (!size) return Unexpected(size.error());
  const auto last = rows.last_checkpoint();
  if (!last) return Unexpected(last.error());
  auto tree = checked_tree(rows, *size, *last, head());
  if (!tree) return Unexpected(tree.error());
  connection_ = *std::move(connected);
  log_ = *log;
  tree_ = *std::move(tree);
  const std::lock_guard lock(mutex_);
  head_ = {tree_.size(), tree_.root()};
  return {};
}

TreeHead PostgresBackend::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

Expected<std::vector<std::uint64_t>> PostgresBackend::write(std::span<const Write* const> writes, bool durable) {
  PostgresGroup group(log_, tree_);
  PgLogRows rows(*connection_, log_);
  std::set<Digest> added;
  std::vector<std::uint64_t> indices;
  for (const Write* write : writes) {
    const auto* snapshot = std::get_if<StoredSnapshot>(&write->item);
    if (snapshot != nullptr) {
      const auto known = rows.snapshot(snapshot->hash);
      if (!known) return Unexpected(known.error());
      if (*known || !added.insert(snapshot->hash).second) {
        indices.push_back(0);
        continue;
      }
    }
    indices.push_back(std::visit([&](const auto& item) { return group.add(item); }, write->item));
  }
  const auto statements = group.statements();
  if (const auto written = connection_->transaction(statements, durable); !written) return Unexpected(written.error());
  tree_ = group.tree();
  if (durable) {
    const std::lock_guard lock(mutex_);
    head_ = {tree_.size(), tree_.root()};
  }
  return indices;
}

Expected<void> PostgresBackend::repair(std::span<const StoredPlan> kept) {
  if (const auto opened = open(); !opened) return opened;
  std::vector<PgStatement> statements;
  for (const StoredPlan& plan : kept) {
    statements.push_back(
        {"INSERT INTO plans (log, record_id, body, dispatched_ns) SELECT $1::integer, $2, $3, $4 WHERE NOT EXISTS "
         "(SELECT 1 "
         "FROM records WHERE log = $1::integer AND record_id = $2) AND NOT EXISTS (SELECT 1 FROM plans WHERE log = "
         "$1::integer AND record_id = $2 AND body = $3)",
         {PgValue::number(log_), PgValue::text(plan.record_id), PgValue::octets(plan.body),
          PgValue::number(plan.dispatched.time_since_epoch().count())}});
  }
  return connection_->transaction(statements, true);
}

Expected<void> PostgresBackend::keep_checkpoint(const StoredCheckpoint& checkpoint) {
  if (checkpoint.size > tree_.size()) {
    return fail(ProblemCode::kInvalidArgument, "record store",
                fmt::format("a checkpoint of size {} of a log of {} leaves", checkpoint.size, tree_.size()));
  }
  return connection_->transaction(
      {{"INSERT INTO checkpoints VALUES ($1, $2, $3, $4) ON CONFLICT (log, size) DO UPDATE SET signed_ns = "
        "excluded.signed_ns, note = excluded.note",
        {PgValue::number(log_), PgValue::number(static_cast<std::int64_t>(checkpoint.size)),
         PgValue::number(checkpoint.signed_at.time_since_epoch().count()), PgValue::text(checkpoint.note)}}},
      true);
}

Expected<std::size_t> PostgresBackend::prune(std::uint64_t minimum_index, std::size_t most) {
  const PgValue log = PgValue::number(log_);
  const auto next = connection_->run(
      "SELECT count(*), coalesce(min(idx), 0), coalesce(max(idx) + 1, 0) FROM (SELECT idx FROM leaves WHERE log = $1 "
      "AND idx "
      ">= (SELECT pruned_below FROM logs WHERE log = $1) AND idx < $2 AND kind IN (1, 2) ORDER BY idx LIMIT $3) l",
      {log, PgValue::number(static_cast<std::int64_t>(minimum_index)),
       PgValue::number(static_cast<std::int64_t>(most))});
  if (!next) return Unexpected(next.error());
  if (next->number(0, 0) == 0) return std::size_t{0};
  const PgValues range{log, PgValue::number(next->number(0, 1)), PgValue::number(next->number(0, 2))};
  const PgValues below{log, PgValue::number(next->number(0, 2))};
  const auto done = connection_->transaction(
      {{"UPDATE records SET body = '', statement = '' WHERE log = $1 AND leaf >= $2 AND leaf < $3", range},
       {"UPDATE addenda SET body = '' WHERE log = $1 AND leaf >= $2 AND leaf < $3", range},
       {"DELETE FROM attempts WHERE log = $1 AND leaf >= $2 AND leaf < $3", range},
       {"UPDATE logs SET pruned_below = $2 WHERE log = $1", below}},
      true);
  if (!done) return Unexpected(done.error());
  return static_cast<std::size_t>(next->number(0, 0));
}

Expected<std::unique_ptr<PostgresStore>> PostgresStore::open(const std::string& connection,
                                                             const std::string& log_origin, PostgresOptions options) {
  auto backend = std::make_unique<PostgresBackend>(connection, log_origin, options.patience);
  if (const auto opened = backend->open(); !opened) return Unexpected(at(connection, opened.error()));
  return std::unique_ptr<PostgresStore>(new PostgresStore(connection, std::move(backend), options));
}

PostgresStore::PostgresStore(std::string connection, std::unique_ptr<PostgresBackend> backend,
                             const PostgresOptions& options)
    : connection_(std::move(connection)),
      backend_(std::move(backend)),
      reader_(*this, options.patience),
      quick_reader_(*this, std::min(options.patience, kQuickReading)),
      writer_(*backend_, options.writer) {}

template <class Read>
auto PostgresStore::Reader::read(const Read& how) -> decltype(how(std::declval<PgLogRows&>())) {
  const std::lock_guard lock(mutex_);
  if (!store_.healthy()) {
    return fail(ProblemCode::kInternal, "record store", "the database cannot be reached at present");
  }
  const auto began = std::chrono::steady_clock::now();
  // The server ends what takes longer than it should, and says so, while it answers.
  const auto doubt_if_silent = [&](const Problem& problem) {
    if (std::chrono::steady_clock::now() - began >= patience_ + kServersSay) store_.writer_.doubt(problem);
  };
  if (!connection_ || !connection_->is_open()) {
    connection_.reset();
    auto connected = PgConnection::connect(store_.connection_, patience_);
    if (!connected) {
      doubt_if_silent(connected.error());
      return Unexpected(connected.error());
    }
    connection_ = *std::move(connected);
  }
  PgLogRows rows(*connection_, store_.backend_->log());
  auto out = how(rows);
  if (!out && !connection_->is_open()) {
    connection_.reset();
    doubt_if_silent(out.error());
  }
  return out;
}

bool PostgresStore::plan(StoredPlan plan) { return writer_.plan(std::move(plan)); }

asio::awaitable<Expected<std::uint64_t>> PostgresStore::append(StoredRecord record) {
  return writer_.append(std::move(record));
}

asio::awaitable<Expected<std::uint64_t>> PostgresStore::append_addendum(StoredAddendum addendum) {
  return writer_.append(std::move(addendum));
}

Expected<void> PostgresStore::keep_snapshot(const Digest& hash, const std::string& body) {
  const auto kept = writer_.append_and_wait(StoredSnapshot{hash, body});
  if (!kept) return Unexpected(kept.error());
  return {};
}

Expected<std::uint64_t> PostgresStore::append_event(StoredEvent event) {
  return writer_.append_and_wait(std::move(event));
}

Expected<void> PostgresStore::keep_checkpoint(StoredCheckpoint checkpoint) {
  const auto kept = writer_.between_groups([&]() -> Expected<std::uint64_t> {
    if (const auto written = backend_->keep_checkpoint(checkpoint); !written) return Unexpected(written.error());
    return std::uint64_t{0};
  });
  if (!kept) return Unexpected(kept.error());
  return {};
}

Expected<std::size_t> PostgresStore::prune(std::uint64_t minimum_index, std::size_t most) {
  return writer_.between_groups([&]() -> Expected<std::uint64_t> { return backend_->prune(minimum_index, most); });
}

Expected<std::optional<StoredRecord>> PostgresStore::find(const std::string& record_id) {
  return reader_.read([&](PgLogRows& rows) { return rows.record(record_id); });
}

Expected<std::optional<StoredRecord>> PostgresStore::find_request(const std::string& client,
                                                                  const std::string& request_id) {
  return quick_reader_.read([&](PgLogRows& rows) { return rows.request(client, request_id); });
}

Expected<std::vector<StoredPlan>> PostgresStore::open_plans() {
  return reader_.read([](PgLogRows& rows) { return rows.plans(); });
}

Expected<std::optional<std::string>> PostgresStore::find_snapshot(const Digest& hash) {
  return reader_.read([&](PgLogRows& rows) { return rows.snapshot(hash); });
}

Expected<std::vector<StoredEvent>> PostgresStore::last_events(std::size_t most) {
  return reader_.read([&](PgLogRows& rows) { return rows.last_events(most); });
}

Expected<std::vector<Digest>> PostgresStore::hashes(unsigned level, std::uint64_t first, std::size_t count) {
  return reader_.read([&](PgLogRows& rows) { return rows.hashes(level, first, count); });
}

Expected<std::optional<StoredCheckpoint>> PostgresStore::last_checkpoint() {
  return reader_.read([](PgLogRows& rows) { return rows.last_checkpoint(); });
}

Expected<std::uint64_t> PostgresStore::decided_before(TimePoint decided_before) {
  return reader_.read([&](PgLogRows& rows) { return rows.decided_before(decided_before); });
}

}  // namespace mpic::coordinator
