#include "common/async/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mpic {
namespace {

constexpr std::size_t kReserve = 1024;

// Each call of the generator costs a microsecond, however little is wanted; so each thread fetches a reserve. What was
// given out is wiped from it.
class Reserve {
 public:
  void take(std::span<std::uint8_t> out) {
    if (left_ < out.size()) {
      generate(octets_);
      left_ = octets_.size();
    }
    const auto from = octets_.end() - static_cast<std::ptrdiff_t>(left_);
    std::copy_n(from, out.size(), out.begin());
    OPENSSL_cleanse(&*from, out.size());
    left_ -= out.size();
  }

  static void generate(std::span<std::uint8_t> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
      throw std::runtime_error("the system's random generator failed");
    }
  }

 private:
  std::array<std::uint8_t, kReserve> octets_{};
  std::size_t left_ = 0;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
  thread_local Reserve reserve;
  if (out.size() > kReserve / 4) {
    Reserve::generate(out);
  } else if (!out.empty()) {
    reserve.take(out);
  }
}

}  // namespace mpic
