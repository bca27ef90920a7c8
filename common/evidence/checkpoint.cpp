#include "common/evidence/checkpoint.hpp"

#include <algorithm>

#include "common/evidence/signed_note.hpp"
#include "common/evidence/text_form.hpp"

namespace mpic::evidence {
namespace {

constexpr std::size_t kMaxOrigin = 255;

Unexpected refused(std::string detail) { return fail(ProblemCode::kEvidenceInvalid, "checkpoint", std::move(detail)); }

// C2SP tlog-checkpoint, "Note text": origin, size, root; further lines are opaque.
Expected<Checkpoint> read_text(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!origin || !size_line || !root_line) return refused("has less than three lines");
  if (!is_log_origin(*origin)) return refused("its origin is none that a log may have");
  const auto size = from_decimal(*size_line);
  if (!size) return refused("its size is not a decimal number");
  const auto root = digest_from_base64(*root_line);
  if (!root) return refused("its root is not 32 octets in base64");
  for (auto line = take_line(text); line; line = take_line(text)) {
    if (line->empty()) return refused("holds an empty line");
  }
  return Checkpoint{std::string(*origin), *size, *root};
}

struct Opened {
  SignedNote note;
  Checkpoint checkpoint;
};

Expected<Opened> read(std::string_view note) {
  auto signed_note = read_note(note);
  if (!signed_note) return Unexpected(signed_note.error());
  auto checkpoint = read_text(signed_note->text);
  if (!checkpoint) return Unexpected(checkpoint.error());
  return Opened{*std::move(signed_note), *std::move(checkpoint)};
}

}  // namespace

bool is_log_origin(std::string_view text) {
  const auto fits = [](char c) { return c > ' ' && c < '\x7F' && c != '+'; };
  return !text.empty() && text.size() <= kMaxOrigin && std::all_of(text.begin(), text.end(), fits);
}

std::string NoteSigner::sign(const Checkpoint& checkpoint) const {
  const std::string text =
      checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
  return text + "\n" + signature_line(verifier_.name(), verifier_.key_id(), sign_text(text));
}

Expected<Checkpoint> read_checkpoint(std::string_view note) {
  auto opened = read(note);
  if (!opened) return Unexpected(opened.error());
  return std::move(opened->checkpoint);
}

Expected<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> known) {
  auto opened = read(note);
  if (!opened) return Unexpected(opened.error());
  bool is_of_the_log = false;
  for (const NoteSignature& signature : opened->note.signatures) {
    for (const NoteVerifier& verifier : known) {
      if (verifier.name() != signature.name || verifier.key_id() != signature.key_id) continue;
      if (!verifier.verify(opened->note.text, signature.octets)) {
        return refused("the signature of " + verifier.name() + " is not its key's");
      }
      is_of_the_log |= verifier.name() == opened->checkpoint.origin;
    }
  }
  if (!is_of_the_log) return refused("is not signed by a known key of " + opened->checkpoint.origin);
  return std::move(opened->checkpoint);
}

}  // namespace mpic::evidence
