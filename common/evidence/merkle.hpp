// The Merkle tree hashing of RFC 6962 2.1, for batches of observations and for the log.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/domain/observation.hpp"

namespace mpic::evidence {

[[nodiscard]] Digest sha256(std::string_view octets);
[[nodiscard]] Digest leaf_hash(std::string_view leaf);                    // SHA-256(0x00 || leaf)
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);  // SHA-256(0x01 || left || right)
// Root of the tree over these leaf hashes; SHA-256 of nothing for none.
[[nodiscard]] Digest merkle_root(std::span<const Digest> leaves);
// Inclusion path of leaf `index`, lowest first. Precondition: index < leaves.size().
[[nodiscard]] std::vector<Digest> inclusion_path(std::span<const Digest> leaves, std::size_t index);
// The root and every leaf's inclusion path, each node hashed once. Precondition: at least one leaf.
struct MerkleTree {
  Digest root{};
  std::vector<std::vector<Digest>> paths;
};
[[nodiscard]] MerkleTree merkle_tree(std::span<const Digest> leaves);
// False also for index >= size and for a path of another length than exactly that of the tree.
[[nodiscard]] bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Digest> path, const Digest& root);

}  // namespace mpic::evidence
