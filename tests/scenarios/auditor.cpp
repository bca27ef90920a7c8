#include "tests/scenarios/auditor.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "common/evidence/merkle.hpp"
#include "coordinator/audit/rederive.hpp"
#include "coordinator/audit/verification.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

template <class Message>
Message parsed(const std::string& octets) {
  Message out;
  if (!out.ParseFromString(octets)) throw std::runtime_error("a leaf that cannot be read");
  return out;
}

}  // namespace

Digest Auditor::keep(const Settings& settings) {
  std::string body = snapshot(settings.deployment, settings.key.public_key()).SerializeAsString();
  const Digest hash = evidence::sha256(body);
  snapshots_.insert_or_assign(std::string(hash.begin(), hash.end()), std::move(body));
  return hash;
}

std::vector<std::string> Auditor::faults_of(const FakeStore& store) const {
  std::vector<std::string> out;
  for (const auto& [id, record] : store.records) {
    if (record.body.empty()) continue;  // pruned
    LoggedLeaf leaf;
    leaf.index = record.leaf;
    leaf.kind = evidence::LeafKind::kRecord;
    leaf.body_sha256 = evidence::sha256(record.body);
    leaf.body = record.body;
    leaf.statement = record.statement;
    leaf.record = record;
    for (const Fault& fault : verify_record(leaf, snapshot_of(record))) {
      out.push_back(fmt::format("{}: {}", fault.place, fault.why));
    }
  }
  RootCache roots;
  for (const StoredAddendum& stored : store.addenda) {
    if (stored.body.empty()) continue;
    const StoredRecord& record = store.records.at(stored.record_id);
    if (record.body.empty()) continue;
    const auto deployment = deployment_of(parsed<v1::DeploymentSnapshot>(snapshot_of(record)));
    for (const Deviation& one :
         rederive(parsed<v1::Addendum>(stored.body), parsed<v1::RecordBody>(record.body), deployment.value(), roots)) {
      out.push_back(fmt::format("addendum of {}: {}", stored.perspective, one.why));
    }
  }
  return out;
}

const std::string& Auditor::snapshot_of(const StoredRecord& record) const {
  return snapshots_.at(parsed<v1::RecordBody>(record.body).snapshot_sha256());
}

}  // namespace mpic::test
