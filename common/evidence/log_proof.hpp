// A proof that something is in a log, as a text that can be handed on: C2SP tlog-proof@v1.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::evidence {

inline constexpr std::size_t kMaxProofPath = 64;     // hashes; no tree is higher
inline constexpr std::size_t kMaxProofExtra = 8192;  // octets

struct LogProof {
  std::uint64_t index = 0;   // of the leaf
  std::vector<Digest> path;  // lowest first
  std::string checkpoint;    // signed note, verbatim
  std::string extra;         // any octets, which nothing vouches for
  bool operator==(const LogProof&) const = default;
};

[[nodiscard]] std::string write_proof(const LogProof& proof);
// kEvidenceInvalid with the reason for anything but that form; whether the note is one is for whoever opens it.
[[nodiscard]] Expected<LogProof> read_proof(std::string_view text);

// The checkpoint, when one of `known` signed it (open_checkpoint) and the path leads from `leaf` to its root. Else
// kEvidenceInvalid with the reason.
[[nodiscard]] Expected<Checkpoint> verify_proof(const LogProof& proof, const Digest& leaf,
                                                std::span<const NoteVerifier> known);

}  // namespace mpic::evidence
