// A log as an auditor reads it: from a store of either kind, beside the coordinator that writes it, or from an export.
// Nothing here writes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

// One leaf with all that the source has of it. Nothing of this has been verified.
struct LoggedLeaf {
  std::uint64_t index = 0;
  evidence::LeafKind kind{};
  Digest body_sha256{};
  std::string body;       // empty: pruned
  std::string statement;  // of a record: serialized mpic.v1.Statement
  // What the source's index says of a record or an addendum, for `find` and people: it must follow from the body.
  // Bodies and statements are not repeated here. None: the source has no index (an export), or it is another kind.
  std::optional<StoredRecord> record;
  std::optional<StoredAddendum> addendum;
  std::optional<TimePoint> event_at;
};

// What is looked for: everything that is set must hold. Newest first.
struct RecordQuery {
  std::string identifier;  // as in the record; "*.": names below it are meant too, as in "*.example.com"
  std::string record_id;
  std::string client;
  std::string request_id;
  std::string trace_id;
  std::string perspective;         // that was asked
  std::string outcome;             // of any row, or of that perspective's: to_string(Outcome)
  std::string verdict;             // to_string(Verdict)
  std::optional<TimePoint> from;   // by the time of receipt
  std::optional<TimePoint> until;  // not included
  std::size_t most = 100;
};

// What a log was at one moment, beside its leaves.
struct LogHead {
  std::uint64_t size = 0;                  // leaves
  std::optional<StoredCheckpoint> newest;  // the largest checkpoint that is kept
  std::vector<evidence::TreeNode> nodes;   // hashes of level 1 and above that the source keeps, in order
};

// A row of the source that belongs to none of its leaves.
struct StrayRow {
  std::string table;
  std::int64_t leaf = 0;  // that it is said to be
};

// For one thread at a time. Blocking. Each Problem names the source and what cannot be read. A log may grow, and be
// pruned, between two calls; what one call gives was so at one moment.
class LogReader {
 public:
  virtual ~LogReader() = default;
  [[nodiscard]] virtual std::string origin() const = 0;
  // The file, database or folder, for people; never a password.
  [[nodiscard]] virtual std::string source() const = 0;
  // How many leaves there are.
  [[nodiscard]] virtual Expected<std::uint64_t> size() = 0;
  // Leaves from `first` on in their order, at most `most`; none only at the end. Indices are as the source has them: a
  // gap or a repetition is for whoever verifies to find.
  [[nodiscard]] virtual Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) = 0;
  [[nodiscard]] virtual Expected<LogHead> head() = 0;
  // Those that are kept of more leaves than `after` (none: from the smallest on), in the order of size, at most `most`;
  // of an export the last only. Sizes are signed numbers in a store: one below 0 comes first.
  [[nodiscard]] virtual Expected<std::vector<StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                            std::size_t most) = 0;
  // Some of them.
  [[nodiscard]] virtual Expected<std::vector<StrayRow>> stray_rows(std::size_t most) = 0;
  // Whether it should have all nodes; else nobody misses them.
  [[nodiscard]] virtual bool keeps_nodes() const { return true; }
  // Rows of attempts included, bodies and statements not.
  [[nodiscard]] virtual Expected<std::vector<StoredRecord>> find(const RecordQuery& query) = 0;
  // Whole, with rows and addenda.
  [[nodiscard]] virtual Expected<std::optional<StoredRecord>> record(const std::string& record_id) = 0;
  [[nodiscard]] virtual Expected<std::optional<std::string>> snapshot(const Digest& hash) = 0;
};

// A SQLite file, opened for reading only while a coordinator may write it. kInternal with path and reason: not there,
// of an older schema (its coordinator migrates it at its next start) or a newer one.
[[nodiscard]] Expected<std::unique_ptr<LogReader>> read_sqlite(const std::string& file);
// `connection`: as libpq takes it, "postgresql://…" or "host=… dbname=…". `origin` says which log; empty: the only one.
[[nodiscard]] Expected<std::unique_ptr<LogReader>> read_postgres(const std::string& connection,
                                                                 const std::string& origin);
// A folder that `mpic audit export` wrote.
[[nodiscard]] Expected<std::unique_ptr<LogReader>> read_export(const std::string& folder);

}  // namespace mpic::coordinator
