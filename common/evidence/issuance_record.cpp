// check_record: from a statement to the leaf of the log.
#include <fmt/format.h>

#include <algorithm>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/issuance.hpp"
#include "common/evidence/log_tree.hpp"

namespace mpic::evidence {
namespace {

Unexpected invalid(std::string why) { return fail(ProblemCode::kEvidenceInvalid, "record", std::move(why)); }

bool is_hash(std::string_view octets, const Digest& hash) {
  return std::equal(octets.begin(), octets.end(), hash.begin(), hash.end(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// That body, snapshot and ids are those that were signed.
Expected<void> is_the_record(const v1::Record& record, const v1::StatementBody& said) {
  if (record.record_id() != said.record_id()) return invalid("the record is not the one of the statement");
  if (record.body().empty()) return invalid("the record's body is not there: it was pruned");
  if (!is_hash(said.record_sha256(), sha256(record.body()))) {
    return invalid("the record's body is not what the statement is about");
  }
  v1::RecordBody body;
  if (!body.ParseFromString(record.body())) return invalid("the record's body cannot be read");
  if (body.record_id() != said.record_id() || body.log_origin() != said.log_origin()) {
    return invalid("the record's body is of another record or log than the statement says");
  }
  if (!record.snapshot().empty() && !is_hash(body.snapshot_sha256(), sha256(record.snapshot()))) {
    return invalid("the snapshot is not the one that the record names");
  }
  return {};
}

Expected<void> is_in_the_log(const v1::Record& record, const v1::StatementBody& said,
                             std::span<const NoteVerifier> log_keys) {
  if (!record.has_proof()) return invalid("the record comes without a proof that it is in the log");
  const auto checkpoint = open_checkpoint(record.proof().checkpoint(), log_keys);
  if (!checkpoint) return invalid("the checkpoint: " + checkpoint.error().detail);
  if (checkpoint->origin != said.log_origin()) {
    return invalid(fmt::format("the checkpoint is of the log {}, not of {}", quoted(checkpoint->origin),
                               quoted(said.log_origin())));
  }
  std::vector<Digest> path;
  for (const std::string& octets : record.proof().path()) {
    Digest hash{};
    if (octets.size() != hash.size()) return invalid("the proof holds a hash that is not 32 octets");
    std::copy(octets.begin(), octets.end(), hash.begin());
    path.push_back(hash);
  }
  const Digest leaf = log_leaf_hash(LeafKind::kRecord, sha256(record.body()));
  if (!verify_inclusion(leaf, record.leaf_index(), checkpoint->size, path, checkpoint->root)) {
    return invalid("the proof does not lead to the checkpoint");
  }
  return {};
}

}  // namespace

Expected<void> check_record(const v1::Record& record, const v1::Statement& statement,
                            std::span<const NoteVerifier> log_keys) {
  v1::StatementBody said;
  if (!said.ParseFromString(statement.payload())) return invalid("the statement cannot be read");
  if (record.statement().payload() != statement.payload()) {
    return invalid("the record carries another statement than the answer did");
  }
  if (const auto good = is_the_record(record, said); !good) return good;
  return is_in_the_log(record, said, log_keys);
}

}  // namespace mpic::evidence
