// Where records are kept (seam). There is no answer without a durable record.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/observation.hpp"

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
};

// What a perspective said after the answer.
struct StoredAddendum {
  std::string record_id;
  std::string perspective;
  std::string body;  // serialized mpic.v1.Addendum, a leaf
  TimePoint received{};
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
  std::string body;       // serialized mpic.v1.RecordBody, the leaf
  std::string statement;  // serialized mpic.v1.Statement
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

// Safe from any thread.
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // Queued before anything is sent to an agent; not waited for. A plan whose record never comes is closed at the next
  // start as "no result".
  // False: there is no place for it, and nothing may be sent.
  [[nodiscard]] virtual bool plan(StoredPlan plan) = 0;
  // Completes when the record and its rows are durable, in one transaction; then the plan of that id is closed. A
  // Problem (kInternal) means that nobody may be told the verdict. Resumes on the caller's executor.
  virtual asio::awaitable<Expected<void>> append(StoredRecord record) = 0;
  // Completes when it is durable. Precondition: its record is. Resumes on the caller's executor.
  virtual asio::awaitable<Expected<void>> append_addendum(StoredAddendum addendum) = 0;
  // Blocking; for start-up and tools, not for the path of a request.
  virtual Expected<std::optional<StoredRecord>> find(const std::string& record_id) = 0;
  // The record of a client's own request id, without its rows and addenda; one read of an index, so fit for the path of
  // a request.
  virtual Expected<std::optional<StoredRecord>> find_request(const std::string& client,
                                                             const std::string& request_id) = 0;
  // Plans without a record, oldest first: what a coordinator that was killed left behind. Blocking; for start-up.
  virtual Expected<std::vector<StoredPlan>> open_plans() = 0;
  // Kept once per hash; durable on return.
  virtual Expected<void> keep_snapshot(const Digest& hash, const std::string& body) = 0;
  // False while the store cannot be written: nothing new should be begun.
  [[nodiscard]] virtual bool healthy() const = 0;
};

}  // namespace mpic::coordinator
