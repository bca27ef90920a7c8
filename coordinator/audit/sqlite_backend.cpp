#include "coordinator/audit/sqlite_backend.hpp"

#include "coordinator/audit/sqlite_tree.hpp"

namespace mpic::coordinator {
namespace {

// As large as an ordinary record, so that a disk with room for nothing else does not pass for one that has.
constexpr int kProbeOctets = 16 * 1024;

// A part of the log whose records and addenda have not been pruned.
struct Span {
  std::uint64_t from = 0;
  std::uint64_t end = 0;  // not included
  std::size_t leaves = 0;
};

// From where pruning ended the last time, up to the first leaf that must stay or the last that `most` allows.
Expected<Span> next_to_prune(sqlite3* database, std::uint64_t minimum_index, std::size_t most) {
  Span out;
  Statement cursor(database, "SELECT pruned_below FROM log");
  if (cursor.step() != SQLITE_ROW) return sqlite_problem(database, "reading what was pruned");
  out.from = out.end = cursor.index_at(0);
  Statement leaves(database,
                   "SELECT idx FROM leaves WHERE idx >= ? AND idx < ? AND kind IN (1, 2) ORDER BY idx LIMIT ?");
  leaves.index(out.from).index(minimum_index).index(most);
  int step = leaves.step();
  for (; step == SQLITE_ROW; step = leaves.step()) {
    out.end = leaves.index_at(0) + 1;
    ++out.leaves;
  }
  if (step != SQLITE_DONE) return sqlite_problem(database, "reading what to prune");
  return out;
}

}  // namespace

Expected<void> SqliteBackend::learn() {
  SqliteStatements statements(file_.writer());
  auto learned = learn_tree(statements, head());
  if (!learned) return Unexpected(learned.error());
  inserts_ = std::make_unique<SqliteInserts>(file_.writer());
  tree_ = *std::move(learned);
  const std::lock_guard lock(mutex_);
  head_ = {tree_.size(), tree_.root()};
  return {};
}

TreeHead SqliteBackend::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

Expected<std::vector<std::uint64_t>> SqliteBackend::write(std::span<const Write* const> writes, bool durable) {
  if (const auto synced = file_.sync_commits(durable); !synced) return Unexpected(synced.error());
  evidence::GrowingTree grown = tree_;
  std::vector<std::uint64_t> indices;
  indices.reserve(writes.size());
  const auto written = file_.transaction([&]() -> Expected<void> {
    for (const Write* write : writes) {
      const auto index = inserts_->write(write->item, grown);
      if (!index) return Unexpected(index.error());
      indices.push_back(*index);
    }
    return {};
  });
  if (!written) return Unexpected(written.error());
  tree_ = std::move(grown);
  if (durable) {
    const TreeHead head{tree_.size(), tree_.root()};
    const std::lock_guard lock(mutex_);
    head_ = head;
  }
  return indices;
}

Expected<void> SqliteBackend::tidy() { return file_.checkpoint_if_due(); }

Expected<void> SqliteBackend::repair(std::span<const StoredPlan> kept) {
  if (file_.is_open() && inserts_) {
    if (const auto written = try_to_write(); !written) return written;
  }
  inserts_.reset();
  if (const auto reopened = file_.reopen(); !reopened) return reopened;
  if (const auto learned = learn(); !learned) return learned;
  return file_.transaction([&]() -> Expected<void> {
    for (const StoredPlan& plan : kept) {
      if (const auto again = inserts_->again(plan); !again) return again;
    }
    return {};
  });
}

// It also overwrites what a refused commit may have left at the end of SQLite's write-ahead log.
Expected<void> SqliteBackend::try_to_write() {
  if (const auto synced = file_.sync_commits(true); !synced) return synced;
  return file_.transaction([this] {
    Statement probe(file_.writer(), "REPLACE INTO probe VALUES (1, zeroblob(?))");
    return probe.integer(kProbeOctets).run("trying to write");
  });
}

Expected<void> SqliteBackend::keep_checkpoint(const StoredCheckpoint& checkpoint) {
  if (checkpoint.size > tree_.size()) {
    return fail(ProblemCode::kInvalidArgument, "record store",
                fmt::format("a checkpoint of size {} of a log of {} leaves", checkpoint.size, tree_.size()));
  }
  if (const auto synced = file_.sync_commits(true); !synced) return synced;
  return file_.transaction([&] { return inserts_->write(checkpoint); });
}

Expected<std::size_t> SqliteBackend::prune(std::uint64_t minimum_index, std::size_t most) {
  if (const auto synced = file_.sync_commits(true); !synced) return Unexpected(synced.error());
  Expected<std::size_t> pruned = 0;
  const auto done = file_.transaction([&]() -> Expected<void> {
    pruned = prune_some(minimum_index, most);
    if (!pruned) return Unexpected(pruned.error());
    return {};
  });
  if (!done) return Unexpected(done.error());
  return pruned;
}

Expected<std::size_t> SqliteBackend::prune_some(std::uint64_t minimum_index, std::size_t most) {
  sqlite3* database = file_.writer();
  const auto next = next_to_prune(database, minimum_index, most);
  if (!next) return Unexpected(next.error());
  if (next->leaves == 0) return std::size_t{0};
  for (const char* sql : {"UPDATE records SET body = x'', statement = x'' WHERE leaf >= ? AND leaf < ?",
                          "UPDATE addenda SET body = x'' WHERE leaf >= ? AND leaf < ?",
                          "DELETE FROM attempts WHERE leaf >= ? AND leaf < ?"}) {
    Statement statement(database, sql);
    const auto done = statement.index(next->from).index(next->end).run("pruning");
    if (!done) return Unexpected(done.error());
  }
  Statement cursor(database, "UPDATE log SET pruned_below = ?");
  if (const auto done = cursor.index(next->end).run("pruning"); !done) return Unexpected(done.error());
  return next->leaves;
}

}  // namespace mpic::coordinator
