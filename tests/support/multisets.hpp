// Multisets of numbered kinds, each as a sorted list, in lexicographic order; and which one of them a list is.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace mpic::test {

// visit(const std::vector<int>&) for each multiset of `size` out of `kinds`. `list` is scratch, empty.
template <class Visit>
void each_multiset(std::vector<int>& list, std::size_t size, int kinds, Visit&& visit) {
  if (list.size() == size) return visit(std::as_const(list));
  for (int kind = list.empty() ? 0 : list.back(); kind < kinds; ++kind) {
    list.push_back(kind);
    each_multiset(list, size, kinds, visit);
    list.pop_back();
  }
}

template <class Visit>
void each_multiset_up_to(std::size_t most, int kinds, Visit&& visit) {
  std::vector<int> list;
  for (std::size_t size = 0; size <= most; ++size) each_multiset(list, size, kinds, visit);
}

// Of multisets of one size. kinds + size at most 40.
class Numbering {
 public:
  Numbering(std::size_t size, int kinds) : size_(size), kinds_(kinds) {
    for (std::size_t n = 0; n < kMost; ++n) {
      choose_[n][0] = 1;
      for (std::size_t k = 1; k <= n; ++k) choose_[n][k] = choose_[n - 1][k - 1] + choose_[n - 1][k];
    }
  }
  [[nodiscard]] std::size_t count() const { return multisets(size_, kinds_); }
  // From 0, in the order of each_multiset().
  [[nodiscard]] std::size_t number(const std::vector<int>& list) const {
    std::size_t out = 0;
    int least = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      // Those before it with the same beginning: all that go on with a smaller kind.
      out += multisets(size_ - i, kinds_ - least) - multisets(size_ - i, kinds_ - list[i]);
      least = list[i];
    }
    return out;
  }

 private:
  static constexpr std::size_t kMost = 40;
  [[nodiscard]] std::size_t multisets(std::size_t size, int kinds) const {
    return size == 0 ? 1 : choose_[static_cast<std::size_t>(kinds) + size - 1][size];
  }

  std::size_t size_;
  int kinds_;
  std::array<std::array<std::size_t, kMost>, kMost> choose_{};
};

}  // namespace mpic::test
