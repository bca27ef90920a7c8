// read_sqlite: a store's file beside the coordinator that writes it.
#include <algorithm>
#include <filesystem>

#include "coordinator/audit/log_reader.hpp"
#include "coordinator/audit/sqlite_find.hpp"
#include "coordinator/audit/sqlite_rows.hpp"
#include "coordinator/audit/sqlite_schema.hpp"
#include "coordinator/audit/stray_rows.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kPatience{
    5'000};  // with a coordinator that brings its write-ahead log into the file

// As SQLite takes it in a URI.
std::string uri_of(const std::string& file, std::string_view parameters) {
  std::string out = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "?" + std::string(parameters);
}

// A connection and what was prepared for it.
class ReadOnly {
 public:
  explicit ReadOnly(sqlite3* database) : database_(database) {
    sqlite3_busy_timeout(database, static_cast<int>(kPatience.count()));
    statements_.emplace(database);
  }
  ~ReadOnly() {
    statements_.reset();
    sqlite3_close(database_);
  }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;
  SqliteStatements& statements() { return *statements_; }

 private:
  sqlite3* database_;
  std::optional<SqliteStatements> statements_;
};

Expected<std::unique_ptr<ReadOnly>> connect(const std::string& file, std::string_view parameters) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(uri_of(file, parameters).c_str(), &database, flags, nullptr);
  auto connection = std::make_unique<ReadOnly>(database);
  if (opened != SQLITE_OK) return sqlite_problem(database, "opening");
  if (const auto version = schema_version(database); !version) return Unexpected(version.error());
  return connection;
}

Unexpected wrong_version(std::int64_t version) {
  const char* what = version < kSchemaVersion ? "its coordinator brings it to this version at its next start"
                                              : "use the newer program";
  return fail(ProblemCode::kInternal, "record store",
              fmt::format("its schema is version {}, this program reads {}: {}", version, kSchemaVersion, what));
}

// A file that nobody writes can lie where nothing may be written beside it, as on an auditor's medium.
Expected<std::unique_ptr<ReadOnly>> open_read_only(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return fail(ProblemCode::kInternal, "record store", "there is no such file");
  }
  auto connection = connect(file, "mode=ro");
  const auto log = file + "-wal";
  const bool is_at_rest = !std::filesystem::exists(log, ignored) || std::filesystem::is_empty(log, ignored);
  if (!connection && is_at_rest) connection = connect(file, "mode=ro&immutable=1");
  if (!connection) return connection;
  const auto version = schema_version((*connection)->statements().database());
  if (!version) return Unexpected(version.error());
  if (*version != kSchemaVersion) return wrong_version(*version);
  return connection;
}

class SqliteLogReader final : public LogReader {
 public:
  SqliteLogReader(std::string file, std::string origin, std::unique_ptr<ReadOnly> connection)
      : file_(std::move(file)), origin_(std::move(origin)), connection_(std::move(connection)) {}

  [[nodiscard]] std::string origin() const override { return origin_; }
  [[nodiscard]] std::string source() const override { return file_; }
  [[nodiscard]] Expected<std::uint64_t> size() override;
  [[nodiscard]] Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) override;
  [[nodiscard]] Expected<LogHead> head() override;
  [[nodiscard]] Expected<std::vector<StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                    std::size_t most) override {
    return named(read_checkpoints(from(), after, most));
  }
  [[nodiscard]] Expected<std::vector<StrayRow>> stray_rows(std::size_t most) override;
  [[nodiscard]] Expected<std::vector<StoredRecord>> find(const RecordQuery& query) override;
  [[nodiscard]] Expected<std::optional<StoredRecord>> record(const std::string& record_id) override {
    return named(find_record(from(), record_id));
  }
  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash) override {
    return named(read_snapshot(from(), hash));
  }

 private:
  SqliteStatements& from() { return connection_->statements(); }
  template <typename T>
  Expected<T> named(Expected<T> result) const {
    if (result) return result;
    return fail(result.error().code, file_, fmt::format("{}: {}", file_, result.error().detail));
  }
  // What `read` reads is of one moment.
  template <class Read>
  auto at_one_moment(const Read& read) -> decltype(read()) {
    sqlite3* database = from().database();
    if (const auto begun = execute(database, "BEGIN"); !begun)
      return named<typename decltype(read())::value_type>(Unexpected(begun.error()));
    auto out = read();
    sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    return named(std::move(out));
  }
  Expected<std::uint64_t> read_size();
  Expected<LogHead> read_head();
  Expected<std::vector<evidence::TreeNode>> read_nodes();
  Expected<std::vector<LoggedLeaf>> read_leaves(std::uint64_t first, std::size_t most);
  Expected<std::vector<StoredRecord>> found(const RecordQuery& query);

  const std::string file_;
  const std::string origin_;
  const std::unique_ptr<ReadOnly> connection_;
};

// Some leaves in their order, one at least, to be filled from the tables that have their bodies.
class Part {
 public:
  Part(SqliteStatements& from, std::vector<LoggedLeaf>& leaves) : from_(from), leaves_(leaves) {}

  // Each row of a table that begins with its leaf. One whose leaf is none of this kind is a stray row: stray_rows().
  template <typename Take>
  Expected<void> fill(std::string_view table, std::string_view columns, evidence::LeafKind kind, const Take& take) {
    Query rows(from_, fmt::format("SELECT {} FROM {} WHERE leaf >= ? AND leaf <= ? ORDER BY leaf", columns, table));
    rows->index(leaves_.front().index).index(leaves_.back().index);
    for (;;) {
      const auto more = rows.next(table);
      if (!more) return Unexpected(more.error());
      if (!*more) return {};
      LoggedLeaf* leaf = at(rows->index_at(0));
      if (leaf != nullptr && leaf->kind == kind) take(*leaf, *rows);
    }
  }

 private:
  LoggedLeaf* at(std::uint64_t index) {
    const auto found =
        std::lower_bound(leaves_.begin(), leaves_.end(), index,
                         [](const LoggedLeaf& leaf, std::uint64_t wanted) { return leaf.index < wanted; });
    return found == leaves_.end() || found->index != index ? nullptr : &*found;
  }

  SqliteStatements& from_;
  std::vector<LoggedLeaf>& leaves_;
};

Expected<void> fill(Part part) {
  using Kind = evidence::LeafKind;
  auto done = part.fill("records", fmt::format("{}, body, statement", kRecordColumns), Kind::kRecord,
                        [](LoggedLeaf& leaf, Statement& row) {
                          leaf.record = read_record_row(row);
                          leaf.body = row.column(kRecordBody);
                          leaf.statement = row.column(kRecordBody + 1);
                        });
  if (!done) return done;
  done = part.fill("attempts", "leaf, attempt_id, perspective, role, rir, check_kind, outcome, problem", Kind::kRecord,
                   [](LoggedLeaf& leaf, Statement& row) {
                     if (!leaf.record) return;  // whoever verifies finds that it is gone
                     leaf.record->rows.push_back({row.column(1), row.column(2), row.column(3), row.column(4),
                                                  row.column(5), row.column(6), row.column(7)});
                   });
  if (!done) return done;
  done = part.fill("addenda", "leaf, record_id, perspective, received_ns, body", Kind::kAddendum,
                   [](LoggedLeaf& leaf, Statement& row) {
                     leaf.addendum.emplace(row.column(1), row.column(2), "", row.moment(3));
                     leaf.addendum->leaf = leaf.index;
                     leaf.body = row.column(4);
                   });
  if (!done) return done;
  const auto body = [](LoggedLeaf& leaf, Statement& row) { leaf.body = row.column(1); };
  done = part.fill("snapshots", "leaf, body", Kind::kSnapshot, body);
  if (!done) return done;
  return part.fill("events", "leaf, at_ns, body", Kind::kEvent, [](LoggedLeaf& leaf, Statement& row) {
    leaf.event_at = row.moment(1);
    leaf.body = row.column(2);
  });
}

Expected<std::uint64_t> SqliteLogReader::size() { return named(read_size()); }

Expected<LogHead> SqliteLogReader::head() {
  return at_one_moment([this] { return read_head(); });
}

Expected<std::vector<LoggedLeaf>> SqliteLogReader::leaves(std::uint64_t first, std::size_t most) {
  return at_one_moment([&] { return read_leaves(first, most); });
}

Expected<std::uint64_t> SqliteLogReader::read_size() {
  Query row(from(), "SELECT max(idx) FROM leaves");
  const auto found = row.next("counting leaves");
  if (!found) return Unexpected(found.error());
  return row->is_null(0) || row->number(0) < 0 ? 0 : row->index_at(0) + 1;
}

Expected<LogHead> SqliteLogReader::read_head() {
  const auto size = read_size();
  if (!size) return Unexpected(size.error());
  auto newest = read_last_checkpoint(from());
  if (!newest) return Unexpected(newest.error());
  auto nodes = read_nodes();
  if (!nodes) return Unexpected(nodes.error());
  return LogHead{*size, *std::move(newest), *std::move(nodes)};
}

Expected<std::vector<LoggedLeaf>> SqliteLogReader::read_leaves(std::uint64_t first, std::size_t most) {
  std::vector<LoggedLeaf> out;
  if (most == 0) return out;
  {
    Query rows(from(), "SELECT idx, kind, body_sha256 FROM leaves WHERE idx >= ? ORDER BY idx LIMIT ?");
    rows->index(first).index(most);
    for (;;) {
      const auto more = rows.next("reading leaves");
      if (!more) return Unexpected(more.error());
      if (!*more) break;
      LoggedLeaf& leaf = out.emplace_back();
      leaf.index = rows->index_at(0);
      leaf.kind = static_cast<evidence::LeafKind>(rows->number(1));
      leaf.body_sha256 = rows->digest(2);
    }
  }
  if (out.empty()) return out;
  if (const auto filled = fill(Part(from(), out)); !filled) return Unexpected(filled.error());
  return out;
}

Expected<std::vector<evidence::TreeNode>> SqliteLogReader::read_nodes() {
  Query rows(from(), "SELECT level, idx, hash FROM nodes ORDER BY level, idx");
  std::vector<evidence::TreeNode> out;
  for (;;) {
    const auto more = rows.next("reading the tree");
    if (!more) return Unexpected(more.error());
    if (!*more) return out;
    out.push_back({static_cast<unsigned>(rows->number(0)), rows->index_at(1), rows->digest(2)});
  }
}

Expected<std::vector<StrayRow>> SqliteLogReader::stray_rows(std::size_t most) {
  Query rows(from(), stray_rows_sql("", "?"));
  rows->index(most);
  std::vector<StrayRow> out;
  for (;;) {
    const auto more = rows.next("looking for rows without a leaf");
    if (!more) return named<std::vector<StrayRow>>(Unexpected(more.error()));
    if (!*more) return out;
    out.push_back({rows->column(0), rows->number(1)});
  }
}

Expected<std::vector<StoredRecord>> SqliteLogReader::find(const RecordQuery& query) { return named(found(query)); }

Expected<std::vector<StoredRecord>> SqliteLogReader::found(const RecordQuery& query) {
  const FindStatement statement = find_statement(query);
  std::vector<StoredRecord> out;
  {
    Query rows(from(), statement.sql);
    for (const auto& value : statement.values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        rows->text(*text);
      } else {
        rows->integer(std::get<std::int64_t>(value));
      }
    }
    for (;;) {
      const auto more = rows.next("looking for records");
      if (!more) return Unexpected(more.error());
      if (!*more) break;
      out.push_back(read_record_row(*rows));
    }
  }
  for (StoredRecord& record : out) {
    auto attempts = read_attempts(from(), record.leaf);
    if (!attempts) return Unexpected(attempts.error());
    record.rows = *std::move(attempts);
  }
  std::sort(out.begin(), out.end(), [](const StoredRecord& one, const StoredRecord& other) {
    return std::tie(one.received, one.leaf) > std::tie(other.received, other.leaf);
  });
  return out;
}

}  // namespace

Expected<std::unique_ptr<LogReader>> read_sqlite(const std::string& file) {
  const auto named = [&file](const Problem& problem) {
    return fail(problem.code, file, fmt::format("{}: {}", file, problem.detail));
  };
  auto connection = open_read_only(file);
  if (!connection) return named(connection.error());
  std::string origin;
  {
    Query row((*connection)->statements(), "SELECT log_origin FROM log");
    const auto found = row.next("reading the log origin");
    if (!found) return named(found.error());
    if (!*found) return named(Problem(ProblemCode::kInternal, "record store", "it does not say whose log it is"));
    origin = row->column(0);
  }
  return std::make_unique<SqliteLogReader>(file, std::move(origin), *std::move(connection));
}

}  // namespace mpic::coordinator
