// Randomness as a seam: nonces and identifiers come from here, so that a scenario can be repeated exactly.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mpic {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  template <std::size_t N>
  std::array<std::uint8_t, N> octets() {
    std::array<std::uint8_t, N> out{};
    fill(out);
    return out;
  }
};

// OpenSSL's generator. Throws std::runtime_error when it fails: there is no going on without it.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace mpic
