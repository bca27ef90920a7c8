// Whether what a store has of its log is what was committed to.
#pragma once

#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

// The tree of `size` leaves, to be appended to. kInternal when it is not the tree that the newest kept checkpoint
// commits to: then whatever is appended would make it worse. kEvidenceInvalid when it does not begin with `answered`,
// the tree of what this process has said to be durable (that of no leaves: nothing yet).
[[nodiscard]] Expected<evidence::GrowingTree> checked_tree(evidence::HashSource& hashes, std::uint64_t size,
                                                           const std::optional<StoredCheckpoint>& last,
                                                           const TreeHead& answered);

}  // namespace mpic::coordinator
