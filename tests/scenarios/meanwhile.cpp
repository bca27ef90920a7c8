#include "tests/scenarios/meanwhile.hpp"

#include <stdexcept>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::test {
namespace {

using namespace coordinator;

void seal(StoredRecord& record, const v1::RecordBody& body, const evidence::SigningKey& key) {
  record.body = body.SerializeAsString();
  record.statement = sign_statement(statement_of(body, record.body), key).SerializeAsString();
}

void use_own_snapshot(FakeStore& store, v1::RecordBody& body, const evidence::SigningKey& key) {
  v1::DeploymentSnapshot snapshot;
  snapshot.set_log_origin(body.log_origin());
  snapshot.mutable_coordinator_key()->set_key_id(key.public_key().id());
  snapshot.mutable_coordinator_key()->set_public_key(key.public_key().spki_der());
  const std::string octets = snapshot.SerializeAsString();
  const Digest hash = evidence::sha256(octets);
  store.snapshots.emplace(hash, octets);
  body.set_snapshot_sha256(hash.data(), hash.size());
}

void forge(FakeStore& store, const std::string& what) {
  const evidence::SigningKey key = evidence::SigningKey::generate();
  for (auto& [id, record] : store.records) {
    v1::RecordBody body;
    if (!body.ParseFromString(record.body)) throw std::runtime_error("a record that cannot be read");
    if (what == "statement") {
      seal(record, body, key);
    } else if (what == "body") {
      body.mutable_decision()->set_verdict(v1::VERDICT_CORROBORATED);
      body.mutable_decision()->set_basis_for_issuance(true);
      record.body = body.SerializeAsString();
    } else if (what == "snapshot") {
      use_own_snapshot(store, body, key);
      seal(record, body, key);
    } else {
      throw std::runtime_error("nothing is forged by " + what);
    }
  }
}

}  // namespace

void meanwhile(const std::vector<std::string>& words, FakeStore& store, Checkpoints& checkpoints,
               const std::string& origin, TimePoint now) {
  if (words.at(0) == "prunes") (void)store.prune(store.tree_head().size, store.records.size());
  if (words.at(0) == "forges") forge(store, words.at(1));
  if (words.at(0) != "forges" && words.at(0) != "is-signed") return;
  const TreeHead head = store.tree_head();
  const auto signer = evidence::NoteSigner::generate(origin);
  checkpoints.publish({head.size, now, signer.sign({origin, head.size, head.root})});
}

}  // namespace mpic::test
