#include "coordinator/audit/sqlite_store.hpp"

#include <algorithm>

#include "coordinator/audit/sqlite_rows.hpp"
#include "coordinator/audit/sqlite_tree.hpp"

namespace mpic::coordinator {

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file,
                                                         const std::string& log_origin, SqliteOptions options) {
  auto opened = std::make_unique<SqliteFile>(file, log_origin, options.vfs, options.patience, options.checkpoint_pages);
  auto backend = std::make_unique<SqliteBackend>(*opened);
  auto ready = opened->open();
  if (ready) ready = backend->learn();
  if (!ready) {
    const Problem& problem = ready.error();
    return fail(problem.code, file.string(), fmt::format("{}: {}", file.string(), problem.detail));
  }
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(opened), std::move(backend), std::move(options.writer)));
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteFile> file, std::unique_ptr<SqliteBackend> backend,
                         GroupWriterOptions options)
    : file_(std::move(file)), backend_(std::move(backend)), writer_(*backend_, std::move(options)) {}

bool SqliteStore::plan(StoredPlan plan) { return writer_.plan(std::move(plan)); }

asio::awaitable<Expected<std::uint64_t>> SqliteStore::append(StoredRecord record) {
  return writer_.append(std::move(record));
}

asio::awaitable<Expected<std::uint64_t>> SqliteStore::append_addendum(StoredAddendum addendum) {
  return writer_.append(std::move(addendum));
}

Expected<void> SqliteStore::keep_snapshot(const Digest& hash, const std::string& body) {
  const auto kept = writer_.append_and_wait(StoredSnapshot{hash, body});
  if (!kept) return Unexpected(kept.error());
  return {};
}

Expected<std::uint64_t> SqliteStore::append_event(StoredEvent event) {
  return writer_.append_and_wait(std::move(event));
}

Expected<void> SqliteStore::keep_checkpoint(StoredCheckpoint checkpoint) {
  const auto kept = writer_.between_groups([&]() -> Expected<std::uint64_t> {
    if (const auto written = backend_->keep_checkpoint(checkpoint); !written) return Unexpected(written.error());
    return std::uint64_t{0};
  });
  if (!kept) return Unexpected(kept.error());
  return {};
}

Expected<std::size_t> SqliteStore::prune(std::uint64_t minimum_index, std::size_t most) {
  return writer_.between_groups([&]() -> Expected<std::uint64_t> { return backend_->prune(minimum_index, most); });
}

Expected<std::optional<StoredRecord>> SqliteStore::find(const std::string& record_id) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return find_record(*reader->statements, record_id);
}

Expected<std::optional<StoredRecord>> SqliteStore::find_request(const std::string& client,
                                                                const std::string& request_id) {
  const auto reader = file_->hold_quick_reader();
  if (!reader) return Unexpected(reader.error());
  return read_request(*reader->statements, client, request_id);
}

Expected<std::vector<StoredPlan>> SqliteStore::open_plans() {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return read_plans(*reader->statements);
}

Expected<std::optional<std::string>> SqliteStore::find_snapshot(const Digest& hash) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return read_snapshot(*reader->statements, hash);
}

Expected<std::vector<StoredEvent>> SqliteStore::last_events(std::size_t most) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return read_last_events(*reader->statements, most);
}

TreeHead SqliteStore::tree_head() const { return backend_->head(); }

Expected<std::vector<Digest>> SqliteStore::hashes(unsigned level, std::uint64_t first, std::size_t count) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return SqliteHashes(*reader->statements).hashes(level, first, count);
}

Expected<std::optional<StoredCheckpoint>> SqliteStore::last_checkpoint() {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  return read_last_checkpoint(*reader->statements);
}

Expected<std::uint64_t> SqliteStore::decided_before(TimePoint decided_before) {
  const auto reader = file_->hold_reader();
  if (!reader) return Unexpected(reader.error());
  Query row(*reader->statements,
            "SELECT max(leaf) FROM records WHERE leaf < "
            "coalesce((SELECT min(leaf) FROM records WHERE decided_ns >= ?), 9223372036854775807)");
  row->integer(decided_before.time_since_epoch().count());
  const auto found = row.next("looking for what is old");
  if (!found) return Unexpected(found.error());
  const bool nothing_is_old = row->is_null(0);
  return nothing_is_old ? std::uint64_t{0} : row->index_at(0) + 1;
}

bool SqliteStore::healthy() const { return writer_.healthy(); }

std::string SqliteStore::fault() const { return writer_.fault(); }
bool SqliteStore::has_lost_records() const { return writer_.has_lost_records(); }

}  // namespace mpic::coordinator
