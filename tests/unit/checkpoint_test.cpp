// Checkpoints against the examples that others publish, and against everything that a note must not be.
#include "common/evidence/checkpoint.hpp"

#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"
#include "common/evidence/signed_note.hpp"
#include "common/evidence/text_form.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::evidence;

namespace {

// The keys of the examples of golang.org/x/mod/sumdb/note and of C2SP signed-note.
constexpr const char* kPeter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kEnoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
constexpr const char* kExample = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr const char* kPeterPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIIEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"
    "-----END PRIVATE KEY-----\n";

// Signed by another program with that key.
const std::string kText =
    "PeterNeumann\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const std::string kSignature =
    "\u2014 PeterNeumann "
    "x08go9iKupgWNHi/EgHZnoG+ps1lAjYwfjEc/8lpKQy7IflYyxkNOvLryOwkElHoaRroM1ZSqWsPs/ebq+/3jt1yDQQ=\n";
const std::string kNote = kText + "\n" + kSignature;

NoteVerifier verifier(std::string_view vkey) { return NoteVerifier::from_vkey(vkey).value(); }

Checkpoint example() {
  return {"PeterNeumann", 20852163, *digest_from_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")};
}

// A note of this text, as somebody signs it who has the log's key.
std::string signed_text(const std::string& text, const NoteSigner& signer) {
  const Checkpoint any{signer.verifier().name(), 1, {}};
  const std::string note = signer.sign(any);
  const std::size_t separator = note.rfind("\n\n");
  return text + note.substr(separator + 1);
}

std::string reason(const Expected<Checkpoint>& opened) { return opened ? "none" : opened.error().detail; }

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("keys of logs are read and written as others write them", "[checkpoint]") {
  for (const char* vkey : {kPeter, kEnoch, kExample}) {
    INFO(vkey);
    const auto read = NoteVerifier::from_vkey(vkey);
    REQUIRE(read);
    CHECK(read->vkey() == vkey);
    CHECK(NoteVerifier::from_spki(read->name(), read->spki_der())->vkey() == vkey);
  }
  CHECK(verifier(kPeter).key_id() == 0xc74f20a3);
  const std::string der = verifier(kPeter).spki_der();
  CHECK(hex(Bytes(der.begin(), der.end())) ==
        "302a300506032b65700321001a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6");
}

TEST_CASE("published signatures verify", "[checkpoint]") {
  struct Row {
    const char* vkey;
    std::string note;
  };
  const Row rows[] = {
      {kPeter,
       "If you think cryptography is the answer to your problem,\n"
       "then you don't know what your problem is.\n\n"
       "\u2014 PeterNeumann "
       "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"},
      {kExample,
       "This is an example message.\n\n"
       "\u2014 example.com/foo "
       "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"},
  };
  for (const Row& row : rows) {
    INFO(row.vkey);
    const NoteVerifier key = verifier(row.vkey);
    const auto note = read_note(row.note);
    REQUIRE(note);
    REQUIRE(note->signatures.size() == 1);
    CHECK(note->signatures[0].name == key.name());
    CHECK(note->signatures[0].key_id == key.key_id());
    CHECK(key.verify(note->text, note->signatures[0].octets));
    CHECK_FALSE(key.verify(std::string(note->text) + "\n", note->signatures[0].octets));
    CHECK_FALSE(key.verify(note->text, note->signatures[0].octets.substr(1)));
    CHECK_FALSE(key.verify(note->text, note->signatures[0].octets + "a"));
    CHECK_FALSE(key.verify(note->text, ""));
    CHECK_FALSE(verifier(kEnoch).verify(note->text, note->signatures[0].octets));
  }
}

TEST_CASE("a checkpoint is signed as another program signs it", "[checkpoint]") {
  const auto signer = NoteSigner::from_pem("PeterNeumann", kPeterPem);
  REQUIRE(signer);
  CHECK(signer->verifier().vkey() == kPeter);
  CHECK(signer->sign(example()) == kNote);
  const std::vector<NoteVerifier> known{signer->verifier()};
  CHECK(open_checkpoint(kNote, known) == example());
  CHECK(read_checkpoint(kNote) == example());
}

TEST_CASE("each octet of a checkpoint counts", "[checkpoint]") {
  const std::vector<NoteVerifier> known{verifier(kPeter)};
  for (std::size_t i = 0; i < kNote.size(); ++i) {
    INFO("octet " << i);
    std::string bent = kNote;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    CHECK_FALSE(open_checkpoint(bent, known));
    CHECK_FALSE(open_checkpoint(kNote.substr(0, i), known));
  }
}

TEST_CASE("vkeys that are refused", "[checkpoint]") {
  struct Row {
    const char* what;
    std::string vkey;
  };
  const std::string key = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const Row rows[] = {
      {"nothing", ""},
      {"a name alone", "PeterNeumann"},
      {"no key", "PeterNeumann+c74f20a3"},
      {"an empty key", "PeterNeumann+c74f20a3+"},
      {"no name", "+c74f20a3+" + key},
      {"another name than the id is of", "PeterNewmann+c74f20a3+" + key},
      {"another id", "PeterNeumann+c74f20a4+" + key},
      {"an id in upper case", "PeterNeumann+C74F20A3+" + key},
      {"an id of seven digits", "PeterNeumann+74f20a3+" + key},
      {"a key that is one octet short", "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q="},
      {"a key that is too long", "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="},
      {"another algorithm", "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"the key of a witness (type 4)", "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"},
      {"blanks around it", " " + std::string(kPeter)},
      {"the end of a line", std::string(kPeter) + "\n"},
      {"a name of two words", "Peter Neumann+c74f20a3+" + key},
      {"a name that is too long", std::string(256, 'a') + "+c74f20a3+" + key},
      {"far too long", std::string(100'000, '+')},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto read = NoteVerifier::from_vkey(row.vkey);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ProblemCode::kInvalidArgument);
  }
}

TEST_CASE("keys that sign no checkpoints", "[checkpoint]") {
  CHECK_FALSE(NoteSigner::from_pem("PeterNeumann", ""));
  CHECK_FALSE(NoteSigner::from_pem("Peter Neumann", kPeterPem));
  CHECK_FALSE(NoteSigner::from_pem("", kPeterPem));
  CHECK_FALSE(NoteSigner::from_pem("PeterNeumann", with(kPeterPem, "MC4C", "MC4D")));
  // ECDSA P-256, which signs evidence.
  CHECK_FALSE(NoteSigner::from_pem("log",
                                   "-----BEGIN PRIVATE KEY-----\n"
                                   "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
                                   "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
                                   "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
                                   "-----END PRIVATE KEY-----\n"));
  CHECK_FALSE(NoteVerifier::from_spki("log", ""));
  CHECK_FALSE(NoteVerifier::from_spki("log", verifier(kPeter).spki_der() + "a"));
  CHECK_FALSE(NoteVerifier::from_spki("l o g", verifier(kPeter).spki_der()));
  CHECK(NoteSigner::generate("log").verifier().vkey() != NoteSigner::generate("log").verifier().vkey());
}

TEST_CASE("what a log may be called", "[checkpoint]") {
  for (const char* name : {"mpic.example/log", "a", "~", "coordinator-1"}) CHECK(is_log_origin(name));
  CHECK(is_log_origin(std::string(255, 'a')));
  for (const char* name : {"", "a b", "a+b", "a\n", "a\x7f", "\u00e9", "a\tb"}) CHECK_FALSE(is_log_origin(name));
  CHECK_FALSE(is_log_origin(std::string(256, 'a')));
}

TEST_CASE("notes that are no checkpoints", "[checkpoint]") {
  const NoteSigner peter = NoteSigner::from_pem("PeterNeumann", kPeterPem).value();
  const std::vector<NoteVerifier> known{peter.verifier()};
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  struct Row {
    const char* what;
    std::string note;
    std::string reason;
  };
  const Row rows[] = {
      {"nothing", "", "has no empty line before its signatures"},
      {"an empty note", "\n\n", "has no signature"},
      {"no signature", kText + "\n", "has no signature"},
      {"no empty line", kText + kSignature, "has no empty line before its signatures"},
      {"an end of line missing", kNote.substr(0, kNote.size() - 1), "does not end with the end of a line"},
      {"ends of lines of Windows", with(kNote, "Neumann\n", "Neumann\r\n"), "holds a control character"},
      {"a zero",
       with(kNote, "208",
            std::string("2\0"
                        "8",
                        3)),
       "holds a control character"},
      {"not UTF-8", with(kNote, "PeterNeumann\n", "Peter\xC3Neumann\n"), "is not UTF-8"},
      {"too long", std::string(kMaxNote, 'a') + kNote, "is too long"},
      {"a hyphen for a dash", kText + "\n- PeterNeumann x08go9iK\n",
       "a signature line does not begin with a dash and a blank"},
      {"a name without signature", kText + "\n\u2014 PeterNeumann\n", "a signature line has no signature"},
      {"a signature without name", kText + "\n\u2014  x08go9iK\n", "a signature line names no key"},
      {"a name with a plus", kText + "\n\u2014 Peter+Neumann x08go9iK\n", "a signature line names no key"},
      {"a name with an em space", kText + "\n\u2014 Peter\u2003Neumann x08go9iK\n", "a signature line names no key"},
      {"two blanks", with(kNote, "Neumann x0", "Neumann  x0"), "a signature is not base64"},
      {"a blank at the end", with(kNote, "yDQQ=", "yDQQ= "), "a signature is not base64"},
      {"base64 without padding", with(kNote, "yDQQ=", "yDQQ"), "a signature is not base64"},
      {"base64 with spare bits", with(kNote, "yDQQ=", "yDQR="), "a signature is not base64"},
      {"base64url", with(kNote, "lYyxkNOvLryOwkElHoaRroM1ZSqWsPs/", "lYyxkNOvLryOwkElHoaRroM1ZSqWsPs_"),
       "a signature is not base64"},
      {"a key id without signature", kText + "\n\u2014 PeterNeumann x08gow==\n", "a signature is too short"},
      {"two lines", signed_text("PeterNeumann\n5\n", peter), "has less than three lines"},
      {"no origin", signed_text("\n5\n" + root, peter), "its origin is none that a log may have"},
      {"an origin of words", signed_text("go.sum database tree\n5\n" + root, peter),
       "its origin is none that a log may have"},
      {"a negative size", signed_text("PeterNeumann\n-5\n" + root, peter), "its size is not a decimal number"},
      {"a size with a sign", signed_text("PeterNeumann\n+5\n" + root, peter), "its size is not a decimal number"},
      {"a size with a leading zero", signed_text("PeterNeumann\n05\n" + root, peter),
       "its size is not a decimal number"},
      {"a size of two zeros", signed_text("PeterNeumann\n00\n" + root, peter), "its size is not a decimal number"},
      {"no size", signed_text("PeterNeumann\n\n" + root, peter), "its size is not a decimal number"},
      {"a size with a blank", signed_text("PeterNeumann\n5 \n" + root, peter), "its size is not a decimal number"},
      {"a hexadecimal size", signed_text("PeterNeumann\n0x5\n" + root, peter), "its size is not a decimal number"},
      {"a size beyond 64 bits", signed_text("PeterNeumann\n18446744073709551616\n" + root, peter),
       "its size is not a decimal number"},
      {"a root of 31 octets", signed_text("PeterNeumann\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", peter),
       "its root is not 32 octets in base64"},
      {"a root with spare bits", signed_text("PeterNeumann\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", peter),
       "its root is not 32 octets in base64"},
      {"an empty line within", signed_text("PeterNeumann\n5\n" + root + "\nmore\n", peter), "holds an empty line"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(reason(open_checkpoint(row.note, known)) == row.reason);
    CHECK(reason(read_checkpoint(row.note)) == row.reason);
  }
}

TEST_CASE("who must have signed a checkpoint", "[checkpoint]") {
  const NoteSigner peter = NoteSigner::from_pem("PeterNeumann", kPeterPem).value();
  const NoteSigner witness = NoteSigner::generate("witness.example");
  const NoteSigner impostor = NoteSigner::generate("PeterNeumann");
  const auto line_of = [](const NoteSigner& signer) {
    const std::string note = signed_text(kText, signer);
    return note.substr(note.rfind("\n\n") + 2);
  };
  // signed_text() signs another checkpoint, so its signature of this text is wrong.
  const std::string good_witness = [&] {
    Checkpoint other = example();
    const std::string note = witness.sign(other);
    return note.substr(note.rfind("\n\n") + 2);
  }();
  const std::string bad_peter = line_of(peter);
  const std::string bad_witness = line_of(witness);
  const std::string bad_impostor = line_of(impostor);
  const std::string no_key = "\u2014 nobody.example AAAAAAAA\n";
  struct Row {
    const char* what;
    std::string signatures;
    std::vector<NoteVerifier> known;
    bool good;
  };
  const Row rows[] = {
      {"its log", kSignature, {peter.verifier()}, true},
      {"its log, twice", kSignature + kSignature, {peter.verifier()}, true},
      {"nobody is known", kSignature, {}, false},
      {"another log is known", kSignature, {verifier(kEnoch)}, false},
      {"another key of the same name is known", kSignature, {impostor.verifier()}, false},
      {"one of two keys of the log", kSignature, {impostor.verifier(), peter.verifier()}, true},
      {"also by somebody unknown", no_key + kSignature, {peter.verifier()}, true},
      {"also by an unknown key of the log's name, wrongly", bad_impostor + kSignature, {peter.verifier()}, true},
      {"also by a known key of the log's name, wrongly",
       bad_impostor + kSignature,
       {peter.verifier(), impostor.verifier()},
       false},
      {"rightly and wrongly by the log", kSignature + bad_peter, {peter.verifier()}, false},
      {"also by a known witness", kSignature + good_witness, {peter.verifier(), witness.verifier()}, true},
      {"also by a known witness, wrongly", kSignature + bad_witness, {peter.verifier(), witness.verifier()}, false},
      {"by a known witness alone", good_witness, {peter.verifier(), witness.verifier()}, false},
      {"the log's signature under the name of a witness",
       with(kSignature, "PeterNeumann", "witness.example"),
       {peter.verifier(), witness.verifier()},
       false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto opened = open_checkpoint(kText + "\n" + row.signatures, row.known);
    CHECK(opened.has_value() == row.good);
    if (!opened) CHECK(opened.error().code == ProblemCode::kEvidenceInvalid);
  }
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += "\u2014 witness" + std::to_string(i) + ".example AAAAAAAA\n";
  CHECK(open_checkpoint(kText + "\n" + sixteen + kSignature, std::vector<NoteVerifier>{peter.verifier()}));
}

TEST_CASE("lines after the root are nobody's business", "[checkpoint]") {
  const std::string text = kText + "an extension\nanother \u2014 one\n";
  CHECK(read_checkpoint(text + "\n" + kSignature) == example());
}

TEST_CASE("sizes at the edges are written and read", "[checkpoint]") {
  const NoteSigner signer = NoteSigner::generate("log.example/1");
  const std::vector<NoteVerifier> known{signer.verifier()};
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    const Checkpoint checkpoint{"log.example/1", size, sha256("root")};
    CHECK(open_checkpoint(signer.sign(checkpoint), known) == checkpoint);
  }
}
