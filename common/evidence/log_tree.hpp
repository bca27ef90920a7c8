// The tree of a log that grows (RFC 6962 2.1): its leaves, root and proofs, from hashes that somebody keeps.
//
// Kept are the leaf hashes and, for every 256 of them, the root of that full subtree, and so on upwards: level 0 are
// the leaves, a hash of level l is the root of a full subtree of 256^l leaves. These are the tiles of C2SP tlog-tiles,
// so any proof reads a few hundred hashes, however long the log is.
//
// Pure: what reads hashes is behind HashSource.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/domain/problem.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::evidence {

inline constexpr std::uint64_t kTileWidth = 256;

// What a leaf is; as mpic.v1.LeafKind.
enum class LeafKind : std::uint8_t { kRecord = 1, kAddendum = 2, kSnapshot = 3, kEvent = 4 };
[[nodiscard]] std::string_view to_string(LeafKind kind);
// The octets that the tree hashes as a leaf: one of the kind, then SHA-256 of the body. 33 octets.
[[nodiscard]] std::string log_entry(LeafKind kind, const Digest& body_sha256);
[[nodiscard]] Digest log_leaf_hash(LeafKind kind, const Digest& body_sha256);

// Hash number `index` of a level.
struct TreeNode {
  unsigned level = 0;
  std::uint64_t index = 0;
  Digest hash{};
  bool operator==(const TreeNode&) const = default;
};

class HashSource {
 public:
  virtual ~HashSource() = default;
  // Exactly `count` hashes of `level` from `first` on, each of a full subtree; a Problem when they cannot be had.
  [[nodiscard]] virtual Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first,
                                                             std::size_t count) = 0;
};

// The tree of its first `size` leaves. A Problem is the source's, or kInvalidArgument for a size or index out of range.
[[nodiscard]] Expected<Digest> tree_root(HashSource& source, std::uint64_t size);
[[nodiscard]] Expected<std::vector<Digest>> inclusion_proof(HashSource& source, std::uint64_t index,
                                                            std::uint64_t size);
// That the tree of `size` leaves begins with that of `old_size` (RFC 6962 2.1.2). Empty when the sizes are the same or
// `old_size` is 0.
[[nodiscard]] Expected<std::vector<Digest>> consistency_proof(HashSource& source, std::uint64_t old_size,
                                                              std::uint64_t size);
// False also for sizes in the wrong order and for a proof of another length than exactly theirs.
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                                      const Digest& root, std::span<const Digest> proof);

// The right edge of a tree that grows: what it takes to append leaves and to tell the root. Copied, it can be gone back
// to: a copy is a few thousand octets at most.
class GrowingTree {
 public:
  GrowingTree() = default;
  // As it is after `size` leaves.
  [[nodiscard]] static Expected<GrowingTree> at(HashSource& source, std::uint64_t size);

  // Adds to `completed` the hashes of level 1 and above that became final by this leaf, lowest first.
  void append(const Digest& leaf, std::vector<TreeNode>& completed);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  // Roots of the full subtrees that the leaves so far fall into, largest first (RFC 6962 2.1: one for each bit of
  // size).
  std::vector<Digest> edge_;
};

}  // namespace mpic::evidence
