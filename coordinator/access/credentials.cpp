#include "coordinator/access/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/domain/identifier.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::string_view kBearer = "bearer";
constexpr std::size_t kMaxSource = 128;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// What stands behind the scheme; with another scheme all of it, which is no key.
std::string_view bearer_token(std::string_view value) {
  value = trimmed(value);
  const std::string_view scheme = value.substr(0, kBearer.size());
  const bool is_bearer = std::equal(scheme.begin(), scheme.end(), kBearer.begin(), kBearer.end(),
                                    [](char a, char b) { return lower(a) == b; });
  if (!is_bearer || value.size() <= kBearer.size() || value[kBearer.size()] != ' ') return value;
  return trimmed(value.substr(kBearer.size()));
}

// ::ffff:192.0.2.1, as a socket of both families tells of IPv4.
bool is_mapped(std::span<const std::uint8_t> octets) {
  const bool is_zero = std::all_of(octets.begin(), octets.begin() + 10, [](std::uint8_t octet) { return octet == 0; });
  return is_zero && octets[10] == 0xFF && octets[11] == 0xFF;
}

}  // namespace

std::string api_key_shown(const std::vector<std::string_view>& x_api_key,
                          const std::vector<std::string_view>& authorization) {
  std::vector<std::string_view> shown;
  for (const std::string_view value : x_api_key) shown.push_back(trimmed(value));
  for (const std::string_view value : authorization) shown.push_back(bearer_token(value));
  std::string out;
  for (const std::string_view key : shown) {
    if (key == out) continue;
    if (!out.empty()) out += ' ';  // in no key
    out += key;
    if (out.size() > kMaxShownKey) break;
  }
  if (!shown.empty() && out.empty()) return " ";  // something was shown, and is none
  out.resize(std::min(out.size(), kMaxShownKey));
  return out;
}

std::string source_group(std::string_view source) {
  const auto address = IpAddress::parse(source);
  if (!address) return std::string(source.substr(0, kMaxSource));
  if (address->is_v4()) return address->text();
  std::array<std::uint8_t, 16> octets{};
  std::copy(address->octets().begin(), address->octets().end(), octets.begin());
  if (is_mapped(octets)) return IpAddress::v4({octets[12], octets[13], octets[14], octets[15]}).text();
  std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
  return IpAddress::v6(octets).text() + "/64";
}

}  // namespace mpic::coordinator
