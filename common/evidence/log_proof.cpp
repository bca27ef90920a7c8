#include "common/evidence/log_proof.hpp"

#include "common/evidence/text_form.hpp"

namespace mpic::evidence {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

Unexpected refused(std::string detail) { return fail(ProblemCode::kEvidenceInvalid, "proof", std::move(detail)); }

}  // namespace

std::string write_proof(const LogProof& proof) {
  std::string text = std::string(kFirstLine) + "\n";
  if (!proof.extra.empty()) text.append(kExtra).append(to_base64(proof.extra)).append("\n");
  text.append(kIndex).append(std::to_string(proof.index)).append("\n");
  for (const Digest& hash : proof.path) text.append(to_base64(hash)).append("\n");
  return text.append("\n").append(proof.checkpoint);
}

Expected<LogProof> read_proof(std::string_view text) {
  LogProof proof;
  if (take_line(text) != kFirstLine) return refused("does not begin with \"c2sp.org/tlog-proof@v1\"");
  auto line = take_line(text);
  if (line && line->starts_with(kExtra)) {
    const auto extra = from_base64(line->substr(kExtra.size()));
    if (!extra || extra->empty() || extra->size() > kMaxProofExtra) {
      return refused("its extra data are not 1 to 8192 octets in base64");
    }
    proof.extra = *extra;
    line = take_line(text);
  }
  if (!line || !line->starts_with(kIndex)) return refused("has no index");
  const auto index = from_decimal(line->substr(kIndex.size()));
  if (!index) return refused("its index is not a decimal number");
  proof.index = *index;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    if (proof.path.size() == kMaxProofPath) return refused("has more hashes than any tree is high");
    const auto hash = digest_from_base64(*line);
    if (!hash) return refused("one of its lines is not 32 octets in base64");
    proof.path.push_back(*hash);
  }
  if (!line) return refused("has no empty line before its checkpoint");
  if (text.empty() || text.size() > kMaxNote) return refused("its checkpoint is missing or too long");
  proof.checkpoint = std::string(text);
  return proof;
}

Expected<Checkpoint> verify_proof(const LogProof& proof, const Digest& leaf, std::span<const NoteVerifier> known) {
  auto checkpoint = open_checkpoint(proof.checkpoint, known);
  if (!checkpoint) return checkpoint;
  if (!verify_inclusion(leaf, proof.index, checkpoint->size, proof.path, checkpoint->root)) {
    return refused("does not lead from the leaf to the root of its checkpoint");
  }
  return checkpoint;
}

}  // namespace mpic::evidence
