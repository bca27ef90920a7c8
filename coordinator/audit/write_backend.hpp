// What a group writer writes to: a database, seen as transactions on one log.
#pragma once

#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

using WriteItem = std::variant<StoredPlan, StoredRecord, StoredAddendum, StoredSnapshot, StoredEvent>;

// One thing to be written.
struct Write {
  WriteItem item;
  // The leaf's index (0 for a plan, and for a snapshot that was there already); none: nobody waits.
  std::function<void(Expected<std::uint64_t>)> done;
};

// On the writer's thread only, but for head(). After kInternal nothing is written before repair() has succeeded.
class WriteBackend {
 public:
  virtual ~WriteBackend() = default;
  // All of `writes` in one transaction, or nothing; leaves get consecutive indices in their order. `durable`: waits for
  // the disk; else it outlives this process, and becomes durable with the next that does (plans alone are written so).
  // Gives one index for each write. kInvalidArgument: one of them is at fault, such as an id that is there already, and
  // the store is sound; kInternal: the store is.
  [[nodiscard]] virtual Expected<std::vector<std::uint64_t>> write(std::span<const Write* const> writes,
                                                                   bool durable) = 0;
  // Between groups: what the database wants done now and then.
  [[nodiscard]] virtual Expected<void> tidy() = 0;
  // Makes the store whole again, learns the tree anew from it, and writes those of `kept` that are not there and have
  // no record. Tried again until it succeeds. kEvidenceInvalid: what is there now is not the log that others were told
  // of, one that begins with head(); so an older copy of it is never gone on with.
  [[nodiscard]] virtual Expected<void> repair(std::span<const StoredPlan> kept) = 0;
  // After the last durable write. Safe from any thread.
  [[nodiscard]] virtual TreeHead head() const = 0;
};

}  // namespace mpic::coordinator
