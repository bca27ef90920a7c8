// Records that a coordinator wrote falsely and signed: whoever has its keys, but not those of the agents, cannot write
// a verdict, or anything it rests on, that the evidence does not bear.
//
// MPIC_MUTATIONS sets how many; the seed is printed.
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <set>

#include "common/evidence/merkle.hpp"
#include "coordinator/audit/rederive.hpp"
#include "coordinator/audit/verification.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/damaged_message.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

// What nothing else in a record says again. Nothing that was decided rests on it.
const std::set<std::string> kFree = {
    "record_id",                             // the log has each once
    "client",                                // who asked is the coordinator's to say
    "snapshot_sha256",                       // held against the log, not here
    "request.request_id",                    // the client's own names
    "request.trace_id",                      //
    "received.nanos",                        // far less than clocks are trusted
    "decided.nanos",                         //
    "decided.seconds",                       // later than it was
    "attempts.planned.received.nanos",       // rows have milliseconds
    "attempts.planned.reason",               // for people
    "attempts.planned.evidence.attempt_id",  // only routes
};

std::size_t how_many() {
  const char* told = std::getenv("MPIC_MUTATIONS");
  return told == nullptr ? 3'000 : std::stoul(told);
}

LoggedLeaf signed_leaf(const v1::RecordBody& body) {
  LoggedLeaf leaf;
  leaf.kind = evidence::LeafKind::kRecord;
  leaf.body = body.SerializeAsString();
  leaf.body_sha256 = evidence::sha256(leaf.body);
  leaf.statement = sign_statement(statement_of(body, leaf.body), statement_key()).SerializeAsString();
  return leaf;
}

struct Known {
  std::vector<v1::RecordBody> bodies;
  std::string snapshot;
};

Known known() {
  Known out;
  const SampleLog log = sample_log(5, 1);
  out.snapshot = log.leaves[SampleLog::kSnapshot].body;
  for (const SampleLog::Leaf& leaf : log.leaves) {
    if (leaf.kind == evidence::LeafKind::kRecord) REQUIRE(out.bodies.emplace_back().ParseFromString(leaf.body));
  }
  return out;
}

}  // namespace

TEST_CASE("a coordinator cannot sign what its agents' evidence does not bear", "[verification][false]") {
  const Known log = known();
  for (const v1::RecordBody& body : log.bodies) REQUIRE(verify_record(signed_leaf(body), log.snapshot).empty());
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  INFO("seed " << seed);
  std::set<std::string> changed;
  std::set<std::string> unnoticed;
  const std::size_t wanted = how_many();
  for (std::size_t i = 0; i < wanted;) {
    v1::RecordBody body = log.bodies[i % log.bodies.size()];
    const std::string before = body.SerializeAsString();
    const auto where = change_something(body, random);
    if (!where || body.SerializeAsString() == before) continue;
    ++i;
    changed.insert(*where);
    if (verify_record(signed_leaf(body), log.snapshot).empty() && !kFree.contains(*where)) unnoticed.insert(*where);
  }
  for (const std::string& where : unnoticed) {
    INFO(where);
    CHECK(false);
  }
  WARN(wanted << " false records in " << changed.size() << " fields");
}

}  // namespace mpic::test
