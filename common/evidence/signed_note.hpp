// The form of a signed note (C2SP signed-note): text, an empty line, signature lines. Who is believed is not its
// business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/problem.hpp"

namespace mpic::evidence {

struct NoteSignature {
  std::string_view name;  // of the key
  std::uint32_t key_id = 0;
  std::string octets;  // at least one
};

// Views into the note that was read.
struct SignedNote {
  std::string_view text;  // with the end of its last line; this is what is signed
  std::vector<NoteSignature> signatures;
};

// At most kMaxNote octets of UTF-8 without control characters but the ends of lines, and at least one signature.
// kEvidenceInvalid with the reason.
[[nodiscard]] Expected<SignedNote> read_note(std::string_view note);
[[nodiscard]] std::string signature_line(std::string_view name, std::uint32_t key_id, std::string_view signature);

}  // namespace mpic::evidence
