#include "coordinator/audit/verify_record.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "common/evidence/dsse.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/perspectives/registries.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kRecordIdDigits = 32;

// Before statements said more than who, what and when, they had no checks.
void leave_out_what_is_newer(v1::StatementBody& derived) {
  derived.clear_certificate_type();
  derived.clear_checks();
  derived.clear_profile();
  derived.clear_asserted_primary();
  derived.clear_client();
  derived.clear_issuer_domains();
  derived.clear_validation_method();
  derived.clear_dcv_account_uri();
}

bool is_record_id(const std::string& id) {
  return id.size() == kRecordIdDigits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

class RecordCheck {
 public:
  RecordCheck(const LoggedLeaf& leaf, const KnownSnapshot& snapshot, std::span<const evidence::VerifyingKey> later_keys,
              RootCache& roots)
      : leaf_(leaf), snapshot_(snapshot), later_keys_(later_keys), roots_(roots) {}

  std::vector<Fault> run() {
    if (!body_.ParseFromString(leaf_.body)) {
      tampered("its body is no RecordBody");
      return std::move(faults_);
    }
    if (!is_record_id(body_.record_id())) tampered("its record id is not 32 hexadecimal digits");
    check_statement();
    check_columns();
    check_versions();
    for (Deviation& one : rederive(body_, snapshot_.deployment, roots_)) {
      add(kind_of(one, body_.policy(), snapshot_), std::move(one.why));
    }
    return std::move(faults_);
  }

 private:
  void add(FaultKind kind, std::string why) { faults_.push_back({kind, place_of(leaf_), std::move(why)}); }
  void tampered(std::string why) { add(FaultKind::kTampered, std::move(why)); }

  // Which program judged is not the record's alone to say: else one with a false verdict would pass for an old one.
  void check_versions() {
    const v1::PolicyStamp& policy = body_.policy();
    if (policy.software_version() == snapshot_.software_version &&
        policy.ruleset_version() == snapshot_.ruleset_version) {
      return;
    }
    add(FaultKind::kDoesNotFollow, "it names another software or ruleset version than its snapshot");
  }

  void check_statement() {
    v1::Statement statement;
    v1::StatementBody said;
    if (!statement.ParseFromString(leaf_.statement) || !said.ParseFromString(statement.payload())) {
      return tampered("its statement is no Statement");
    }
    if (!is_signed(statement)) tampered("its statement is not signed by the coordinator's key of that time");
    v1::StatementBody derived = statement_of(body_, leaf_.body);
    if (said.checks_size() == 0 && !is_without_result(body_)) leave_out_what_is_newer(derived);
    if (google::protobuf::util::MessageDifferencer::Equals(said, derived)) return;
    if (said.record_sha256() != derived.record_sha256()) return tampered("its statement is of another body");
    tampered("its statement says something else than its body");
  }

  [[nodiscard]] bool is_signed(const v1::Statement& statement) const {
    const auto by = [&](const evidence::VerifyingKey& key) {
      return key.id() == statement.key_id() &&
             key.verify(evidence::pae(evidence::kStatementType, statement.payload()), statement.signature());
    };
    if (by(snapshot_.statement_key)) return true;
    return is_without_result(body_) && std::any_of(later_keys_.begin(), later_keys_.end(), by);
  }

  // The index is not in the tree: what stands there must follow from what is.
  void check_columns() {
    if (!leaf_.record) return;
    const StoredRecord& told = *leaf_.record;
    const StoredRecord derived = stored_record(body_, {}, {});
    const auto same = [&](std::string_view column, const auto& is, const auto& should_be) {
      if (is != should_be) tampered(fmt::format("the index has another {} than its body", column));
    };
    same("record_id", told.record_id, derived.record_id);
    same("client", told.client, derived.client);
    same("request_id", told.request_id, derived.request_id);
    same("trace_id", told.trace_id, derived.trace_id);
    same("identifier", told.identifier, derived.identifier);
    same("verdict", told.verdict, derived.verdict);
    same("time of receipt", told.received, derived.received);
    same("time of decision", told.decided, derived.decided);
    same("row of attempts", told.rows, derived.rows);
  }

  const LoggedLeaf& leaf_;
  const KnownSnapshot& snapshot_;
  const std::span<const evidence::VerifyingKey> later_keys_;
  RootCache& roots_;
  v1::RecordBody body_;
  std::vector<Fault> faults_;
};

}  // namespace

FaultKind kind_of(const Deviation& deviation, const v1::PolicyStamp& policy, const KnownSnapshot& snapshot) {
  const bool may_be_others = deviation.by_rules && !(is_by_this_program(policy) && snapshot.has_our_registries);
  return may_be_others ? FaultKind::kJudgedDifferently : FaultKind::kDoesNotFollow;
}

std::string place_of(const LoggedLeaf& leaf) {
  std::string out = fmt::format("leaf {}, {}", leaf.index, evidence::to_string(leaf.kind));
  if (leaf.record) out += " " + printable(leaf.record->record_id, kRecordIdDigits);
  v1::RecordBody body;
  const bool is_record = leaf.kind == evidence::LeafKind::kRecord && !leaf.record;
  if (is_record && body.ParseFromString(leaf.body)) out += " " + printable(body.record_id(), kRecordIdDigits);
  return out;
}

Expected<KnownSnapshot> read_snapshot(const std::string& octets) {
  const auto bad = [](std::string why) { return fail(ProblemCode::kEvidenceInvalid, "snapshot", std::move(why)); };
  v1::DeploymentSnapshot message;
  if (!message.ParseFromString(octets)) return bad("it is no DeploymentSnapshot");
  auto deployment = deployment_of(message);
  if (!deployment) return Unexpected(deployment.error());
  auto key = evidence::VerifyingKey::from_der(message.coordinator_key().public_key());
  if (!key || key->id() != message.coordinator_key().key_id()) return bad("its coordinator key is none");
  std::optional<evidence::NoteVerifier> log_key;
  if (message.has_checkpoint_key()) {
    auto verifier = evidence::NoteVerifier::from_spki(message.log_origin(), message.checkpoint_key().public_key());
    if (!verifier) return bad("its checkpoint key is none: " + verifier.error().detail);
    log_key = *std::move(verifier);
  }
  return KnownSnapshot{*std::move(deployment),    *std::move(key),
                       std::move(log_key),        message.software_version(),
                       message.ruleset_version(), are_registries_of_this_program(message.registries())};
}

std::vector<Fault> verify_record(const LoggedLeaf& leaf, const KnownSnapshot& snapshot,
                                 std::span<const evidence::VerifyingKey> later_keys, RootCache& roots) {
  return RecordCheck(leaf, snapshot, later_keys, roots).run();
}

std::vector<Fault> verify_record(const LoggedLeaf& leaf, const std::string& snapshot) {
  const auto known = read_snapshot(snapshot);
  if (!known) return {{FaultKind::kTampered, place_of(leaf), "the snapshot that it names: " + known.error().detail}};
  RootCache roots;
  return verify_record(leaf, *known, {}, roots);
}

}  // namespace mpic::coordinator
