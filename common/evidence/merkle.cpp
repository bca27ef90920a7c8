#include "common/evidence/merkle.hpp"

#include <openssl/evp.h>

#include <bit>
#include <stdexcept>

namespace mpic::evidence {
namespace {

// Fetched once: OpenSSL 3 otherwise looks the algorithm up on every call.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return kMd;
}

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex2(context_, sha256_algorithm(), nullptr) != 1) {
      EVP_MD_CTX_free(context_);
      throw std::runtime_error("SHA-256 is not available");
    }
  }
  ~Hasher() { EVP_MD_CTX_free(context_); }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(const void* data, std::size_t size) {
    EVP_DigestUpdate(context_, data, size);
    return *this;
  }
  Digest finish() {
    Digest out{};
    EVP_DigestFinal_ex(context_, out.data(), nullptr);
    return out;
  }

 private:
  EVP_MD_CTX* context_;
};

// RFC 6962 2.1: the largest power of two smaller than n.
std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }

}  // namespace

Digest sha256(std::string_view octets) { return Hasher().add(octets.data(), octets.size()).finish(); }

Digest leaf_hash(std::string_view leaf) {
  const std::uint8_t prefix = 0;
  return Hasher().add(&prefix, 1).add(leaf.data(), leaf.size()).finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  const std::uint8_t prefix = 1;
  return Hasher().add(&prefix, 1).add(left.data(), left.size()).add(right.data(), right.size()).finish();
}

Digest merkle_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = split(leaves.size());
  return node_hash(merkle_root(leaves.first(k)), merkle_root(leaves.subspan(k)));
}

std::vector<Digest> inclusion_path(std::span<const Digest> leaves, std::size_t index) {
  if (leaves.size() <= 1) return {};
  const std::size_t k = split(leaves.size());
  std::vector<Digest> path;
  if (index < k) {
    path = inclusion_path(leaves.first(k), index);
    path.push_back(merkle_root(leaves.subspan(k)));
  } else {
    path = inclusion_path(leaves.subspan(k), index - k);
    path.push_back(merkle_root(leaves.first(k)));
  }
  return path;
}

// RFC 9162 2.1.3.2. A path that is too short or too long for this index and size fails.
bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> path,
                      const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : path) {
    if (last == 0) return false;
    if ((node & 1U) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && hash == root;
}

}  // namespace mpic::evidence
