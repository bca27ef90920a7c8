#include "common/evidence/text_form.hpp"

#include <algorithm>
#include <charconv>

namespace mpic::evidence {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t octet_at(std::string_view octets, std::size_t index) {
  return index < octets.size() ? static_cast<std::uint8_t>(octets[index]) : 0U;
}

}  // namespace

std::string to_base64(std::string_view octets) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::uint32_t group = octet_at(octets, i) << 16U | octet_at(octets, i + 1) << 8U | octet_at(octets, i + 2);
    const std::size_t digits = std::min<std::size_t>(3, octets.size() - i) + 1;
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit < digits ? kAlphabet[group >> (18 - 6 * digit) & 0x3FU] : '=';
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string octets;
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that are not octets yet
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFFU);
  }
  // What of padding, length and spare bits is otherwise would be written otherwise.
  if (to_base64(octets) != text) return std::nullopt;
  return octets;
}

std::string to_base64(const Digest& digest) {
  return to_base64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::optional<Digest> digest_from_base64(std::string_view text) {
  Digest digest{};
  const auto octets = from_base64(text);
  if (!octets || octets->size() != digest.size()) return std::nullopt;
  std::copy(octets->begin(), octets->end(), digest.begin());
  return digest;
}

std::optional<std::uint64_t> from_decimal(std::string_view text) {
  const bool is_digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || !is_digits || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace mpic::evidence
