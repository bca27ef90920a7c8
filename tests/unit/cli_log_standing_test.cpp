// What the command line tool says of a record's place in the log.
#include "cli/log_standing.hpp"

#include "cli/json.hpp"
#include "coordinator/log/prover.hpp"
#include "tests/support/at_once.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_fakes.hpp"

using namespace mpic;
using namespace mpic::cli;
using namespace std::chrono_literals;

namespace {

// The answer to a request whose record is leaf 2 of 4, with the proof.
struct Answered {
  test::LogOnFakes log;
  v1::CorroborateResponse response;
  std::optional<evidence::NoteVerifier> key;

  Answered() {
    auto keeper = log.keeper();
    REQUIRE(keeper.begin());
    for (const char* id : {"a", "b", "c", "d"}) log.record(id);
    keeper.look();
    coordinator::Prover prover(log.store, log.checkpoints, log.time.clock, test::at_once_here());
    const auto proof = log.time.run(prover.inclusion(2, log.time.in(1s)));
    REQUIRE(proof);
    v1::StatementBody stated;
    const Digest body = evidence::sha256("body of c");
    stated.set_record_sha256(std::string(body.begin(), body.end()));
    response.mutable_statement()->set_payload(stated.SerializeAsString());
    response.mutable_log()->set_leaf_index(2);
    *response.mutable_log()->mutable_proof() = *proof;
    key = log.log_key();
  }
};

}  // namespace

TEST_CASE("cli: a proof that holds names the tree that was signed", "[cli]") {
  const Answered answered;
  const auto standing = log_standing(answered.response, answered.key);
  REQUIRE(standing);
  CHECK(standing->verified);
  CHECK(standing->under->size == 4);
  CHECK(render(*standing, Style{}) ==
        "  Proof         in the 4 leaves of a checkpoint of mpic.example/log, which the log's key signed\n");
  CHECK(to_json(*standing) == R"({"leaf_index":2,"proven":true,"verified":true,"origin":"mpic.example/log","size":4})");
}

TEST_CASE("cli: without a key of the log it is said that nothing was verified", "[cli]") {
  const Answered answered;
  const auto standing = log_standing(answered.response, std::nullopt);
  REQUIRE(standing);
  CHECK_FALSE(standing->verified);
  CHECK_THAT(render(*standing, Style{}), Catch::Contains("not verified: no key of the log"));
}

TEST_CASE("cli: an answer without a proof says so", "[cli]") {
  Answered answered;
  answered.response.mutable_log()->clear_proof();
  const auto standing = log_standing(answered.response, answered.key);
  REQUIRE(standing);
  CHECK(render(*standing, Style{}) == "  Proof         none yet: no checkpoint covers the record\n");
  CHECK(to_json(*standing) == R"({"leaf_index":2,"proven":false,"verified":false})");
}

TEST_CASE("cli: a proof that does not hold is no answer", "[cli]") {
  Answered answered;
  v1::InclusionProof& proof = *answered.response.mutable_log()->mutable_proof();
  SECTION("another leaf") { answered.response.mutable_log()->set_leaf_index(3); }
  SECTION("another record") {
    v1::StatementBody stated;
    stated.set_record_sha256(std::string(32, 'x'));
    answered.response.mutable_statement()->set_payload(stated.SerializeAsString());
  }
  SECTION("another path") { (*proof.mutable_path(0))[0] = static_cast<char>((*proof.mutable_path(0))[0] ^ 1); }
  SECTION("a path that is too long") { proof.add_path(std::string(32, 'x')); }
  SECTION("a hash that is none") { proof.set_path(0, "short"); }
  SECTION("a checkpoint of another key") {
    answered.key = evidence::NoteSigner::generate("mpic.example/log").verifier();
  }
  SECTION("no checkpoint") { proof.set_checkpoint("nothing"); }
  SECTION("no statement") { answered.response.clear_statement(); }
  CHECK_FALSE(log_standing(answered.response, answered.key));
}

TEST_CASE("cli: a member is added to a JSON object", "[cli]") {
  CHECK(with_member("{}", "a", "1") == R"({"a":1})");
  CHECK(with_member(R"({"b":{"c":2}})", "a", "[1]") == R"({"b":{"c":2},"a":[1]})");
}
