// What is read from the tables of a PostgreSQL record store, of one log. Blocking.
#pragma once

#include "coordinator/audit/log_reader.hpp"
#include "coordinator/audit/postgres.hpp"

namespace mpic::coordinator {

// Of one log over one connection; both outlive it.
class PgLogRows final : public evidence::HashSource {
 public:
  PgLogRows(PgConnection& connection, std::int64_t log) : connection_(connection), log_(log) {}

  [[nodiscard]] Expected<std::uint64_t> size();  // kInternal when leaves are missing in between
  [[nodiscard]] Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;
  [[nodiscard]] Expected<std::optional<StoredRecord>> record(const std::string& record_id);  // whole
  // Without rows and addenda.
  [[nodiscard]] Expected<std::optional<StoredRecord>> request(const std::string& client, const std::string& request_id);
  [[nodiscard]] Expected<std::vector<StoredPlan>> plans();
  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash);
  [[nodiscard]] Expected<std::vector<StoredEvent>> last_events(std::size_t most);
  // Of more leaves than `after`, in the order of size.
  [[nodiscard]] Expected<std::vector<StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                    std::size_t most);
  [[nodiscard]] Expected<std::optional<StoredCheckpoint>> last_checkpoint();
  [[nodiscard]] Expected<std::uint64_t> decided_before(TimePoint when);
  // Whoever wants what these give to be of one moment begins a transaction before.
  [[nodiscard]] Expected<LogHead> head();
  [[nodiscard]] Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most);
  [[nodiscard]] Expected<std::vector<StrayRow>> stray_rows(std::size_t most);
  [[nodiscard]] Expected<std::vector<StoredRecord>> find(const RecordQuery& query);

 private:
  [[nodiscard]] PgValues with_log(PgValues values) const;
  Expected<std::vector<evidence::TreeNode>> nodes();
  Expected<void> add_bodies(std::vector<LoggedLeaf>& leaves);
  Expected<void> add_rows(std::vector<StoredRecord>& records);

  PgConnection& connection_;
  const std::int64_t log_;
};

}  // namespace mpic::coordinator
