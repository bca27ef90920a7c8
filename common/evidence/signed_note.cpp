#include "common/evidence/signed_note.hpp"

#include <algorithm>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/text_form.hpp"

namespace mpic::evidence {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014, blank
constexpr std::size_t kKeyId = 4;                    // octets, the highest first

// White space of Unicode that is not a control character, in UTF-8.
constexpr std::string_view kSpaces[] = {" ",
                                        "\xC2\x85",
                                        "\xC2\xA0",
                                        "\xE1\x9A\x80",
                                        "\xE2\x80\x80",
                                        "\xE2\x80\x81",
                                        "\xE2\x80\x82",
                                        "\xE2\x80\x83",
                                        "\xE2\x80\x84",
                                        "\xE2\x80\x85",
                                        "\xE2\x80\x86",
                                        "\xE2\x80\x87",
                                        "\xE2\x80\x88",
                                        "\xE2\x80\x89",
                                        "\xE2\x80\x8A",
                                        "\xE2\x80\xA8",
                                        "\xE2\x80\xA9",
                                        "\xE2\x80\xAF",
                                        "\xE2\x81\x9F",
                                        "\xE3\x80\x80"};

Unexpected malformed(std::string detail) { return fail(ProblemCode::kEvidenceInvalid, "note", std::move(detail)); }

bool is_key_name(std::string_view name) {
  return !name.empty() && name.find('+') == std::string_view::npos &&
         std::none_of(std::begin(kSpaces), std::end(kSpaces),
                      [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

Expected<NoteSignature> read_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return malformed("a signature line does not begin with a dash and a blank");
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return malformed("a signature line has no signature");
  if (!is_key_name(line.substr(0, blank))) return malformed("a signature line names no key");
  const auto octets = from_base64(line.substr(blank + 1));
  if (!octets) return malformed("a signature is not base64");
  if (octets->size() <= kKeyId) return malformed("a signature is too short");
  NoteSignature signature{line.substr(0, blank), 0, octets->substr(kKeyId)};
  for (const char octet : octets->substr(0, kKeyId)) {
    signature.key_id = signature.key_id << 8U | static_cast<std::uint8_t>(octet);
  }
  return signature;
}

}  // namespace

Expected<SignedNote> read_note(std::string_view note) {
  if (note.size() > kMaxNote) return malformed("is too long");
  if (!is_utf8(note)) return malformed("is not UTF-8");
  const auto is_control = [](char c) { return static_cast<std::uint8_t>(c) < 0x20 && c != '\n'; };
  if (std::any_of(note.begin(), note.end(), is_control)) return malformed("holds a control character");
  const std::size_t separator = note.rfind("\n\n");
  if (separator == std::string_view::npos) return malformed("has no empty line before its signatures");
  SignedNote out{note.substr(0, separator + 1), {}};
  std::string_view rest = note.substr(separator + 2);
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return malformed("does not end with the end of a line");
    auto signature = read_signature(*line);
    if (!signature) return Unexpected(signature.error());
    out.signatures.push_back(*std::move(signature));
  }
  if (out.signatures.empty()) return malformed("has no signature");
  return out;
}

std::string signature_line(std::string_view name, std::uint32_t key_id, std::string_view signature) {
  std::string octets;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) octets += static_cast<char>(key_id >> shift & 0xFFU);
  octets += signature;
  return std::string(kDash).append(name).append(" ").append(to_base64(octets)).append("\n");
}

}  // namespace mpic::evidence
