// Records, snapshots and addenda as whoever owns a store may leave them. Input: which, and how it is changed. Whatever
// it is, it is judged to the end, twice the same, and a body that was not signed is never without a fault.
#include <random>

#include "common/evidence/merkle.hpp"
#include "coordinator/audit/rederive.hpp"
#include "coordinator/audit/verification.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/damaged_message.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::fuzz {
namespace {

using namespace coordinator;

constexpr int kMostChanges = 16;

struct Known {
  std::vector<test::SampleLog::Leaf> records;
  std::string snapshot;
  std::string addendum;  // of the first record
};

const Known& known() {
  static const Known kKnown = [] {
    Known out;
    const test::SampleLog log = test::sample_log(5, 1);
    out.snapshot = log.leaves[test::SampleLog::kSnapshot].body;
    out.addendum = log.leaves[test::SampleLog::kAddendum].body;
    for (const test::SampleLog::Leaf& leaf : log.leaves) {
      if (leaf.kind == evidence::LeafKind::kRecord) out.records.push_back(leaf);
    }
    return out;
  }();
  return kKnown;
}

LoggedLeaf leaf_of(std::string body, std::string statement) {
  LoggedLeaf leaf;
  leaf.kind = evidence::LeafKind::kRecord;
  leaf.body_sha256 = evidence::sha256(body);
  leaf.body = std::move(body);
  leaf.statement = std::move(statement);
  return leaf;
}

// As a coordinator would sign it that lies.
LoggedLeaf signed_leaf(const v1::RecordBody& body) {
  static const evidence::SigningKey kKey = test::statement_key();
  std::string octets = body.SerializeAsString();
  std::string statement = sign_statement(statement_of(body, octets), kKey).SerializeAsString();
  return leaf_of(std::move(octets), std::move(statement));
}

std::vector<Fault> judged(const LoggedLeaf& leaf, const std::string& snapshot) {
  std::vector<Fault> faults = verify_record(leaf, snapshot);
  const std::vector<Fault> again = verify_record(leaf, snapshot);
  hold(faults.size() == again.size(), "the same record is judged the same twice");
  for (std::size_t i = 0; i < faults.size(); ++i) {
    hold_equal(faults[i].why, again[i].why, "for the same reasons");
    hold(!faults[i].place.empty() && !faults[i].why.empty(), "a fault has a place and a reason");
    hold_presentable(faults[i].place);
    hold_presentable(faults[i].why);
  }
  return faults;
}

void change(std::string& octets, Input& input) {
  for (int i = 0; i < kMostChanges && !input.empty() && !octets.empty(); ++i) {
    const std::size_t at = (input.octet() * 256U + input.octet()) % octets.size();
    if (input.coin()) {
      octets[at] = static_cast<char>(static_cast<unsigned char>(octets[at]) ^ (1U << input.below(8)));
    } else {
      octets.replace(at, input.below(8), input.piece());
    }
  }
}

template <class Message>
void change_fields(Message& message, Input& input) {
  std::mt19937_64 random(input.octet() * 65'536U + input.octet() * 256U + input.octet());
  const std::size_t changes = 1 + input.below(kMostChanges);
  for (std::size_t i = 0; i < changes && message.ByteSizeLong() != 0; ++i) {
    static_cast<void>(test::change_something(message, random));
  }
}

void judge_addendum(v1::Addendum addendum, Input& input) {
  change_fields(addendum, input);
  v1::RecordBody body;
  v1::DeploymentSnapshot snapshot;
  hold(body.ParseFromString(known().records[0].body) && snapshot.ParseFromString(known().snapshot), "the sample");
  const auto deployment = deployment_of(snapshot);
  hold(deployment.has_value(), "the sample's deployment");
  RootCache roots;
  for (const Deviation& one : rederive(addendum, body, *deployment, roots)) hold_presentable(one.why);
}

void run(Octets octets) {
  Input input(octets);
  const std::size_t what = input.below(7);
  const test::SampleLog::Leaf& record = known().records[input.below(known().records.size())];
  v1::RecordBody body;
  v1::DeploymentSnapshot snapshot;
  v1::Addendum addendum;
  switch (what) {
    case 0: {  // what is no body that this coordinator signed
      const std::string other(input.rest());
      if (other != record.body) hold(!judged(leaf_of(other, record.statement), known().snapshot).empty(), "not signed");
      return;
    }
    case 1:
      return static_cast<void>(judged(leaf_of(record.body, record.statement), std::string(input.rest())));
    case 2:
      return static_cast<void>(judged(leaf_of(record.body, std::string(input.rest())), known().snapshot));
    case 3: {
      std::string changed = record.body;
      change(changed, input);
      if (changed == record.body) return;
      hold(!judged(leaf_of(changed, record.statement), known().snapshot).empty(), "a changed body is noticed");
      if (body.ParseFromString(changed)) static_cast<void>(judged(signed_leaf(body), known().snapshot));
      return;
    }
    case 4:
      hold(body.ParseFromString(record.body), "the sample can be read");
      change_fields(body, input);
      return static_cast<void>(judged(signed_leaf(body), known().snapshot));
    case 5:
      hold(snapshot.ParseFromString(known().snapshot), "the sample can be read");
      change_fields(snapshot, input);
      return static_cast<void>(judged(leaf_of(record.body, record.statement), snapshot.SerializeAsString()));
    default:
      if (input.coin()) {
        if (addendum.ParseFromString(std::string(input.rest()))) judge_addendum(addendum, input);
      } else if (addendum.ParseFromString(known().addendum)) {
        judge_addendum(addendum, input);
      }
  }
}

const Target kTarget("record", run);

}  // namespace
}  // namespace mpic::fuzz
