#include "common/evidence/merkle.hpp"

#include "common/domain/hex.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::evidence;

namespace {

// The leaves that implementations of RFC 6962 commonly compare themselves with.
std::vector<Digest> leaves(std::size_t count) {
  const std::string all[] = {"",
                             std::string("\x00", 1),
                             "\x10",
                             "\x20\x21",
                             "\x30\x31",
                             "\x40\x41\x42\x43",
                             "\x50\x51\x52\x53\x54\x55\x56\x57",
                             "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash(all[i]));
  return out;
}

}  // namespace

TEST_CASE("tree heads are those of RFC 6962", "[merkle]") {
  CHECK(hex(merkle_root({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(merkle_root(leaves(1))) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  CHECK(hex(merkle_root(leaves(2))) == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  CHECK(hex(merkle_root(leaves(3))) == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  CHECK(hex(merkle_root(leaves(8))) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("each leaf is in its tree, by exactly one path, at exactly one place", "[merkle]") {
  for (std::size_t size = 1; size <= 8; ++size) {
    const auto tree = leaves(size);
    const Digest root = merkle_root(tree);
    const MerkleTree whole = merkle_tree(tree);
    CHECK(whole.root == root);
    for (std::size_t index = 0; index < size; ++index) {
      const auto path = inclusion_path(tree, index);
      CHECK(verify_inclusion(tree[index], index, size, path, root));
      CHECK_FALSE(verify_inclusion(tree[index], size, size, path, root));
      for (std::size_t other = 0; other < size; ++other) {
        if (other != index) CHECK_FALSE(verify_inclusion(tree[index], other, size, path, root));
      }
      auto longer = path;
      longer.push_back(root);
      CHECK_FALSE(verify_inclusion(tree[index], index, size, longer, root));
      if (!path.empty()) {
        auto shorter = path;
        shorter.pop_back();
        CHECK_FALSE(verify_inclusion(tree[index], index, size, shorter, root));
        auto bent = path;
        bent.front()[0] ^= 1;
        CHECK_FALSE(verify_inclusion(tree[index], index, size, bent, root));
      }
    }
  }
}
