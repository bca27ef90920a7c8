#include "common/domain/punycode.hpp"

#include <cstddef>
#include <cstdint>

namespace mpic {
namespace {

// RFC 3492 5.
constexpr std::uint32_t kBase = 36, kTMin = 1, kTMax = 26, kSkew = 38, kDamp = 700, kInitialBias = 72;
constexpr std::uint32_t kInitialN = 128;

std::optional<std::uint32_t> digit_of(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 26;
  return std::nullopt;
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
  if (k <= bias + kTMin) return kTMin;
  return k >= bias + kTMax ? kTMax : k - bias;
}

std::uint32_t adapted(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > ((kBase - kTMin) * kTMax) / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

// One generalized variable-length integer, removed from the front of `digits`. None when it ends early or
// outgrows what a label can hold.
std::optional<std::uint32_t> next_delta(std::string_view& digits, std::uint32_t bias) {
  constexpr std::uint64_t kLargest = 0x10FFFFULL * 64;  // every code point at every place of a label
  std::uint64_t value = 0;
  std::uint64_t weight = 1;
  for (std::uint32_t k = kBase; !digits.empty(); k += kBase) {
    const auto digit = digit_of(digits.front());
    digits.remove_prefix(1);
    if (!digit) return std::nullopt;
    value += *digit * weight;
    if (value > kLargest) return std::nullopt;
    const std::uint32_t t = threshold(k, bias);
    if (*digit < t) return static_cast<std::uint32_t>(value);
    weight *= kBase - t;
    if (weight > kLargest * kBase) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::u32string> punycode_decoded(std::string_view encoded) {
  std::u32string text;
  if (const std::size_t delimiter = encoded.rfind('-'); delimiter != std::string_view::npos) {
    // "-" with nothing before it is no delimiter that an encoder writes (RFC 3492 6.3: only after basic code
    // points).
    if (delimiter == 0) return std::nullopt;
    for (const char c : encoded.substr(0, delimiter)) text += static_cast<char32_t>(static_cast<unsigned char>(c));
    encoded.remove_prefix(delimiter + 1);
  }
  if (encoded.empty()) return std::nullopt;

  std::uint32_t n = kInitialN;
  std::uint32_t i = 0;
  std::uint32_t bias = kInitialBias;
  for (bool first = true; !encoded.empty(); first = false) {
    const auto delta = next_delta(encoded, bias);
    if (!delta) return std::nullopt;
    const auto points = static_cast<std::uint32_t>(text.size()) + 1;
    bias = adapted(*delta, points, first);
    i += *delta;
    n += i / points;
    i %= points;
    if (n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF)) return std::nullopt;
    text.insert(text.begin() + i, static_cast<char32_t>(n));
    ++i;
  }
  return text;
}

}  // namespace mpic
