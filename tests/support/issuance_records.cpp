// Records of a small log: what GetRecord gives for a statement, and what it must not be taken for.
#include "common/evidence/log_tree.hpp"
#include "common/evidence/merkle.hpp"
#include "tests/support/issuance_cases.hpp"
#include "tests/support/issuance_draft.hpp"

namespace mpic::test {
namespace {

using evidence::LeafKind;
using evidence::NoteSigner;

constexpr const char* kLog = "mpic.test/log";
constexpr const char* kLogKey =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEBBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5f\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kOtherKey =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGBhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/\n"
    "-----END PRIVATE KEY-----\n";

const NoteSigner& signer_of_the_log() {
  static const NoteSigner kSigner = NoteSigner::from_pem(kLog, kLogKey).value();
  return kSigner;
}

std::string text(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

// Seven leaves; the fourth is the record.
constexpr std::size_t kIndex = 3;

struct Kept {
  v1::Record record;
  v1::RecordBody body;
  v1::StatementBody said;
  std::vector<Digest> leaves;
};

Kept kept() {
  Kept out;
  out.said = covered_draft().said;
  out.body.set_record_id(out.said.record_id());
  out.body.set_log_origin(out.said.log_origin());
  out.body.set_client(out.said.client());
  out.body.mutable_request()->set_identifier(out.said.identifier());
  out.record.set_snapshot("a snapshot");
  out.body.set_snapshot_sha256(text(evidence::sha256(out.record.snapshot())));
  return out;
}

// As the coordinator does: body, statement over its hash, leaf, checkpoint, proof.
void log(Kept& all) {
  v1::Record& record = all.record;
  record.set_record_id(all.body.record_id());
  record.set_body(all.body.SerializeAsString());
  all.said.set_record_sha256(text(evidence::sha256(record.body())));
  *record.mutable_statement() = sign(all.said, Signer::kOurs);
  for (int i = 0; i < 7; ++i) {
    const Digest body = i == kIndex ? evidence::sha256(record.body()) : evidence::sha256(std::to_string(i));
    all.leaves.push_back(evidence::log_leaf_hash(LeafKind::kRecord, body));
  }
  record.set_leaf_index(kIndex);
  record.mutable_proof()->set_checkpoint(
      signer_of_the_log().sign({kLog, all.leaves.size(), evidence::merkle_root(all.leaves)}));
  for (const Digest& hash : evidence::inclusion_path(all.leaves, kIndex)) record.mutable_proof()->add_path(text(hash));
}

// Another leaf in its place, and everything above it made anew: whoever has the log's key could.
void log_as(Kept& all, const Digest& leaf) {
  all.leaves[kIndex] = leaf;
  all.record.mutable_proof()->set_checkpoint(
      signer_of_the_log().sign({kLog, all.leaves.size(), evidence::merkle_root(all.leaves)}));
}

void sign_checkpoint(Kept& all, const NoteSigner& signer, const std::string& origin) {
  all.record.mutable_proof()->set_checkpoint(
      signer.sign({origin, all.leaves.size(), evidence::merkle_root(all.leaves)}));
}

struct Row {
  const char* rule;
  void (*change)(Kept&);  // after it was logged
  const char* why = nullptr;
};

const Row kRows[] = {
    {"a record, its statement and its place in the log", [](Kept&) {}},
    {"without the snapshot", [](Kept& all) { all.record.clear_snapshot(); }},
    {"with addenda, which are not looked at", [](Kept& all) { all.record.add_addenda("later"); }},
    {"without a proof", [](Kept& all) { all.record.clear_proof(); },
     "the record comes without a proof that it is in the log"},
    {"pruned", [](Kept& all) { all.record.clear_body(); }, "the record's body is not there: it was pruned"},
    {"another record", [](Kept& all) { all.record.set_record_id("fedcba9876543210fedcba9876543210"); },
     "the record is not the one of the statement"},
    {"a body that was changed, which still parses",
     [](Kept& all) {
       all.body.set_client("other");
       all.record.set_body(all.body.SerializeAsString());
     },
     "the record's body is not what the statement is about"},
    {"another statement beside it",
     [](Kept& all) {
       all.said.set_client("other");
       *all.record.mutable_statement() = sign(all.said, Signer::kOurs);
     },
     "the record carries another statement than the answer did"},
    {"without the statement", [](Kept& all) { all.record.clear_statement(); },
     "the record carries another statement than the answer did"},
    {"another snapshot", [](Kept& all) { all.record.set_snapshot("another"); },
     "the snapshot is not the one that the record names"},
    {"another place", [](Kept& all) { all.record.set_leaf_index(kIndex + 1); },
     "the proof does not lead to the checkpoint"},
    {"a place outside", [](Kept& all) { all.record.set_leaf_index(7); }, "the proof does not lead to the checkpoint"},
    {"a path with one more hash", [](Kept& all) { all.record.mutable_proof()->add_path(std::string(32, 'x')); },
     "the proof does not lead to the checkpoint"},
    {"a path with one hash less", [](Kept& all) { all.record.mutable_proof()->mutable_path()->RemoveLast(); },
     "the proof does not lead to the checkpoint"},
    {"a path with a bit turned", [](Kept& all) { (*all.record.mutable_proof()->mutable_path(0))[5] ^= 1; },
     "the proof does not lead to the checkpoint"},
    {"a path with half a hash", [](Kept& all) { all.record.mutable_proof()->mutable_path(0)->resize(16); },
     "the proof holds a hash that is not 32 octets"},
    {"the body logged as another kind of leaf",
     [](Kept& all) { log_as(all, evidence::log_leaf_hash(LeafKind::kAddendum, evidence::sha256(all.record.body()))); },
     "the proof does not lead to the checkpoint"},
    {"the body itself as the leaf", [](Kept& all) { log_as(all, evidence::leaf_hash(all.record.body())); },
     "the proof does not lead to the checkpoint"},
    {"a checkpoint of another tree", [](Kept& all) { log_as(all, evidence::leaf_hash("another")); },
     "the proof does not lead to the checkpoint"},
    {"a checkpoint signed by another key under the log's name",
     [](Kept& all) { sign_checkpoint(all, NoteSigner::from_pem(kLog, kOtherKey).value(), kLog); }, "the checkpoint: "},
    {"a checkpoint with its size changed after signing",
     [](Kept& all) {
       std::string& note = *all.record.mutable_proof()->mutable_checkpoint();
       note.replace(note.find("\n7\n"), 3, "\n8\n");
     },
     "the checkpoint: "},
    {"a checkpoint without its signature",
     [](Kept& all) {
       std::string& note = *all.record.mutable_proof()->mutable_checkpoint();
       note.resize(note.find("\n\n") + 2);
     },
     "the checkpoint: "},
    {"no checkpoint", [](Kept& all) { all.record.mutable_proof()->clear_checkpoint(); }, "the checkpoint: "},
    {"a checkpoint of another log that is trusted too",
     [](Kept& all) {
       sign_checkpoint(all, NoteSigner::from_pem("mpic.test/other", kOtherKey).value(), "mpic.test/other");
     },
     "the checkpoint is of the log \"mpic.test/other\", not of \"mpic.test/log\""},
};

}  // namespace

const std::vector<evidence::NoteVerifier>& log_keys() {
  static const std::vector<evidence::NoteVerifier> kKeys = {
      signer_of_the_log().verifier(), NoteSigner::from_pem("mpic.test/other", kOtherKey).value().verifier()};
  return kKeys;
}

std::vector<RecordCase> record_cases() {
  std::vector<RecordCase> out;
  for (const Row& row : kRows) {
    Kept all = kept();
    log(all);
    const v1::Statement statement = all.record.statement();
    row.change(all);
    RecordCase one{row.rule, all.record, statement, std::nullopt};
    if (row.why != nullptr) one.refused = Refusal{ProblemCode::kEvidenceInvalid, row.why};
    out.push_back(std::move(one));
  }
  Kept another = kept();
  another.body.set_record_id("fedcba9876543210fedcba9876543210");
  log(another);
  another.record.set_record_id(another.said.record_id());
  out.push_back({"a body of another record under this one's statement", another.record, another.record.statement(),
                 Refusal{ProblemCode::kEvidenceInvalid,
                         "the record's body is of another record or log than the statement says"}});
  return out;
}

}  // namespace mpic::test
