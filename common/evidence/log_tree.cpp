#include "common/evidence/log_tree.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace mpic::evidence {
namespace {

constexpr unsigned kTileHeight = 8;  // 2^8 hashes in a tile

// RFC 6962 2.1: the largest power of two smaller than n. Precondition: n > 1.
std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

// Leaves first <= i < end.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  [[nodiscard]] std::uint64_t size() const { return end - first; }
  // Precondition: more than one leaf.
  [[nodiscard]] std::uint64_t middle() const { return first + split(size()); }
};

Digest full_root(std::span<const Digest> hashes) {
  if (hashes.size() == 1) return hashes[0];
  const std::size_t half = hashes.size() / 2;
  return node_hash(full_root(hashes.first(half)), full_root(hashes.last(half)));
}

// The hashes of a tree of `size` leaves, each tile read when it is first needed.
class Tiles {
 public:
  Tiles(HashSource& source, std::uint64_t size) : source_(source), size_(size) {}

  // Root over these leaves, which are the left or the right half of a split in this tree, or all of it.
  [[nodiscard]] Expected<Digest> root(Range range) {
    if (std::has_single_bit(range.size())) return full(range);
    const auto left = root({range.first, range.middle()});
    if (!left) return left;
    const auto right = root({range.middle(), range.end});
    if (!right) return right;
    return node_hash(*left, *right);
  }

 private:
  using Key = std::pair<unsigned, std::uint64_t>;  // level, number of the tile

  // A full subtree of 2^h leaves: 2^(h mod 8) hashes side by side in one tile.
  [[nodiscard]] Expected<Digest> full(Range range) {
    const auto height = static_cast<unsigned>(std::countr_zero(range.size()));
    const unsigned level = height / kTileHeight;
    const std::uint64_t first = range.first >> (kTileHeight * level);
    const auto tile = of(level, first / kTileWidth);
    if (!tile) return Unexpected(tile.error());
    return full_root(tile->subspan(first % kTileWidth, std::size_t{1} << (height % kTileHeight)));
  }

  [[nodiscard]] Expected<std::span<const Digest>> of(unsigned level, std::uint64_t number) {
    auto found = read_.find(Key(level, number));
    if (found == read_.end()) {
      const std::uint64_t first = number * kTileWidth;
      const std::uint64_t wanted = std::min(kTileWidth, (size_ >> (kTileHeight * level)) - first);
      auto hashes = source_.hashes(level, first, wanted);
      if (!hashes) return Unexpected(hashes.error());
      if (hashes->size() != wanted) return fail(ProblemCode::kInternal, "log", "hashes of the tree are missing");
      found = read_.emplace(Key(level, number), std::move(*hashes)).first;
    }
    return std::span<const Digest>(found->second);
  }

  HashSource& source_;
  const std::uint64_t size_;
  std::map<Key, std::vector<Digest>> read_;
};

// Roots of these subtrees, in this order.
Expected<std::vector<Digest>> roots(HashSource& source, std::uint64_t size, const std::vector<Range>& subtrees) {
  Tiles tiles(source, size);
  std::vector<Digest> out;
  for (const Range& subtree : subtrees) {
    const auto hash = tiles.root(subtree);
    if (!hash) return Unexpected(hash.error());
    out.push_back(*hash);
  }
  return out;
}

}  // namespace

std::string_view to_string(LeafKind kind) {
  switch (kind) {
    case LeafKind::kRecord:
      return "record";
    case LeafKind::kAddendum:
      return "addendum";
    case LeafKind::kSnapshot:
      return "snapshot";
    case LeafKind::kEvent:
      return "event";
  }
  return "unknown";
}

std::string log_entry(LeafKind kind, const Digest& body_sha256) {
  std::string entry(1, static_cast<char>(kind));
  entry.append(body_sha256.begin(), body_sha256.end());
  return entry;
}

Digest log_leaf_hash(LeafKind kind, const Digest& body_sha256) { return leaf_hash(log_entry(kind, body_sha256)); }

Expected<Digest> tree_root(HashSource& source, std::uint64_t size) {
  if (size == 0) return sha256("");
  return Tiles(source, size).root({0, size});
}

// RFC 6962 2.1.1, from the whole tree down to the leaf.
Expected<std::vector<Digest>> inclusion_proof(HashSource& source, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return fail(ProblemCode::kInvalidArgument, "index", "is not in a tree of this size");
  std::vector<Range> siblings;
  Range range{0, size};
  while (range.size() > 1) {
    const Range left{range.first, range.middle()};
    const Range right{range.middle(), range.end};
    const bool is_left = index < left.end;
    siblings.push_back(is_left ? right : left);
    range = is_left ? left : right;
  }
  std::reverse(siblings.begin(), siblings.end());
  return roots(source, size, siblings);
}

// RFC 6962 2.1.2, from the whole tree down to the subtree that ends with the old tree.
Expected<std::vector<Digest>> consistency_proof(HashSource& source, std::uint64_t old_size, std::uint64_t size) {
  if (old_size > size) return fail(ProblemCode::kInvalidArgument, "old_size", "is larger than the tree");
  if (old_size == 0 || old_size == size) return std::vector<Digest>();
  std::vector<Range> subtrees;
  Range range{0, size};
  while (range.end != old_size) {
    const Range left{range.first, range.middle()};
    const Range right{range.middle(), range.end};
    const bool ends_left = old_size <= left.end;
    subtrees.push_back(ends_left ? right : left);
    range = ends_left ? left : right;
  }
  // The old tree's own root need not be told.
  if (range.first != 0) subtrees.push_back(range);
  std::reverse(subtrees.begin(), subtrees.end());
  return roots(source, size, subtrees);
}

// RFC 9162 2.1.4.2.
bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size, const Digest& root,
                        std::span<const Digest> proof) {
  if (old_size > size) return false;
  if (old_size == 0 && old_root != sha256("")) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty();
  if (proof.empty()) return false;

  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while ((node & 1U) != 0) {
    node >>= 1U;
    last >>= 1U;
  }
  // An old tree that is one full subtree starts the proof itself.
  const bool starts = std::has_single_bit(old_size);
  Digest old_hash = starts ? old_root : proof.front();
  Digest hash = old_hash;
  for (const Digest& sibling : starts ? proof : proof.subspan(1)) {
    if (last == 0) return false;
    if ((node & 1U) != 0 || node == last) {
      old_hash = node_hash(sibling, old_hash);
      hash = node_hash(sibling, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

Expected<GrowingTree> GrowingTree::at(HashSource& source, std::uint64_t size) {
  std::vector<Range> subtrees;
  for (std::uint64_t first = 0; first < size;) {
    const std::uint64_t width = std::bit_floor(size - first);
    subtrees.push_back({first, first + width});
    first += width;
  }
  auto edge = roots(source, size, subtrees);
  if (!edge) return Unexpected(edge.error());
  GrowingTree tree;
  tree.size_ = size;
  tree.edge_ = std::move(*edge);
  return tree;
}

void GrowingTree::append(const Digest& leaf, std::vector<TreeNode>& completed) {
  edge_.push_back(leaf);
  ++size_;
  const auto merges = static_cast<unsigned>(std::countr_zero(size_));
  for (unsigned height = 1; height <= merges; ++height) {
    const Digest right = edge_.back();
    edge_.pop_back();
    edge_.back() = node_hash(edge_.back(), right);
    if (height % kTileHeight == 0) completed.push_back({height / kTileHeight, (size_ >> height) - 1, edge_.back()});
  }
}

Digest GrowingTree::root() const {
  if (edge_.empty()) return sha256("");
  Digest hash = edge_.back();
  for (std::size_t i = edge_.size() - 1; i > 0; --i) hash = node_hash(edge_[i - 1], hash);
  return hash;
}

}  // namespace mpic::evidence
