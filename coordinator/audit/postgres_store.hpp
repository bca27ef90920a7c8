// Records in a PostgreSQL database, which several coordinators may share: each has a log of its own, so they never wait
// for each other. Written by a group writer over one connection, a group as one pipeline; read over others.
#pragma once

#include <mutex>

#include "coordinator/audit/group_writer.hpp"
#include "coordinator/audit/postgres_rows.hpp"

namespace mpic::coordinator {

struct PostgresOptions {
  // With one statement of the writer, and so with a server that does not answer.
  std::chrono::milliseconds patience{30'000};
  GroupWriterOptions writer;
  PostgresOptions() {}  // no aggregate: g++ 12 destroys those twice in a co_await expression
};

// What the group writer writes to. When the connection is lost, it is not known whether the last commit was done: that
// is learned anew from the database before anything else is written, and nobody was told otherwise meanwhile.
class PostgresBackend final : public WriteBackend {
 public:
  PostgresBackend(std::string connection, std::string origin, std::chrono::milliseconds patience)
      : target_(std::move(connection)), origin_(std::move(origin)), patience_(patience) {}
  // Connects, prepares the database, locks the log and learns its tree, all of which is then on the disk and with the
  // synchronous standbys. kEvidenceInvalid when the log does not begin with head(): what was answered is lost, as after
  // a failover to a standby that had not got it.
  [[nodiscard]] Expected<void> open();

  [[nodiscard]] Expected<std::vector<std::uint64_t>> write(std::span<const Write* const> writes, bool durable) override;
  [[nodiscard]] Expected<void> tidy() override { return {}; }
  [[nodiscard]] Expected<void> repair(std::span<const StoredPlan> kept) override;
  [[nodiscard]] TreeHead head() const override;
  // Between two groups, on the writer's thread; as in RecordStore.
  [[nodiscard]] Expected<void> keep_checkpoint(const StoredCheckpoint& checkpoint);
  [[nodiscard]] Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most);
  [[nodiscard]] std::int64_t log() const { return log_; }  // after open()

 private:
  const std::string target_;
  const std::string origin_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<PgConnection> connection_;
  std::int64_t log_ = 0;
  evidence::GrowingTree tree_;  // of what is durable

  mutable std::mutex mutex_;  // guards what follows
  TreeHead head_;
};

class PostgresStore final : public RecordStore {
 public:
  // `connection`: as PgConnection takes it. kInternal with the database and the reason when it cannot be reached or
  // used.
  [[nodiscard]] static Expected<std::unique_ptr<PostgresStore>> open(const std::string& connection,
                                                                     const std::string& log_origin,
                                                                     PostgresOptions options = {});

  [[nodiscard]] bool plan(StoredPlan plan) override;
  asio::awaitable<Expected<std::uint64_t>> append(StoredRecord record) override;
  asio::awaitable<Expected<std::uint64_t>> append_addendum(StoredAddendum addendum) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<StoredRecord>> find_request(const std::string& client, const std::string& request_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  Expected<std::optional<std::string>> find_snapshot(const Digest& hash) override;
  Expected<std::uint64_t> append_event(StoredEvent event) override;
  Expected<std::vector<StoredEvent>> last_events(std::size_t most) override;
  [[nodiscard]] TreeHead tree_head() const override { return backend_->head(); }
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;
  Expected<void> keep_checkpoint(StoredCheckpoint checkpoint) override;
  Expected<std::optional<StoredCheckpoint>> last_checkpoint() override;
  Expected<std::uint64_t> decided_before(TimePoint decided_before) override;
  Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most) override;
  [[nodiscard]] bool healthy() const override { return writer_.healthy(); }
  [[nodiscard]] std::string fault() const override { return writer_.fault(); }
  [[nodiscard]] bool has_lost_records() const override { return writer_.has_lost_records(); }

 private:
  // A connection that reads, opened when it is needed and anew when it was lost. While the store is unhealthy it
  // refuses at once instead of waiting for a server that is gone, and a server that does not answer makes it so: the
  // path of a request waits for it once.
  class Reader {
   public:
    Reader(PostgresStore& store, std::chrono::milliseconds patience) : store_(store), patience_(patience) {}
    template <class Read>
    auto read(const Read& how) -> decltype(how(std::declval<PgLogRows&>()));

   private:
    PostgresStore& store_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;  // guards what follows
    std::unique_ptr<PgConnection> connection_;
  };

  PostgresStore(std::string connection, std::unique_ptr<PostgresBackend> backend, const PostgresOptions& options);

  const std::string connection_;
  const std::unique_ptr<PostgresBackend> backend_;
  Reader reader_;
  Reader quick_reader_;  // for find_request: on the path of a request
  GroupWriter writer_;   // last: it uses the others
};

}  // namespace mpic::coordinator
