#include "coordinator/pipeline/replay.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/dsse.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/log/decision_events.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

struct Recorded {
  v1::RecordBody body;
  v1::Statement statement;
  v1::StatementBody said;
};

std::optional<Digest> digest_of(const std::string& octets) {
  Digest out{};
  if (octets.size() != out.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

Unexpected not_again(const char* why) {
  return fail(ProblemCode::kInvalidArgument, "request_id", std::string("request_id: ") + why);
}

bool signs(const evidence::VerifyingKey& key, const v1::Statement& statement) {
  return key.id() == statement.key_id() &&
         key.verify(evidence::pae(evidence::kStatementType, statement.payload()), statement.signature());
}

// By the key of the snapshot that the record names: another may be in force by now.
bool is_signed_by_its_snapshot(RecordStore& store, const Recorded& recorded) {
  const auto hash = digest_of(recorded.body.snapshot_sha256());
  if (!hash) return false;
  const auto octets = store.find_snapshot(*hash);  // one read of an index
  v1::DeploymentSnapshot snapshot;
  if (!octets || !*octets || evidence::sha256(**octets) != *hash || !snapshot.ParseFromString(**octets)) return false;
  const auto key = evidence::VerifyingKey::from_der(snapshot.coordinator_key().public_key());
  return key && signs(*key, recorded.statement);
}

bool leads_to_checkpoint(const StoredRecord& stored, const v1::InclusionProof& proof) {
  const auto checkpoint = evidence::read_checkpoint(proof.checkpoint());
  std::vector<Digest> path;
  for (const std::string& octets : proof.path()) path.push_back(digest_of(octets).value_or(Digest{}));
  const Digest leaf = evidence::log_leaf_hash(evidence::LeafKind::kRecord, evidence::sha256(stored.body));
  return checkpoint && evidence::verify_inclusion(leaf, stored.leaf, checkpoint->size, path, checkpoint->root);
}

// Whatever the key is that signed: the statement is over this body, which is of this log and client.
bool is_of_one_piece(const StoredRecord& stored, const Recorded& recorded, const Caller& caller,
                     const std::string& origin) {
  return digest_of(recorded.said.record_sha256()) == evidence::sha256(stored.body) &&
         recorded.body.client() == caller.client && recorded.body.log_origin() == origin;
}

Unexpected not_ours(const Workshop& workshop, const Caller& caller, const v1::CorroborateRequest& request,
                    const StoredRecord& stored, TimePoint now) {
  spdlog::critical(
      "security: the record of a request_id, leaf {}, is not as this coordinator wrote it: somebody has "
      "written to the store; run mpic audit verify",
      stored.leaf);
  workshop.events.write({now,
                         telemetry::event_kind::kRecordNotOurs,
                         "record store",
                         "the record of a request_id is not as this coordinator wrote it",
                         {{"client", caller.client},
                          {"request_id", request.request_id()},
                          {"leaf", static_cast<std::int64_t>(stored.leaf)}}});
  return fail(ProblemCode::kInternal, "record store",
              "the record of this request_id is not as this coordinator wrote it; nothing is answered from it");
}

}  // namespace

asio::awaitable<Expected<std::optional<v1::CorroborateResponse>>> recorded_answer(const Workshop& workshop,
                                                                                  const Caller& caller,
                                                                                  const v1::CorroborateRequest& request,
                                                                                  TimePoint now, Deadline deadline) {
  const auto found = workshop.store.find_request(caller.client, request.request_id());
  if (!found) co_return Unexpected(found.error());
  if (!*found) co_return std::nullopt;
  const StoredRecord& stored = **found;
  if (stored.body.empty()) {
    co_return not_again("it was used for a request whose record is no longer kept; ask anew with another id");
  }
  Recorded recorded;
  if (!recorded.body.ParseFromString(stored.body) || !recorded.statement.ParseFromString(stored.statement) ||
      !recorded.said.ParseFromString(recorded.statement.payload())) {
    co_return fail(ProblemCode::kInternal, "record store", "the record of this request_id cannot be read");
  }
  const SettingsPtr settings = workshop.settings.get();
  if (!is_of_one_piece(stored, recorded, caller, settings->deployment.log_origin)) {
    co_return not_ours(workshop, caller, request, stored, now);
  }
  if (!signs(settings->key.public_key(), recorded.statement)) {
    if (!is_signed_by_its_snapshot(workshop.store, recorded)) {
      co_return not_ours(workshop, caller, request, stored, now);
    }
    // A snapshot can be put into the store like a record, with a key of its own: so the log has to have signed it.
    const auto proof = co_await workshop.prover.inclusion(stored.leaf, deadline);
    if (!proof) {
      co_return fail(ProblemCode::kInternal, "record store",
                     "the record of this request_id cannot be shown to be this coordinator's at present; try again");
    }
    if (!leads_to_checkpoint(stored, *proof)) co_return not_ours(workshop, caller, request, stored, now);
  }
  if (recorded.body.request().SerializeAsString() != request.SerializeAsString()) {
    co_return not_again("it was used for another request");
  }
  const auto until = wire::decode(recorded.said.usable_until());
  if (recorded.body.decision().basis_for_issuance() && (!until || *until < now)) {
    co_return not_again("its answer may not be relied on any more; ask anew with another id. GetRecord has it");
  }
  workshop.events.write(repeated_event(recorded.body, stored.leaf, now));
  co_return respond(std::move(recorded.body), std::move(recorded.statement), stored.leaf);
}

}  // namespace mpic::coordinator
