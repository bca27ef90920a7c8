// GetRecord: one record of the store, for those who may read it.
#pragma once

#include <atomic>

#include "common/async/io_threads.hpp"
#include "coordinator/log/prover.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxWaitingReads = 256;     // over it a read is refused at once
inline constexpr std::size_t kMaxWaitingProofs = 1'024;  // over it a record comes with the proof that there is

// Whose record a client asks for.
struct RecordKey {
  std::string record_id;   // one of the two
  std::string request_id;  // the client's own
};

// kInvalidArgument naming the field.
[[nodiscard]] Expected<RecordKey> check_record_key(const v1::GetRecordRequest& request);

// The record that `client` may read, without a proof; none: there is none, or it is another client's, which is not told
// apart. Its body and statement are empty once it is pruned. Blocking.
[[nodiscard]] Expected<std::optional<v1::Record>> read_record(RecordStore& store, const ClientEntry& client,
                                                              const RecordKey& key);

// Reads elsewhere: the store may wait for its disk. Safe from any thread.
class RecordReader {
 public:
  template <class T>
  using Done = std::function<void(Expected<std::optional<T>>)>;

  // All outlive it, and what they do for it.
  RecordReader(RecordStore& store, Prover& prover, Clock& clock, IoThreads& threads, Elsewhere elsewhere)
      : store_(store), prover_(prover), clock_(clock), threads_(threads), elsewhere_(std::move(elsewhere)) {}

  // `done` is called once, on one of the threads: as read_record(), or kOverloaded. With the proof that the newest
  // checkpoint gives; when none covers the record yet, the first that does is waited for until `proof_by`.
  void read(ClientEntry client, RecordKey key, Deadline proof_by, Done<v1::Record> done);
  // The same for Prover::consistency.
  void read_checkpoint(std::uint64_t since, Done<v1::GetCheckpointResponse> done);

 private:
  using Found = Expected<std::optional<v1::Record>>;
  asio::awaitable<Found> find(ClientEntry client, RecordKey key, Deadline proof_by);
  [[nodiscard]] Found look_up(const ClientEntry& client, const RecordKey& key) const;

  RecordStore& store_;
  Prover& prover_;
  Clock& clock_;
  IoThreads& threads_;
  const Elsewhere elsewhere_;
  std::atomic<std::size_t> waiting_{0};  // for a proof
};

}  // namespace mpic::coordinator
