// A log's hashes in memory, kept as a store keeps them; counts what is read of it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/evidence/log_tree.hpp"

namespace mpic::test {

class FakeHashSource : public evidence::HashSource {
 public:
  FakeHashSource() = default;
  // Leaf i is the hash of "leaf <i>".
  explicit FakeHashSource(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) append(evidence::leaf_hash("leaf " + std::to_string(i)));
  }

  void append(const Digest& leaf) {
    levels_[0].push_back(leaf);
    std::vector<evidence::TreeNode> completed;
    tree_.append(leaf, completed);
    for (const evidence::TreeNode& node : completed) {
      if (node.index != levels_[node.level].size()) out_of_order_ = true;
      levels_[node.level].push_back(node.hash);
    }
  }
  [[nodiscard]] const std::vector<Digest>& leaves() { return levels_[0]; }
  [[nodiscard]] const evidence::GrowingTree& tree() const { return tree_; }
  // A hash above the leaves became final that was not the next one of its level.
  [[nodiscard]] bool out_of_order() const { return out_of_order_; }

  [[nodiscard]] Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override {
    ++reads_;
    hashes_read_ += count;
    if (reads_ == failing_read_) return fail(ProblemCode::kInternal, "log", "the disk is broken");
    for (std::uint64_t tile = first / evidence::kTileWidth; tile * evidence::kTileWidth < first + count; ++tile) {
      if (++tile_reads_[{level, tile}] > 1) read_twice_ = true;
    }
    const std::vector<Digest>& kept = levels_[level];
    if (first > kept.size() || count > kept.size() - first) {
      return fail(ProblemCode::kInternal, "log", "there are not so many hashes");
    }
    const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<Digest>(begin, begin + static_cast<std::ptrdiff_t>(short_by_one_ ? count - 1 : count));
  }

  void forget_reads() { reads_ = hashes_read_ = 0, read_twice_ = false, tile_reads_.clear(); }
  [[nodiscard]] std::size_t reads() const { return reads_; }
  [[nodiscard]] std::size_t hashes_read() const { return hashes_read_; }
  [[nodiscard]] bool read_twice() const { return read_twice_; }
  // The read of this number since forget_reads(), from 1, fails; 0: none.
  void fail_read(std::size_t number) { failing_read_ = number; }
  void give_one_too_few(bool short_by_one) { short_by_one_ = short_by_one; }
  void bend(unsigned level, std::size_t index) { levels_[level].at(index)[0] ^= 1U; }

 private:
  std::map<unsigned, std::vector<Digest>> levels_;
  evidence::GrowingTree tree_;
  std::map<std::pair<unsigned, std::uint64_t>, int> tile_reads_;
  std::size_t reads_ = 0;
  std::size_t hashes_read_ = 0;
  std::size_t failing_read_ = 0;
  bool read_twice_ = false;
  bool out_of_order_ = false;
  bool short_by_one_ = false;
};

}  // namespace mpic::test
