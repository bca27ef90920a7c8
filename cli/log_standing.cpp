#include "cli/log_standing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "common/config/yaml.hpp"
#include "common/evidence/log_proof.hpp"
#include "common/evidence/log_tree.hpp"

namespace mpic::cli {
namespace {

Unexpected no_proof(std::string why) { return fail(ProblemCode::kEvidenceInvalid, "log", std::move(why)); }

bool read_digest(const std::string& octets, Digest& out) {
  if (octets.size() != out.size()) return false;
  std::copy(octets.begin(), octets.end(), out.begin());
  return true;
}

std::string without_end_of_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Expected<LogStanding> log_standing(const v1::CorroborateResponse& response,
                                   const std::optional<evidence::NoteVerifier>& log_key) {
  LogStanding out{.leaf = response.log().leaf_index(), .under = std::nullopt};
  if (!response.log().has_proof()) return out;
  const v1::InclusionProof& told = response.log().proof();
  evidence::LogProof proof{out.leaf, {}, told.checkpoint(), {}};
  for (const std::string& hash : told.path()) {
    if (!read_digest(hash, proof.path.emplace_back())) return no_proof("a hash of the proof is none");
  }
  if (!log_key) {
    auto claimed = evidence::read_checkpoint(told.checkpoint());
    if (!claimed) return Unexpected(claimed.error());
    out.under = *std::move(claimed);
    return out;
  }
  v1::StatementBody stated;
  Digest body{};
  if (!stated.ParseFromString(response.statement().payload()) || !read_digest(stated.record_sha256(), body)) {
    return no_proof("the statement cannot be read");
  }
  const Digest leaf = evidence::log_leaf_hash(evidence::LeafKind::kRecord, body);
  const evidence::NoteVerifier known[] = {*log_key};
  auto under = evidence::verify_proof(proof, leaf, known);
  if (!under) return Unexpected(under.error());
  out.under = *std::move(under);
  out.verified = true;
  return out;
}

std::string render(const LogStanding& standing, const Style& style) {
  if (!standing.under) return paragraph("  Proof", "none yet: no checkpoint covers the record", 16, style);
  const std::string tree =
      fmt::format("in the {} leaves of a checkpoint of {}", standing.under->size, for_terminal(standing.under->origin));
  if (standing.verified) return paragraph("  Proof", tree + ", which the log's key signed", 16, style);
  return paragraph("  Proof", tree + ", not verified: no key of the log is known (--log-key)", 16, style);
}

std::string to_json(const LogStanding& standing) {
  boost::json::object out;
  out["leaf_index"] = standing.leaf;
  out["proven"] = standing.under.has_value();
  out["verified"] = standing.verified;
  if (standing.under) {
    out["origin"] = standing.under->origin;
    out["size"] = standing.under->size;
  }
  return boost::json::serialize(out);
}

evidence::NoteVerifier load_log_key(const std::string& vkey_or_file) {
  if (auto key = evidence::NoteVerifier::from_vkey(vkey_or_file)) return *std::move(key);
  auto key = evidence::NoteVerifier::from_vkey(without_end_of_line(config::read_file(vkey_or_file)));
  if (!key) throw config::ConfigError(fmt::format("{}: {}", vkey_or_file, key.error().detail));
  return *std::move(key);
}

}  // namespace mpic::cli
