#include "tests/support/log_check.hpp"

#include <map>
#include <stdexcept>

#include "common/evidence/checkpoint.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

std::string at(std::uint64_t index) { return "leaf " + std::to_string(index); }

template <typename T>
T or_throw(Expected<T> value) {
  if (!value) throw std::runtime_error(value.error().detail);
  return *std::move(value);
}

// Hashes of every full subtree of 256^l leaves, level by level.
std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_over(std::vector<Digest> hashes) {
  std::map<std::pair<unsigned, std::uint64_t>, Digest> out;
  for (unsigned level = 1; hashes.size() >= evidence::kTileWidth; ++level) {
    std::vector<Digest> above;
    for (std::size_t from = 0; from + evidence::kTileWidth <= hashes.size(); from += evidence::kTileWidth) {
      above.push_back(evidence::merkle_root(std::span(hashes).subspan(from, evidence::kTileWidth)));
      out[{level, above.size() - 1}] = above.back();
    }
    hashes = std::move(above);
  }
  return out;
}

void check_leaf(const LoggedLeaf& leaf, std::vector<std::string>& faults) {
  if (!leaf.body.empty() && evidence::sha256(leaf.body) != leaf.body_sha256) {
    faults.push_back(at(leaf.index) + " is not of its body");
  }
  if (leaf.kind == evidence::LeafKind::kRecord && !leaf.record) faults.push_back(at(leaf.index) + " has no record");
  if (leaf.kind == evidence::LeafKind::kAddendum && !leaf.addendum)
    faults.push_back(at(leaf.index) + " has no addendum");
}

}  // namespace

std::vector<LoggedLeaf> all_leaves(LogReader& log, std::size_t part) {
  std::vector<LoggedLeaf> out;
  for (;;) {
    std::vector<LoggedLeaf> next = or_throw(log.leaves(out.empty() ? 0 : out.back().index + 1, part));
    const bool is_last = next.size() < part;
    for (LoggedLeaf& leaf : next) out.push_back(std::move(leaf));
    if (is_last) return out;
  }
}

std::vector<std::string> faults_of_log(LogReader& log, const TreeHead& head) {
  std::vector<std::string> faults;
  std::vector<Digest> hashes;
  for (const LoggedLeaf& leaf : all_leaves(log)) {
    if (leaf.index != hashes.size()) faults.push_back(at(hashes.size()) + " is missing");
    check_leaf(leaf, faults);
    hashes.push_back(evidence::log_leaf_hash(leaf.kind, leaf.body_sha256));
  }
  if (hashes.size() != head.size || or_throw(log.size()) != head.size) {
    return {"there are " + std::to_string(hashes.size()) + " leaves, not " + std::to_string(head.size)};
  }
  if (evidence::merkle_root(hashes) != head.root) faults.emplace_back("the root is another");
  std::map<std::pair<unsigned, std::uint64_t>, Digest> kept;
  for (const evidence::TreeNode& node : or_throw(log.head()).nodes) kept[{node.level, node.index}] = node.hash;
  if (kept != nodes_over(hashes)) faults.emplace_back("other hashes are kept than the tree has");
  for (const StoredCheckpoint& kept_one : or_throw(log.checkpoints({}, 100'000))) {
    const auto said = evidence::read_checkpoint(kept_one.note);
    const bool is_of_it = said && said->size == kept_one.size && said->size <= hashes.size() &&
                          evidence::merkle_root(std::span(hashes).first(said->size)) == said->root;
    if (!is_of_it) faults.push_back("the checkpoint of size " + std::to_string(kept_one.size) + " is of another tree");
  }
  return faults;
}

}  // namespace mpic::test
