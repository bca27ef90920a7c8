// Checkpoints, proofs and keys of logs as text (C2SP): each has one form, and a note is opened only when it says what
// was really signed.
// Input: which of them, then the text; or changes to a checkpoint that was signed: place, octet.
#include "common/evidence/checkpoint.hpp"
#include "common/evidence/log_proof.hpp"
#include "common/evidence/signed_note.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using namespace evidence;

constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIIEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"
    "-----END PRIVATE KEY-----\n";

struct Signed {
  NoteSigner signer = NoteSigner::from_pem("log.example", kPem).value();
  std::vector<NoteVerifier> known{signer.verifier()};
  Checkpoint checkpoint{"log.example", 70'000, sha256("root")};
  std::string note = signer.sign(checkpoint);
};

const Signed& the_log() {
  static const Signed kSigned;
  return kSigned;
}

// Whatever else a note holds: when it opens, its text is the one that was signed.
void hold_opened(std::string_view note) {
  const auto opened = open_checkpoint(note, the_log().known);
  if (!opened) return hold_presentable(opened.error().detail);
  hold(*opened == the_log().checkpoint, "a checkpoint that opens is one that was signed");
  const std::string_view text = read_note(note)->text;
  hold_equal(text, read_note(the_log().note)->text, "the text of a note that opens is the one that was signed");
}

void run_note(std::string_view text) {
  hold_opened(text);
  const auto note = read_note(text);
  if (!note) return hold_presentable(note.error().detail);
  std::string again = std::string(note->text) + "\n";
  for (const NoteSignature& one : note->signatures) again += signature_line(one.name, one.key_id, one.octets);
  hold_equal(again, text, "a note has one form");
  const auto checkpoint = read_checkpoint(text);
  if (!checkpoint) return hold_presentable(checkpoint.error().detail);
  hold(is_log_origin(checkpoint->origin), "the origin of a checkpoint is one that a log may have");
  const std::string start = the_log().signer.sign(*checkpoint);
  const std::string_view lines = read_note(start)->text;
  hold_equal(note->text.substr(0, lines.size()), lines, "a checkpoint's first lines have one form");
}

void run_proof(std::string_view text) {
  const auto proof = read_proof(text);
  if (!proof) return hold_presentable(proof.error().detail);
  hold_equal(write_proof(*proof), text, "a proof has one form");
  const auto verified = verify_proof(*proof, sha256("no leaf"), the_log().known);
  hold(!verified, "what is not in the log is not proved");
}

void run_vkey(std::string_view text) {
  const auto key = NoteVerifier::from_vkey(text);
  if (!key) return hold_presentable(key.error().detail);
  hold_equal(key->vkey(), text, "a vkey has one form");
  const auto again = NoteVerifier::from_spki(key->name(), key->spki_der());
  hold(again && again->vkey() == text, "a vkey and the key in DER are the same key");
}

void run_changed(Input& input) {
  std::string note = the_log().note;
  while (!input.empty()) {
    const std::size_t at = input.below(note.size());
    const std::size_t away = input.below(3);
    note.replace(at, away, input.piece());
  }
  hold_opened(note);
  run_proof("c2sp.org/tlog-proof@v1\nindex 1\n\n" + note);
}

void run(Octets octets) {
  Input input(octets);
  switch (input.below(4)) {
    case 0:
      return run_note(input.rest());
    case 1:
      return run_proof(input.rest());
    case 2:
      return run_vkey(input.rest());
    default:
      return run_changed(input);
  }
}

const Target kTarget("note", run);

}  // namespace
}  // namespace mpic::fuzz
