// The tree of a log, against the plain recursion of RFC 6962 2.1 over all its leaves.
#include "common/evidence/log_tree.hpp"

#include <bit>
#include <random>

#include "common/domain/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_hash_source.hpp"

using namespace mpic;
using namespace mpic::evidence;
using mpic::test::FakeHashSource;

namespace {

using Hashes = std::vector<Digest>;

// RFC 6962 2.1.2, word by word.
Hashes subproof(std::size_t old_size, std::span<const Digest> leaves, bool whole) {
  if (old_size == leaves.size()) return whole ? Hashes() : Hashes{merkle_root(leaves)};
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  Hashes proof;
  if (old_size <= k) {
    proof = subproof(old_size, leaves.first(k), whole);
    proof.push_back(merkle_root(leaves.subspan(k)));
  } else {
    proof = subproof(old_size - k, leaves.subspan(k), false);
    proof.push_back(merkle_root(leaves.first(k)));
  }
  return proof;
}

Digest digest(std::string_view hexadecimal) {
  Digest out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(std::stoi(std::string(hexadecimal.substr(2 * i, 2)), nullptr, 16));
  }
  return out;
}

// The leaves that implementations of RFC 6962 commonly compare themselves with.
FakeHashSource common_leaves() {
  const std::string all[] = {"",
                             std::string("\x00", 1),
                             "\x10",
                             "\x20\x21",
                             "\x30\x31",
                             "\x40\x41\x42\x43",
                             "\x50\x51\x52\x53\x54\x55\x56\x57",
                             "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  FakeHashSource log;
  for (const std::string& leaf : all) log.append(leaf_hash(leaf));
  return log;
}

const char* const kRoots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                              "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                              "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                              "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                              "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<std::string> in_hex(const Hashes& hashes) {
  std::vector<std::string> out;
  for (const Digest& hash : hashes) out.push_back(hex(hash));
  return out;
}

// Every index of small trees and of those around a full tile, else the edges and a few between.
std::vector<std::uint64_t> indices_of(std::uint64_t size, std::mt19937_64& random) {
  std::vector<std::uint64_t> out;
  const bool all = size <= 66 || (size >= 255 && size <= 258) || size == 512;
  for (std::uint64_t i = 0; i < size; ++i) {
    if (all || i == 0 || i + 1 == size || i % kTileWidth == 255 || i % 97 == random() % 97) out.push_back(i);
  }
  return out;
}

// All that one may ask of a log at one size, against the whole list of its leaves.
void check_size(FakeHashSource& log, std::uint64_t size, const std::vector<std::uint64_t>& indices) {
  const auto leaves = std::span(log.leaves()).first(size);
  const MerkleTree expected = merkle_tree(leaves);
  CHECK(tree_root(log, size) == expected.root);
  CHECK(GrowingTree::at(log, size)->root() == expected.root);
  for (const std::uint64_t index : indices) {
    INFO("leaf " << index << " of " << size);
    log.forget_reads();
    const auto proof = inclusion_proof(log, index, size);
    REQUIRE(proof);
    CHECK(*proof == expected.paths[index]);
    CHECK_FALSE(log.read_twice());
    CHECK(verify_inclusion(leaves[index], index, size, *proof, expected.root));
  }
}

void check_pair(FakeHashSource& log, std::uint64_t old_size, std::uint64_t size) {
  INFO(old_size << " of " << size);
  log.forget_reads();
  const auto proof = consistency_proof(log, old_size, size);
  REQUIRE(proof);
  CHECK_FALSE(log.read_twice());
  const auto leaves = std::span(log.leaves()).first(size);
  CHECK(*proof == (old_size == 0 ? Hashes() : subproof(old_size, leaves, true)));
  const Digest old_root = merkle_root(leaves.first(old_size));
  CHECK(verify_consistency(old_size, old_root, size, merkle_root(leaves), *proof));
}

}  // namespace

TEST_CASE("a log's entry is its kind and the hash of its body", "[log_tree]") {
  const Digest body = sha256("a record");
  const std::string entry = log_entry(LeafKind::kRecord, body);
  CHECK(entry.size() == 33);
  CHECK(entry[0] == '\x01');
  CHECK(entry.substr(1) == std::string(body.begin(), body.end()));
  CHECK(log_leaf_hash(LeafKind::kEvent, body) == sha256(std::string("\x00\x04", 2) + entry.substr(1)));
  CHECK(log_leaf_hash(LeafKind::kRecord, body) != log_leaf_hash(LeafKind::kAddendum, body));
  CHECK(to_string(LeafKind::kSnapshot) == "snapshot");
}

TEST_CASE("roots and proofs are those that others publish for RFC 6962", "[log_tree]") {
  FakeHashSource log = common_leaves();
  CHECK(hex(*tree_root(log, 0)) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::uint64_t size = 1; size <= 8; ++size) CHECK(hex(*tree_root(log, size)) == kRoots[size - 1]);

  struct Inclusion {
    std::uint64_t index, size;
    std::vector<std::string> path;
  };
  const Inclusion inclusions[] = {
      {0, 1, {}},
      {0,
       8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5,
       8,
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
      {1,
       5,
       {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  for (const Inclusion& row : inclusions) {
    CHECK(in_hex(*inclusion_proof(log, row.index, row.size)) == row.path);
  }

  struct Consistency {
    std::uint64_t old_size, size;
    std::vector<std::string> path;
  };
  const Consistency consistencies[] = {
      {1, 1, {}},
      {0, 8, {}},
      {1,
       8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {6,
       8,
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2,
       5,
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  for (const Consistency& row : consistencies) {
    INFO(row.old_size << " of " << row.size);
    CHECK(in_hex(*consistency_proof(log, row.old_size, row.size)) == row.path);
    Hashes proof;
    for (const std::string& hash : row.path) proof.push_back(digest(hash));
    const Digest old_root = row.old_size == 0 ? sha256("") : digest(kRoots[row.old_size - 1]);
    CHECK(verify_consistency(row.old_size, old_root, row.size, digest(kRoots[row.size - 1]), proof));
  }
}

TEST_CASE("roots and inclusion proofs at every size", "[log_tree]") {
  std::mt19937_64 random(Catch::rngSeed());
  INFO("seed " << Catch::rngSeed());
  FakeHashSource log(600);
  CHECK_FALSE(log.out_of_order());
  for (std::uint64_t size = 1; size <= 600; ++size) check_size(log, size, indices_of(size, random));
}

TEST_CASE("roots and proofs of a log of three levels", "[log_tree]") {
  std::mt19937_64 random(Catch::rngSeed());
  INFO("seed " << Catch::rngSeed());
  FakeHashSource log(66'500);
  CHECK_FALSE(log.out_of_order());
  CHECK(log.tree().root() == merkle_root(log.leaves()));
  std::vector<std::uint64_t> sizes{65'535, 65'536, 65'537, 65'792, 65'793, 66'500};
  for (int i = 0; i < 10; ++i) sizes.push_back(1 + random() % log.leaves().size());
  for (const std::uint64_t size : sizes) {
    INFO("size " << size);
    check_size(log, size, {0, size - 1, random() % size, random() % size, std::min(size - 1, std::uint64_t{65'536})});
    check_pair(log, 1 + random() % size, size);
  }
  check_pair(log, 65'536, 66'500);
  check_pair(log, 65'535, 65'536);
}

TEST_CASE("consistency of every pair of sizes", "[log_tree]") {
  FakeHashSource log(700);
  for (std::uint64_t size = 0; size <= 130; ++size) {
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) check_pair(log, old_size, size);
  }
  std::mt19937_64 random(Catch::rngSeed());
  INFO("seed " << Catch::rngSeed());
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t size = 1 + random() % 700;
    check_pair(log, random() % (size + 1), size);
  }
}

TEST_CASE("a tree that is gone back to and grows again is the same tree", "[log_tree]") {
  FakeHashSource log(1000);
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 257U, 511U, 512U, 777U, 999U}) {
    INFO("from " << size);
    auto tree = GrowingTree::at(log, size);
    REQUIRE(tree);
    const GrowingTree before = *tree;
    std::vector<TreeNode> completed;
    for (std::uint64_t i = size; i < 1000; ++i) tree->append(log.leaves()[i], completed);
    CHECK(tree->root() == log.tree().root());
    CHECK(tree->size() == 1000);
    CHECK(completed.size() == 3 - size / 256);
    for (const TreeNode& node : completed) CHECK((*log.hashes(node.level, node.index, 1))[0] == node.hash);
    CHECK(before.size() == size);
    CHECK(before.root() == *tree_root(log, size));
  }
  CHECK(GrowingTree().root() == sha256(""));
}

TEST_CASE("hashes of upper levels are told lowest first", "[log_tree]") {
  GrowingTree tree;
  std::vector<TreeNode> completed;
  for (std::uint64_t i = 0; i < 65'536; ++i) {
    completed.clear();
    tree.append(leaf_hash("leaf"), completed);
  }
  REQUIRE(completed.size() == 2);
  CHECK(completed[0].level == 1);
  CHECK(completed[0].index == 255);
  CHECK(completed[1] == TreeNode{2, 0, tree.root()});
}

// A source that knows the size of the log only; proofs of such trees are read from it as from any other.
TEST_CASE("a proof from a long log reads a few hundred hashes", "[log_tree]") {
  class Long : public HashSource {
   public:
    Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override {
      read += count;
      const bool in_log = first + count <= (std::uint64_t{1'000'000'000} >> (8 * level));
      if (!in_log || first / 256 != (first + count - 1) / 256) return fail(ProblemCode::kInternal, "log", "too far");
      return std::vector<Digest>(count);
    }
    std::size_t read = 0;
  };
  struct Row {
    const char* what;
    std::uint64_t index, size;
    std::size_t most;
  };
  const Row rows[] = {
      {"the last leaf of a million", 999'999, 1'000'000, 600},
      {"the first leaf of a million", 0, 1'000'000, 700},
      {"a leaf in the middle of a million", 400'000, 1'000'000, 700},
      {"the first leaf of a billion", 0, 1'000'000'000, 1300},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Long log;
    const auto inclusion = inclusion_proof(log, row.index, row.size);
    REQUIRE(inclusion);
    CHECK(log.read <= row.most);
    log.read = 0;
    CHECK(consistency_proof(log, row.index + 1, row.size));
    CHECK(log.read <= row.most);
    log.read = 0;
    CHECK(tree_root(log, row.size));
    CHECK(log.read <= row.most);
  }
}

TEST_CASE("what is not in the log has no proof", "[log_tree]") {
  FakeHashSource log(10);
  CHECK(inclusion_proof(log, 10, 10).error().code == ProblemCode::kInvalidArgument);
  CHECK(inclusion_proof(log, 0, 0).error().code == ProblemCode::kInvalidArgument);
  CHECK(consistency_proof(log, 11, 10).error().code == ProblemCode::kInvalidArgument);
  CHECK_FALSE(inclusion_proof(log, 3, 11));
  CHECK_FALSE(tree_root(log, 11));
  CHECK_FALSE(GrowingTree::at(log, 257));
}

TEST_CASE("whichever read of a source fails, nothing comes of it", "[log_tree]") {
  FakeHashSource log(66'000);
  log.forget_reads();
  REQUIRE(inclusion_proof(log, 300, 66'000));
  const std::size_t reads = log.reads();
  CHECK(reads >= 4);
  for (std::size_t failing = 1; failing <= reads; ++failing) {
    log.forget_reads();
    log.fail_read(failing);
    const auto proof = inclusion_proof(log, 300, 66'000);
    REQUIRE_FALSE(proof);
    CHECK(proof.error().detail == "the disk is broken");
  }
  log.fail_read(0);
  log.give_one_too_few(true);
  CHECK_FALSE(tree_root(log, 66'000));
  CHECK_FALSE(consistency_proof(log, 300, 66'000));
}

TEST_CASE("one bent hash anywhere and the proofs do not lead to the root", "[log_tree]") {
  FakeHashSource log(600);
  const Digest root = log.tree().root();
  log.bend(1, 1);
  CHECK_FALSE(verify_inclusion(log.leaves()[3], 3, 600, *inclusion_proof(log, 3, 600), root));
  CHECK(*tree_root(log, 600) != root);
  CHECK(GrowingTree::at(log, 600)->root() != root);
}

TEST_CASE("a proof of consistency that was tampered with is refused", "[log_tree]") {
  FakeHashSource log(140);
  const auto root = [&](std::uint64_t size) { return *tree_root(log, size); };
  for (const std::uint64_t size : {2U, 3U, 7U, 8U, 64U, 65U, 100U, 128U, 129U}) {
    for (std::uint64_t old_size = 1; old_size < size; ++old_size) {
      INFO(old_size << " of " << size);
      const Hashes proof = *consistency_proof(log, old_size, size);
      for (std::size_t i = 0; i < proof.size(); ++i) {
        Hashes bent = proof;
        bent[i][i % 32] ^= 0x10U;
        CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size), bent));
        Hashes without = proof;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size), without));
        Hashes twice = proof;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), proof[i]);
        CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size), twice));
      }
      Hashes longer = proof;
      longer.push_back(root(size));
      CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size), longer));
      CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size), {}));
      CHECK_FALSE(verify_consistency(old_size, root(old_size - 1), size, root(size), proof));
      CHECK_FALSE(verify_consistency(old_size, root(old_size), size, root(size + 1), proof));
      CHECK_FALSE(verify_consistency(size, root(size), old_size, root(old_size), proof));
    }
  }
}

TEST_CASE("trees that nothing need be proved of", "[log_tree]") {
  const Digest empty = sha256("");
  const Digest one = leaf_hash("one");
  const Digest other = leaf_hash("other");
  const Hashes something{other};
  struct Row {
    const char* what;
    std::uint64_t old_size;
    Digest old_root;
    std::uint64_t size;
    Digest root;
    Hashes proof;
    bool consistent;
  };
  const Row rows[] = {
      {"the same tree", 5, one, 5, one, {}, true},
      {"the same size with another root", 5, one, 5, other, {}, false},
      {"the same tree, and a proof that nobody needs", 5, one, 5, one, something, false},
      {"nothing, then something", 0, empty, 5, one, {}, true},
      {"nothing, with the root of something", 0, other, 5, one, {}, false},
      {"nothing, and a proof that nobody needs", 0, empty, 5, one, something, false},
      {"nothing, then nothing", 0, empty, 0, empty, {}, true},
      {"nothing, with a root that is not of nothing", 0, one, 0, one, {}, false},
      {"a tree that shrank to nothing", 5, one, 0, empty, {}, false},
      {"sizes beyond everything", ~std::uint64_t{0} - 1, one, ~std::uint64_t{0}, other, something, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(verify_consistency(row.old_size, row.old_root, row.size, row.root, row.proof) == row.consistent);
  }
}
