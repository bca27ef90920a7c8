// Letters without case, in ASCII alone: DNS names (RFC 4343), tags, schemes and tags of HTML. Other octets stay.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mpic {

[[nodiscard]] constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lowered(c);
  return out;
}

[[nodiscard]] constexpr bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lowered(x) == lowered(y); });
}

}  // namespace mpic
