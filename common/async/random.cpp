#include "common/async/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace mpic {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    throw std::runtime_error("the system's random generator failed");
  }
}

}  // namespace mpic
