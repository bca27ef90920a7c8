// The test vectors of docs/evidence_format.md: what they say is what this program makes and takes.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fstream>
#include <iterator>

#include "common/domain/hex.hpp"
#include "common/evidence/checkpoint.hpp"
#include "common/evidence/dsse.hpp"
#include "common/evidence/keys.hpp"
#include "common/evidence/log_proof.hpp"
#include "common/evidence/signed_note.hpp"
#include "common/evidence/tiles.hpp"
#include "mpic/v1/record.pb.h"
#include "tests/support/catch.hpp"
#include "tests/support/sample_log.hpp"
#include "tests/support/vectors.hpp"

using namespace mpic;
using namespace mpic::evidence;
using namespace mpic::test;

namespace {

namespace json = boost::json;

std::string in_hex(std::string_view octets) {
  return hex({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
}

json::array in_hex(const std::vector<Digest>& hashes) {
  json::array out;
  for (const Digest& hash : hashes) out.push_back(json::value(hex(hash)));
  return out;
}

json::object entry_of(LeafKind kind, const std::string& body) {
  const Digest hash = sha256(body);
  return {{"kind", static_cast<int>(kind)},
          {"body", in_hex(body)},
          {"body_sha256", hex(hash)},
          {"entry", in_hex(log_entry(kind, hash))},
          {"leaf_hash", hex(log_leaf_hash(kind, hash))}};
}

json::object key_of(const std::string& secret) {
  const auto key = SigningKey::from_pem(ed25519_pem(secret)).value();
  return {{"secret", in_hex(secret)}, {"public_key", in_hex(key.public_key().spki_der())}, {"key_id", key.id()}};
}

// The three leaves that the document shows.
FakeHashSource shown_log(json::array& entries) {
  FakeHashSource log;
  for (const auto& [kind, body] :
       {std::pair(LeafKind::kSnapshot, "a snapshot"), std::pair(LeafKind::kRecord, "a record"),
        std::pair(LeafKind::kAddendum, "an addendum")}) {
    entries.push_back(entry_of(kind, body));
    log.append(log_leaf_hash(kind, sha256(body)));
  }
  return log;
}

constexpr const char* kEcdsaKey =
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004515c3d6eb9e396b904d3feca7f54fdcd0cc1e997bf375dca515ad0a6c3b4"
    "035f4536be3a50f318fbf9a5475902a221502bef0d57e08c53b2cc0a56f17d9f9354";
constexpr const char* kEcdsaSignature =
    "3045022100f3d0ffd2fba4cb15ce2165529b83e341ce2afa3d4c6076fa8e73e74b1d6441eb02207f19e6e72896d681556f2485fd2657528228"
    "6"
    "1191ea5a17950b89fb263d4c195";

std::string octets(std::string_view hexadecimal) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hexadecimal.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// As messages stand in a file of an export.
std::string delimited(const std::string& message) {
  std::string out;
  for (std::size_t rest = message.size(); true; rest >>= 7U) {
    out += static_cast<char>((rest & 0x7FU) | (rest > 0x7F ? 0x80U : 0U));
    if (rest <= 0x7F) return out + message;
  }
}

std::string document() {
  std::ifstream in(std::string(MPIC_VECTORS) + "/../../docs/evidence_format.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("vectors: entries, trees and proofs", "[vectors]") {
  json::object out;
  json::array entries;
  FakeHashSource shown = shown_log(entries);
  out["entries"] = entries;
  out["entries_root"] = hex(shown.tree().root());

  FakeHashSource log(70'000);
  out["leaves"] = "leaf hash i is SHA-256(0x00 || \"leaf <i>\"), i in decimal";
  json::array roots;
  for (const std::uint64_t size : {0U, 1U, 2U, 3U, 7U, 8U, 255U, 256U, 257U, 65'536U, 70'000U}) {
    roots.push_back(json::object{{"size", size}, {"root", hex(*tree_root(log, size))}});
  }
  out["roots"] = roots;
  json::array inclusion;
  for (const auto& [index, size] :
       {std::pair(0U, 1U), {0U, 7U}, {6U, 7U}, {3U, 8U}, {256U, 257U}, {65'535U, 70'000U}}) {
    inclusion.push_back(
        json::object{{"index", index}, {"size", size}, {"path", in_hex(*inclusion_proof(log, index, size))}});
  }
  out["inclusion"] = inclusion;
  json::array consistency;
  for (const auto& [old_size, size] :
       {std::pair(0U, 7U), {1U, 8U}, {3U, 7U}, {4U, 8U}, {7U, 7U}, {257U, 70'000U}, {65'536U, 70'000U}}) {
    consistency.push_back(json::object{
        {"old_size", old_size}, {"size", size}, {"proof", in_hex(*consistency_proof(log, old_size, size))}});
  }
  out["consistency"] = consistency;
  check_vector("evidence/tree.json", out);
}

TEST_CASE("vectors: checkpoints and proofs as text", "[vectors]") {
  json::array entries;
  FakeHashSource log = shown_log(entries);
  const auto signer = NoteSigner::from_pem("log.example", ed25519_pem(checkpoint_secret())).value();
  const std::vector<NoteVerifier> known{signer.verifier()};
  const Checkpoint checkpoint{"log.example", 3, log.tree().root()};
  const std::string note = signer.sign(checkpoint);
  const LogProof proof{1, *inclusion_proof(log, 1, 3), note, ""};
  REQUIRE(verify_proof(proof, log.leaves()[1], known));

  json::array refused;
  const auto refuse = [&](const char* why, const std::string& text) {
    REQUIRE_FALSE(open_checkpoint(text, known));
    refused.push_back(json::object{{"why", why}, {"note", text}});
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = note;
    return text.replace(text.find(from), from.size(), to);
  };
  refuse("another size than was signed", with("\n3\n", "\n4\n"));
  refuse("a size with a leading zero", with("\n3\n", "\n03\n"));
  refuse("ends of lines of Windows", with("\n3\n", "\r\n3\r\n"));
  refuse("no end of the last line", note.substr(0, note.size() - 1));
  refuse("a hyphen instead of the dash", with("\u2014", "-"));
  refuse("base64 with spare bits", with("H9ew=", "H9ex="));
  refuse("no signature", note.substr(0, note.rfind("\n\n") + 2));
  refuse("a right and a wrong signature of the same key",
         note + signature_line("log.example", signer.verifier().key_id(), std::string(64, 'a')));
  refuse("the log's key under another name", signer.sign({"other.example", 3, checkpoint.root}));

  json::object key = key_of(checkpoint_secret());
  key["vkey"] = signer.verifier().vkey();
  check_vector("evidence/checkpoint.json",
               json::object{{"key", key},
                            {"origin", checkpoint.origin},
                            {"size", checkpoint.size},
                            {"root", hex(checkpoint.root)},
                            {"note", note},
                            {"proof", json::object{{"leaf_hash", hex(log.leaves()[1])}, {"text", write_proof(proof)}}},
                            {"refused", refused}});
  const std::string shown = document();
  CHECK(shown.find(note) != std::string::npos);
  CHECK(shown.find(signer.verifier().vkey()) != std::string::npos);
  for (const json::value& entry : entries) {
    CHECK(shown.find(entry.at("entry").as_string().c_str()) != std::string::npos);
    CHECK(shown.find(entry.at("leaf_hash").as_string().c_str()) != std::string::npos);
  }
  CHECK(shown.find(hex(checkpoint.root)) != std::string::npos);
  CHECK(shown.find(key.at("public_key").as_string().c_str()) != std::string::npos);
  CHECK(shown.find(key.at("key_id").as_string().c_str()) != std::string::npos);
}

TEST_CASE("vectors: signed messages", "[vectors]") {
  json::array out;
  const auto key = SigningKey::from_pem(ed25519_pem(checkpoint_secret())).value();
  for (const std::string_view type : {kStatementType, kObservationsType}) {
    const std::string payload = "payload\n";
    const std::string message = pae(type, payload);
    out.push_back(json::object{{"type", std::string(type)},
                               {"payload", in_hex(payload)},
                               {"pae", in_hex(message)},
                               {"key", key_of(checkpoint_secret())},
                               {"signature", in_hex(key.sign(message))}});
  }
  // ECDSA signs otherwise each time: this one another program has made.
  const std::string spki = octets(kEcdsaKey);
  const auto ecdsa = VerifyingKey::from_der(spki).value();
  const std::string message = pae(kStatementType, "payload\n");
  REQUIRE(ecdsa.verify(message, octets(kEcdsaSignature)));
  out.push_back(json::object{{"type", std::string(kStatementType)},
                             {"payload", in_hex("payload\n")},
                             {"pae", in_hex(message)},
                             {"key", json::object{{"public_key", kEcdsaKey}, {"key_id", ecdsa.id()}}},
                             {"signature", kEcdsaSignature}});
  check_vector("evidence/signatures.json", out);
}

TEST_CASE("vectors: an observation and the root that an agent signed", "[vectors]") {
  const SampleLog log = sample_log();
  v1::RecordBody body;
  v1::DeploymentSnapshot snapshot;
  REQUIRE(body.ParseFromString(log.leaves[SampleLog::kRecord].body));
  REQUIRE(snapshot.ParseFromString(log.leaves[SampleLog::kSnapshot].body));
  const v1::PlannedPerspective& primary = body.attempts(0).planned(0);
  const v1::SigningKey& key = snapshot.perspectives(0).keys(0);
  v1::ObservationsRoot root;
  REQUIRE(root.ParseFromString(primary.signed_root().payload()));
  json::array path;
  for (const std::string& hash : primary.evidence().path()) path.push_back(json::value(in_hex(hash)));
  check_vector("evidence/observation.json",
               json::object{{"assignment", in_hex(primary.assignment())},
                            {"assignment_sha256", hex(sha256(primary.assignment()))},
                            {"observation", in_hex(primary.evidence().observation())},
                            {"leaf_hash", hex(leaf_hash(primary.evidence().observation()))},
                            {"leaf_index", primary.evidence().leaf_index()},
                            {"path", path},
                            {"root", json::object{{"payload", in_hex(primary.signed_root().payload())},
                                                  {"perspective_id", root.perspective_id()},
                                                  {"key_id", root.key_id()},
                                                  {"tree_size", root.tree_size()},
                                                  {"root", in_hex(root.root())}}},
                            {"pae", in_hex(pae(kObservationsType, primary.signed_root().payload()))},
                            {"signature", in_hex(primary.signed_root().signature())},
                            {"key", json::object{{"public_key", in_hex(key.public_key())}, {"key_id", key.key_id()}}}});
}

TEST_CASE("vectors: a log with a record and its evidence", "[vectors]") {
  SampleLog log = sample_log();
  v1::Statement statement;
  v1::RecordBody body;
  REQUIRE(statement.ParseFromString(log.leaves[SampleLog::kRecord].statement));
  REQUIRE(body.ParseFromString(log.leaves[SampleLog::kRecord].body));
  CHECK(body.decision().basis_for_issuance());
  CHECK(body.decision().checks(0).quorum().fraction() == "4/6");

  json::array leaves;
  std::string entries;
  for (std::size_t i = 0; i < log.leaves.size(); ++i) {
    const SampleLog::Leaf& leaf = log.leaves[i];
    json::object shown = entry_of(leaf.kind, leaf.body);
    if (!leaf.statement.empty()) shown["statement"] = in_hex(leaf.statement);
    shown["path"] = in_hex(*inclusion_proof(log.tree, i, log.leaves.size()));
    leaves.push_back(std::move(shown));

    v1::LogEntry entry;
    entry.set_index(i);
    entry.set_kind(static_cast<v1::LeafKind>(leaf.kind));
    const Digest hash = sha256(leaf.body);
    entry.set_body_sha256(hash.data(), hash.size());
    entry.set_body(leaf.body);
    entry.set_statement(leaf.statement);
    entries += delimited(entry.SerializeAsString());
  }
  check_vector("evidence/log.json", json::object{{"origin", log.origin},
                                                 {"vkey", log.vkey},
                                                 {"checkpoint", log.checkpoint},
                                                 {"root", hex(log.tree.tree().root())},
                                                 {"leaves", leaves}});
  check_vector_file("evidence/export/checkpoint", log.checkpoint);
  check_vector_file("evidence/export/entries/000000.pb", entries);
  check_vector("evidence/export/export.json", json::object{{"format", "mpic-log-export-1"},
                                                           {"origin", log.origin},
                                                           {"size", log.leaves.size()},
                                                           {"written", "2026-11-25T10:00:00Z"},
                                                           {"software", "test vectors"}});
  std::vector<std::string> bundle;
  for (const SampleLog::Leaf& leaf : log.leaves) bundle.push_back(log_entry(leaf.kind, sha256(leaf.body)));
  const Tile tile = tile_levels(log.leaves.size()).front().tile(0);
  check_vector_file("evidence/export/" + tile_path(tile), *tile_octets(log.tree, tile));
  check_vector_file("evidence/export/" + entry_bundle_path(tile.index, tile.width), entry_bundle(bundle));
}
