// Lower-case hexadecimal.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mpic {

[[nodiscard]] inline std::string hex(std::span<const std::uint8_t> octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) {
    out += kDigits[octet >> 4U];
    out += kDigits[octet & 0x0FU];
  }
  return out;
}

}  // namespace mpic
