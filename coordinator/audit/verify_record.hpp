// One record against the snapshot that it names.
#pragma once

#include <memory>
#include <span>

#include "coordinator/audit/rederive.hpp"
#include "coordinator/audit/verification.hpp"

namespace mpic::coordinator {

// A snapshot, read once.
struct KnownSnapshot {
  Deployment deployment;
  evidence::VerifyingKey statement_key;
  std::optional<evidence::NoteVerifier> log_key;  // none: of a program before logs had checkpoints
  std::string software_version;
  std::string ruleset_version;
  bool has_our_registries = true;  // public suffixes and the like are those of this program
};
// kEvidenceInvalid with the reason.
[[nodiscard]] Expected<KnownSnapshot> read_snapshot(const std::string& body);

// Every fault of one record whose body is there. `later_keys`: of later snapshots, by which records that were closed
// after a kill may be signed.
[[nodiscard]] std::vector<Fault> verify_record(const LoggedLeaf& leaf, const KnownSnapshot& snapshot,
                                               std::span<const evidence::VerifyingKey> later_keys, RootCache& roots);

// What it is in a record that was judged under that policy and snapshot.
[[nodiscard]] FaultKind kind_of(const Deviation& deviation, const v1::PolicyStamp& policy,
                                const KnownSnapshot& snapshot);

// "leaf 17, record 0123…"
[[nodiscard]] std::string place_of(const LoggedLeaf& leaf);

}  // namespace mpic::coordinator
