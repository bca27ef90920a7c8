// read_postgres: a log in a database, beside the coordinators that write there.
#include <fmt/format.h>

#include "coordinator/audit/postgres_rows.hpp"
#include "coordinator/audit/postgres_schema.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kPatience{600'000};  // an audit reads much at once

class PostgresLogReader final : public LogReader {
 public:
  PostgresLogReader(std::string source, std::string origin, std::unique_ptr<PgConnection> connection, std::int64_t log)
      : source_(std::move(source)),
        origin_(std::move(origin)),
        connection_(std::move(connection)),
        rows_(*connection_, log) {}

  [[nodiscard]] std::string origin() const override { return origin_; }
  [[nodiscard]] std::string source() const override { return source_; }
  [[nodiscard]] Expected<std::uint64_t> size() override { return named(rows_.size()); }
  [[nodiscard]] Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) override {
    return named(at_one_moment([&] { return rows_.leaves(first, most); }));
  }
  [[nodiscard]] Expected<LogHead> head() override {
    return named(at_one_moment([this] { return rows_.head(); }));
  }
  [[nodiscard]] Expected<std::vector<StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                    std::size_t most) override {
    return named(rows_.checkpoints(after, most));
  }
  [[nodiscard]] Expected<std::vector<StrayRow>> stray_rows(std::size_t most) override {
    return named(rows_.stray_rows(most));
  }
  [[nodiscard]] Expected<std::vector<StoredRecord>> find(const RecordQuery& query) override {
    return named(rows_.find(query));
  }
  [[nodiscard]] Expected<std::optional<StoredRecord>> record(const std::string& record_id) override {
    return named(rows_.record(record_id));
  }
  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash) override {
    return named(rows_.snapshot(hash));
  }

 private:
  template <class T>
  Expected<T> named(Expected<T> result) const {
    if (result) return result;
    return fail(result.error().code, source_, fmt::format("{}: {}", source_, result.error().detail));
  }

  // What `read` reads, by several statements, is of one moment.
  template <class Read>
  auto at_one_moment(const Read& read) -> decltype(read()) {
    const auto begun = connection_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (!begun) return Unexpected(begun.error());
    auto out = read();
    const auto ended = connection_->run("COMMIT");
    if (out && !ended) return Unexpected(ended.error());
    return out;
  }

  const std::string source_;
  const std::string origin_;
  const std::unique_ptr<PgConnection> connection_;
  PgLogRows rows_;
};

// The one that is meant: by its name, or the only one.
Expected<std::pair<std::int64_t, std::string>> choose_log(PgConnection& connection, const std::string& origin) {
  const auto logs = connection.run("SELECT log, origin FROM logs ORDER BY origin");
  if (!logs) return Unexpected(logs.error());
  std::string names;
  for (std::size_t i = 0; i < logs->size(); ++i) {
    if (logs->text(i, 1) == origin || (origin.empty() && logs->size() == 1)) {
      return std::pair(logs->number(i, 0), logs->text(i, 1));
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", printable(logs->text(i, 1), 100));
  }
  return fail(ProblemCode::kInvalidArgument, "origin",
              origin.empty() ? fmt::format("it has several logs: say which by --origin ({})", names)
                             : fmt::format("it has no log \"{}\"; it has {}", printable(origin, 100), names));
}

}  // namespace

Expected<std::unique_ptr<LogReader>> read_postgres(const std::string& connection, const std::string& origin) {
  const std::string source = pg_target(connection);
  const auto named = [&](const Problem& problem) {
    return fail(problem.code, source, fmt::format("{}: {}", source, problem.detail));
  };
  auto opened = PgConnection::connect(connection, kPatience);
  if (!opened) return Unexpected(opened.error());
  if (const auto read_only = (*opened)->run("SET default_transaction_read_only = on"); !read_only) {
    return named(read_only.error());
  }
  if (const auto version = pg_check_version(**opened); !version) return named(version.error());
  const auto log = choose_log(**opened, origin);
  if (!log) return named(log.error());
  return std::make_unique<PostgresLogReader>(source, log->second, *std::move(opened), log->first);
}

}  // namespace mpic::coordinator
