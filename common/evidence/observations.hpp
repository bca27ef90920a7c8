// Signed observations: how an agent signs what goes out in one message, and how anyone checks it
// (docs/evidence_format.md).
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/domain/assignment.hpp"
#include "common/evidence/keys.hpp"
#include "mpic/v1/agent.pb.h"

namespace mpic::evidence {

struct Leaf {
  AttemptId attempt{};
  std::string observation;  // serialized
};

// One signature over all leaves; adds an Evidence item for each and the signed root to `message`.
void sign_observations(const PerspectiveId& perspective, const SigningKey& key, std::vector<Leaf> leaves,
                       v1::FromAgent& message);

// A key that a perspective is pinned to, with its validity.
struct PinnedKey {
  VerifyingKey key;
  TimePoint not_before = TimePoint::min();
  TimePoint not_after = TimePoint::max();
};

// What an observation must be bound to.
struct Expectation {
  const Assignment& assignment;
  std::string_view assignment_octets;  // as sent
  Rir rir;
  std::span<const PinnedKey> keys;
  TimePoint received;
};

// A root as it came, shared by all evidence of one message, so that its signature is verified once and not once for
// each observation: verifying is what costs a coordinator most. Safe from any thread.
class ReceivedRoot {
 public:
  explicit ReceivedRoot(v1::SignedRoot root) : root_(std::move(root)) {}
  [[nodiscard]] const v1::SignedRoot& message() const { return root_; }
  // What `key` signed; none when it did not, or not such a thing.
  [[nodiscard]] std::optional<v1::ObservationsRoot> verified_by(const VerifyingKey& key) const;

 private:
  const v1::SignedRoot root_;
  mutable std::mutex mutex_;
  mutable KeyId tried_;                                  // guarded by mutex_; empty: none yet
  mutable std::optional<v1::ObservationsRoot> content_;  // guarded by mutex_; what that key signed
};

// The observation, when the signature is by a pinned key valid at `received`, the root is of that perspective, the leaf
// lies in it, and digest, nonce, perspective, role, RIR and clock (30 s) fit. Else kEvidenceInvalid saying what did
// not.
[[nodiscard]] Expected<Observation> verify_evidence(const v1::Evidence& evidence, const ReceivedRoot& root,
                                                    const Expectation& expected);

}  // namespace mpic::evidence
