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

// One context for each thread: a hash of a few octets costs less than making one.
EVP_MD_CTX* thread_context() {
  struct Owner {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Owner() { EVP_MD_CTX_free(context); }
  };
  thread_local const Owner kOwner;
  return kOwner.context;
}

// One at a time in a thread.
class Hasher {
 public:
  Hasher() : context_(thread_context()) {
    if (context_ == nullptr || EVP_DigestInit_ex2(context_, sha256_algorithm(), nullptr) != 1) {
      throw std::runtime_error("SHA-256 is not available");
    }
  }

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

// The root over `leaves`; each half's root goes to the paths of the other half.
Digest add_paths(std::span<const Digest> leaves, std::span<std::vector<Digest>> paths) {
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = split(leaves.size());
  const Digest left = add_paths(leaves.first(k), paths.first(k));
  const Digest right = add_paths(leaves.subspan(k), paths.subspan(k));
  for (std::vector<Digest>& path : paths.first(k)) path.push_back(right);
  for (std::vector<Digest>& path : paths.subspan(k)) path.push_back(left);
  return node_hash(left, right);
}

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

MerkleTree merkle_tree(std::span<const Digest> leaves) {
  MerkleTree tree;
  tree.paths.resize(leaves.size());
  tree.root = add_paths(leaves, tree.paths);
  return tree;
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
