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

// Which octets a perspective was told that has signed nothing, and how long it was given: nothing rests on either.
bool only_what_nobody_signed(const v1::RecordBody& before, const v1::RecordBody& after) {
  for (int a = 0; a < before.attempts_size(); ++a) {
    for (int i = 0; i < before.attempts(a).planned_size(); ++i) {
      const v1::PlannedPerspective& was = before.attempts(a).planned(i);
      const v1::PlannedPerspective& is = after.attempts(a).planned(i);
      if (was.assignment() == is.assignment()) continue;
      v1::Assignment told;
      v1::Assignment now;
      if (was.has_evidence() || !told.ParseFromString(was.assignment()) || !now.ParseFromString(is.assignment())) {
        return false;
      }
      now.set_nonce(told.nonce());
      now.set_budget_ms(told.budget_ms());
      if (now.SerializeAsString() != was.assignment()) return false;
    }
  }
  return true;
}

bool is_free(const std::string& where, const v1::RecordBody& before, const v1::RecordBody& after) {
  return kFree.contains(where) || (where == "attempts.planned.assignment" && only_what_nobody_signed(before, after));
}

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
    const v1::RecordBody& before = log.bodies[i % log.bodies.size()];
    v1::RecordBody body = before;
    const auto where = change_something(body, random);
    if (!where || body.SerializeAsString() == before.SerializeAsString()) continue;
    ++i;
    changed.insert(*where);
    if (verify_record(signed_leaf(body), log.snapshot).empty() && !is_free(*where, before, body)) {
      unnoticed.insert(*where);
    }
  }
  for (const std::string& where : unnoticed) {
    INFO(where);
    CHECK(false);
  }
  WARN(wanted << " false records in " << changed.size() << " fields");
}

}  // namespace mpic::test
