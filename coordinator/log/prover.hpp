// Proofs that a leaf is in the log, and that the log only grew (RFC 6962 2.1), for who asks the coordinator.
#pragma once

#include "common/async/elsewhere.hpp"
#include "coordinator/log/checkpoints.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// No answer waits longer than this for its proof: a checkpoint comes within a second, or something is wrong.
inline constexpr std::chrono::seconds kLongestProof{5};

// Safe from any thread.
class Prover {
 public:
  // All outlive it. `elsewhere`: where hashes are read.
  Prover(RecordStore& store, Checkpoints& checkpoints, Clock& clock, Elsewhere elsewhere)
      : store_(store), checkpoints_(checkpoints), clock_(clock), elsewhere_(std::move(elsewhere)) {}

  // Under the newest checkpoint as soon as it covers the leaf. None when none does by `deadline`, or after
  // kLongestProof, or when the hashes cannot be read, which is logged. Resumes on the caller's executor, which runs on
  // one thread.
  asio::awaitable<std::optional<v1::InclusionProof>> inclusion(std::uint64_t leaf, Deadline deadline);
  // The newest checkpoint, none before the first, with the proof that it extends the tree of `since` leaves (0: none is
  // asked for). kInvalidArgument when the log is not that long, kOverloaded, or why the hashes cannot be read.
  asio::awaitable<Expected<std::optional<v1::GetCheckpointResponse>>> consistency(std::uint64_t since);

 private:
  RecordStore& store_;
  Checkpoints& checkpoints_;
  Clock& clock_;
  const Elsewhere elsewhere_;
};

}  // namespace mpic::coordinator
