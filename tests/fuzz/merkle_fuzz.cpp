// Inclusion in a Merkle tree (RFC 6962 2.1): only the true leaf with the true path is in it.
// Input: size of the tree, index, then what the claim says instead: leaf, index, changes to the path.
#include "common/evidence/merkle.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

std::vector<Digest> leaves_of(std::size_t size) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < size; ++i) leaves.push_back(evidence::leaf_hash("leaf " + std::to_string(i)));
  return leaves;
}

Digest digest(Input& input) { return evidence::sha256(input.piece()); }

void meddle(std::vector<Digest>& path, const std::vector<Digest>& leaves, Input& input) {
  const std::size_t at = input.below(path.size());
  switch (input.below(6)) {
    case 0:
      path.push_back(leaves[input.below(leaves.size())]);
      break;
    case 1:
      path.push_back(digest(input));
      break;
    case 2:
      if (!path.empty()) path.pop_back();
      break;
    case 3:
      if (!path.empty()) path[at][input.below(32)] ^= static_cast<std::uint8_t>(1U << input.below(8));
      break;
    case 4:
      if (!path.empty()) std::swap(path[at], path[input.below(path.size())]);
      break;
    default:
      path = evidence::inclusion_path(leaves, input.below(leaves.size()));
  }
}

void run(Octets octets) {
  Input input(octets);
  const std::vector<Digest> leaves = leaves_of(1 + input.below(130));
  const Digest root = evidence::merkle_root(leaves);
  const std::size_t index = input.below(leaves.size());
  std::vector<Digest> path = evidence::inclusion_path(leaves, index);
  const auto tree = evidence::merkle_tree(leaves);
  hold(tree.root == root && tree.paths[index] == path, "all paths at once are the paths");
  hold(evidence::verify_inclusion(leaves[index], index, leaves.size(), path, root), "what is in the tree is found");
  hold(!evidence::verify_inclusion(leaves[index], leaves.size(), leaves.size(), path, root), "nothing lies outside");

  Digest claimed = leaves[index];
  std::uint64_t claimed_index = index;
  for (int i = 0; i < 8 && !input.empty(); ++i) {
    switch (input.below(4)) {
      case 0:
        claimed = leaves[input.below(leaves.size())];
        break;
      case 1:
        claimed = path.empty() ? digest(input) : path[input.below(path.size())];
        break;
      case 2:
        claimed_index = input.octet();
        if (input.coin()) claimed_index <<= 8U * input.below(8);
        break;
      default:
        meddle(path, leaves, input);
    }
  }
  if (!evidence::verify_inclusion(claimed, claimed_index, leaves.size(), path, root)) return;
  hold(claimed_index < leaves.size(), "a place is in the tree");
  hold(claimed == leaves[claimed_index], "only the leaf at a place is found there");
  hold(path == evidence::inclusion_path(leaves, claimed_index), "by its one path");
}

const Target kTarget("merkle", run);

}  // namespace
}  // namespace mpic::fuzz
