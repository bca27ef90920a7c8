// Where records are kept (seam). There is no answer without a durable record.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/observation.hpp"
#include "common/evidence/log_tree.hpp"

namespace mpic::coordinator {

namespace asio = boost::asio;

// One row per attempt, perspective and check, whatever became of it (BR 5.4.1 (2) 7).
struct AttemptRow {
  std::string attempt_id;  // hex
  std::string perspective;
  std::string role;
  std::string rir;
  std::string check;    // "dcv", "caa"
  std::string outcome;  // to_string(Outcome)
  std::string problem;  // to_string(ProblemCode), empty when it corroborates
  bool operator==(const AttemptRow&) const = default;
};

// What a perspective said after the answer.
struct StoredAddendum {
  std::string record_id;
  std::string perspective;
  std::string body;  // serialized mpic.v1.Addendum, a leaf; empty once it is pruned
  TimePoint received{};
  std::uint64_t leaf = 0;  // its index; filled by what reads
  StoredAddendum() = default;
  StoredAddendum(std::string record, std::string who, std::string octets, TimePoint when)
      : record_id(std::move(record)), perspective(std::move(who)), body(std::move(octets)), received(when) {}
};

struct StoredRecord {
  std::string record_id;
  std::string client;
  std::string request_id;  // empty: none
  std::string trace_id;
  std::string identifier;
  std::string verdict;
  TimePoint received{};
  TimePoint decided{};
  std::string body;        // serialized mpic.v1.RecordBody, the leaf; empty once it is pruned
  std::string statement;   // serialized mpic.v1.Statement; empty once it is pruned
  std::uint64_t leaf = 0;  // its index; filled by what reads
  std::vector<AttemptRow> rows;
  std::vector<StoredAddendum> addenda;  // filled by find(); append() takes none
  StoredRecord() = default;             // no aggregate: g++ 12 destroys those twice in a co_await expression
};

struct StoredPlan {
  std::string record_id;
  std::string body;  // serialized mpic.v1.PlanRecord
  TimePoint dispatched{};
  StoredPlan() = default;
  StoredPlan(std::string id, std::string octets, TimePoint when)
      : record_id(std::move(id)), body(std::move(octets)), dispatched(when) {}
};

// A deployment snapshot: a leaf, once.
struct StoredSnapshot {
  Digest hash{};
  std::string body;  // serialized mpic.v1.DeploymentSnapshot
};

// A change in the coordinator: a leaf.
struct StoredEvent {
  std::string body;  // serialized mpic.v1.ChangeEvent
  TimePoint at{};
};

// A signed tree head, as it was published.
struct StoredCheckpoint {
  std::uint64_t size = 0;
  TimePoint signed_at{};
  std::string note;  // C2SP signed note
};

// The tree of what is durable.
struct TreeHead {
  std::uint64_t size = 0;
  Digest root{};
};

// Every body is a leaf of one log, in the order of writing: the leaf's index and hash are written with it, in the same
// transaction. A log has one writer at a time.
//
// Safe from any thread.
class RecordStore : public evidence::HashSource {
 public:
  // Queued before anything is sent to an agent; not waited for. A plan whose record never comes is closed at the next
  // start as "no result".
  // False: there is no place for it, and nothing may be sent.
  [[nodiscard]] virtual bool plan(StoredPlan plan) = 0;
  // Completes when the record and its rows are durable, in one transaction; then the plan of that id is closed. A
  // Problem (kInternal) means that nobody may be told the verdict. Gives the leaf's index. Resumes on the caller's
  // executor.
  virtual asio::awaitable<Expected<std::uint64_t>> append(StoredRecord record) = 0;
  // Completes when it is durable. Precondition: its record is. Gives the leaf's index. Resumes on the caller's
  // executor.
  virtual asio::awaitable<Expected<std::uint64_t>> append_addendum(StoredAddendum addendum) = 0;
  // Blocking; for start-up and tools, not for the path of a request.
  virtual Expected<std::optional<StoredRecord>> find(const std::string& record_id) = 0;
  // The record of a client's own request id, without its rows and addenda; one read of an index, so fit for the path of
  // a request.
  virtual Expected<std::optional<StoredRecord>> find_request(const std::string& client,
                                                             const std::string& request_id) = 0;
  // Plans without a record, oldest first: what a coordinator that was killed left behind. Blocking; for start-up.
  virtual Expected<std::vector<StoredPlan>> open_plans() = 0;
  // Kept once per hash, and then a leaf; durable on return. Blocking.
  virtual Expected<void> keep_snapshot(const Digest& hash, const std::string& body) = 0;
  virtual Expected<std::optional<std::string>> find_snapshot(const Digest& hash) = 0;  // blocking
  // Durable on return; gives the leaf's index. Blocking.
  virtual Expected<std::uint64_t> append_event(StoredEvent event) = 0;
  // Newest first, at most `most`. Blocking; for start-up.
  virtual Expected<std::vector<StoredEvent>> last_events(std::size_t most) = 0;
  // Of what is durable; from memory.
  [[nodiscard]] virtual TreeHead tree_head() const = 0;
  // HashSource::hashes: blocking; for proofs, start-up and tools.
  // Durable on return. Precondition: the tree had that head. Blocking.
  virtual Expected<void> keep_checkpoint(StoredCheckpoint checkpoint) = 0;
  virtual Expected<std::optional<StoredCheckpoint>> last_checkpoint() = 0;  // blocking
  // One more than the index of the last record such that it and every record before it were decided before
  // `decided_before`, 0 when there is none: what retention may prune. What follows is not counted, be it as old, so
  // that a log of which nothing more is to be pruned is told from one that only grew by events.
  virtual Expected<std::uint64_t> decided_before(TimePoint decided_before) = 0;  // blocking
  // Empties the bodies and statements of records and addenda with a lower index, and removes their attempt rows;
  // entries, snapshots and events stay, and so do a record's id, name, verdict and times. At most `most` leaves in one
  // call; gives how many it emptied, 0 when nothing is left. Blocking.
  virtual Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most) = 0;
  // False while the store cannot be written: nothing new should be begun.
  [[nodiscard]] virtual bool healthy() const = 0;
  // Why healthy() is false, for the operator; empty while it is true.
  [[nodiscard]] virtual std::string fault() const = 0;
  // True while healthy() is false since what is there no longer begins with tree_head(): an older copy was put in its
  // place, or it was changed. Only a new process begins anew from that.
  [[nodiscard]] virtual bool has_lost_records() const = 0;
};

}  // namespace mpic::coordinator
