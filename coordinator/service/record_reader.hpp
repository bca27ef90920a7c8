// GetRecord: one record of the store, for those who may read it.
#pragma once

#include "common/async/worker.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxWaitingReads = 256;  // over it a read is refused at once

// Whose record a client asks for.
struct RecordKey {
  std::string record_id;   // one of the two
  std::string request_id;  // the client's own
};

// kInvalidArgument naming the field.
[[nodiscard]] Expected<RecordKey> check_record_key(const v1::GetRecordRequest& request);

// The record that `client` may read; none: there is none, or it is another client's, which is not told apart. Blocking.
[[nodiscard]] Expected<std::optional<v1::Record>> read_record(RecordStore& store, const ClientEntry& client,
                                                              const RecordKey& key);

// Reads on a thread of its own: the store may wait for its disk. Safe from any thread.
class RecordReader {
 public:
  using Done = std::function<void(Expected<std::optional<v1::Record>>)>;

  // The store outlives it. Whatever was taken is answered before it ends.
  explicit RecordReader(RecordStore& store) : store_(store), worker_(kMaxWaitingReads) {}

  // `done` is called once, at once or on the reader's thread: as read_record(), or kOverloaded.
  void read(ClientEntry client, RecordKey key, const Done& done);

 private:
  RecordStore& store_;
  Worker worker_;
};

}  // namespace mpic::coordinator
