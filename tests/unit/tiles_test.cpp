// Tiles and bundles against C2SP tlog-tiles, and the text of a proof against tlog-proof.
#include "common/evidence/tiles.hpp"

#include <map>

#include "common/evidence/log_proof.hpp"
#include "common/evidence/text_form.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_hash_source.hpp"

using namespace mpic;
using namespace mpic::evidence;
using mpic::test::FakeHashSource;

namespace {

// A mirror: it has the files of a log and nothing else.
class Mirror : public HashSource {
 public:
  void put(const Tile& tile, std::string octets) { files_[tile_path(tile)] = std::move(octets); }
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override {
    const auto found = files_.find(tile_path({level, first / kTileWidth, count}));
    if (first % kTileWidth != 0 || found == files_.end()) return fail(ProblemCode::kInternal, "mirror", "no such file");
    std::vector<Digest> out(count);
    if (found->second.size() != count * 32) return fail(ProblemCode::kInternal, "mirror", "another length");
    for (std::size_t i = 0; i < count * 32; ++i) out[i / 32][i % 32] = static_cast<std::uint8_t>(found->second[i]);
    return out;
  }
  [[nodiscard]] std::size_t files() const { return files_.size(); }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace

TEST_CASE("where a tile lies", "[tiles]") {
  struct Row {
    Tile tile;
    const char* path;
  };
  const Row rows[] = {
      {{0, 0, 256}, "tile/0/000"},
      {{0, 1234067, 256}, "tile/0/x001/x234/067"},
      {{0, 999, 256}, "tile/0/999"},
      {{0, 1000, 256}, "tile/0/x001/000"},
      {{1, 1, 17}, "tile/1/001.p/17"},
      {{2, 0, 1}, "tile/2/000.p/1"},
      {{7, 1000000, 255}, "tile/7/x001/x000/000.p/255"},
      {{0, ~std::uint64_t{0}, 256}, "tile/0/x018/x446/x744/x073/x709/x551/615"},
  };
  for (const Row& row : rows) CHECK(tile_path(row.tile) == row.path);
  CHECK(entry_bundle_path(1234067, 256) == "tile/entries/x001/x234/067");
  CHECK(entry_bundle_path(273, 112) == "tile/entries/273.p/112");
}

TEST_CASE("which tiles a tree consists of", "[tiles]") {
  using Levels = std::vector<TileLevel>;
  CHECK(tile_levels(0).empty());
  CHECK(tile_levels(1) == Levels{{0, 0, 1}});
  CHECK(tile_levels(255) == Levels{{0, 0, 255}});
  CHECK(tile_levels(256) == Levels{{0, 1, 0}, {1, 0, 1}});
  CHECK(tile_levels(70'000) == Levels{{0, 273, 112}, {1, 1, 17}, {2, 0, 1}});  // the example of tlog-tiles
  CHECK(tile_levels(65'536) == Levels{{0, 256, 0}, {1, 1, 0}, {2, 0, 1}});
  CHECK(tile_levels(~std::uint64_t{0}).size() == 8);
  const TileLevel level{0, 273, 112};
  CHECK(level.count() == 274);
  CHECK(level.tile(272) == Tile{0, 272, 256});
  CHECK(level.tile(273) == Tile{0, 273, 112});
}

TEST_CASE("from its tiles alone a tree's root and proofs follow", "[tiles]") {
  FakeHashSource log(70'000);
  for (const std::uint64_t size : {1U, 255U, 256U, 257U, 70'000U}) {
    INFO(size);
    Mirror mirror;
    std::uint64_t tiles = 0;
    for (const TileLevel& level : tile_levels(size)) {
      for (std::uint64_t i = 0; i < level.count(); ++i) {
        const auto octets = tile_octets(log, level.tile(i));
        REQUIRE(octets);
        mirror.put(level.tile(i), *octets);
        ++tiles;
      }
    }
    CHECK(mirror.files() == tiles);
    CHECK(tree_root(mirror, size) == *tree_root(log, size));
    CHECK(inclusion_proof(mirror, size / 2, size) == *inclusion_proof(log, size / 2, size));
    CHECK(consistency_proof(mirror, size / 3, size) == *consistency_proof(log, size / 3, size));
  }
  CHECK_FALSE(tile_octets(log, {0, 273, 256}));
  log.give_one_too_few(true);
  CHECK_FALSE(tile_octets(log, {0, 0, 256}));
}

TEST_CASE("a bundle holds entries after their lengths", "[tiles]") {
  const std::vector<std::string> entries{"", "ab", std::string(258, 'c'), log_entry(LeafKind::kEvent, sha256("e"))};
  const std::string bundle = entry_bundle(entries);
  CHECK(bundle.substr(0, 6) == std::string("\0\0\0\2ab", 6));
  CHECK(bundle.substr(6, 3) == std::string("\1\2c", 3));
  CHECK(bundle.substr(266, 3) == std::string("\0\x21\4", 3));
  CHECK(bundle.size() == 266 + 2 + 33);
  CHECK(entry_bundle({}).empty());
}

TEST_CASE("octets and numbers have one form", "[text_form]") {
  struct Row {
    std::string octets;
    const char* text;
  };
  // RFC 4648, section 10.
  const Row rows[] = {{"", ""},
                      {"f", "Zg=="},
                      {"fo", "Zm8="},
                      {"foo", "Zm9v"},
                      {"foob", "Zm9vYg=="},
                      {"fooba", "Zm9vYmE="},
                      {"foobar", "Zm9vYmFy"},
                      {"\xFB\xFF\xFE", "+//+"}};
  for (const Row& row : rows) {
    CHECK(to_base64(row.octets) == row.text);
    CHECK(from_base64(row.text) == row.octets);
  }
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Zg===", "=", "====", "Zg==Zg==", "Zm9v\n", " Zm9v",
                           "Zm9v=", "Zm-_", "Zm8=Z", "Z=g="}) {
    INFO(text);
    CHECK_FALSE(from_base64(text));
  }
  CHECK_FALSE(digest_from_base64("Zm9v"));
  CHECK(from_decimal("0") == 0U);
  CHECK(from_decimal("18446744073709551615") == ~std::uint64_t{0});
  for (const char* text : {"", "00", "01", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616", "0x1"}) {
    INFO(text);
    CHECK_FALSE(from_decimal(text));
  }
}

TEST_CASE("a proof is handed on as text", "[log_proof]") {
  FakeHashSource log(300);
  const NoteSigner signer = NoteSigner::generate("log.example");
  const std::vector<NoteVerifier> known{signer.verifier()};
  const Checkpoint checkpoint{"log.example", 300, log.tree().root()};
  for (const std::uint64_t index : {0U, 255U, 299U}) {
    LogProof proof{index, *inclusion_proof(log, index, 300), signer.sign(checkpoint), ""};
    CHECK(read_proof(write_proof(proof)) == proof);
    CHECK(verify_proof(proof, log.leaves()[index], known) == checkpoint);
    proof.extra = "record\n1";
    CHECK(read_proof(write_proof(proof)) == proof);
    CHECK_FALSE(verify_proof(proof, log.leaves()[index + 1 < 300 ? index + 1 : 0], known));
    CHECK_FALSE(verify_proof(proof, log.leaves()[index], {}));
    proof.index = 300;
    CHECK_FALSE(verify_proof(proof, log.leaves()[index], known));
  }
  const LogProof one{0, {}, "note", ""};
  CHECK(write_proof(one) == "c2sp.org/tlog-proof@v1\nindex 0\n\nnote");
  CHECK(read_proof(write_proof(one)) == one);
}

TEST_CASE("texts that are no proofs", "[log_proof]") {
  const std::string hash = to_base64(sha256("")) + "\n";
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  struct Row {
    const char* what;
    std::string text;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"the first line alone", first},
      {"another version", "c2sp.org/tlog-proof@v2\nindex 1\n" + hash + "\nnote"},
      {"no index", first + hash + "\nnote"},
      {"an index with leading zeros", first + "index 01\n" + hash + "\nnote"},
      {"a negative index", first + "index -1\n" + hash + "\nnote"},
      {"two blanks", first + "index  1\n" + hash + "\nnote"},
      {"extra after the index", first + "index 1\nextra Zg==\n" + hash + "\nnote"},
      {"extra that is not base64", first + "extra Zg\nindex 1\n" + hash + "\nnote"},
      {"extra of nothing", first + "extra \nindex 1\n" + hash + "\nnote"},
      {"too much extra", first + "extra " + to_base64(std::string(8193, 'a')) + "\nindex 1\n" + hash + "\nnote"},
      {"a hash that is too short", first + "index 1\nZg==\n\nnote"},
      {"a blank after a hash", first + "index 1\n" + to_base64(sha256("")) + " \n\nnote"},
      {"no empty line", first + "index 1\n" + hash},
      {"no checkpoint", first + "index 1\n" + hash + "\n"},
      {"a checkpoint that is too long", first + "index 1\n" + hash + "\n" + std::string(kMaxNote + 1, 'a')},
      {"ends of lines of Windows", "c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\nnote"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto read = read_proof(row.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ProblemCode::kEvidenceInvalid);
  }
  std::string long_path = first + "index 1\n";
  for (int i = 0; i < 64; ++i) long_path += hash;
  CHECK(read_proof(long_path + "\nnote"));
  CHECK_FALSE(read_proof(long_path + hash + "\nnote"));
}
