#include "tests/fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>

#include "common/domain/problem.hpp"

namespace mpic::fuzz {
namespace {

// A sentence with the longest URL in it, escaped.
constexpr std::size_t kLongestText = 16 * 1024;

}  // namespace

void hold(bool kept, std::string_view rule) {
  if (kept) return;
  std::fprintf(stderr, "BROKEN: %.*s\n", static_cast<int>(rule.size()), rule.data());
  std::abort();
}

void hold_equal(std::string_view left, std::string_view right, std::string_view rule) {
  if (left == right) return;
  std::fprintf(stderr, "one:   \"%s\"\nother: \"%s\"\n", printable(left, kLongestText).c_str(),
               printable(right, kLongestText).c_str());
  hold(false, rule);
}

void hold_presentable(std::string_view text) {
  hold(text.size() <= kLongestText, "a problem's text is bounded");
  hold_equal(presentable(text, kLongestText), text, "a problem's text needs no more escaping");
}

}  // namespace mpic::fuzz
