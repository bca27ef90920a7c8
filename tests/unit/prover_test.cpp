// Waiting for the checkpoint that covers a leaf, and what is proven under it.
#include "coordinator/log/prover.hpp"

#include "common/evidence/log_proof.hpp"
#include "tests/support/at_once.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_fakes.hpp"

#include <boost/asio/detached.hpp>

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;
using test::LogOnFakes;

namespace {

struct Proving {
  LogOnFakes log;
  CheckpointKeeper keeper = log.keeper();
  Prover prover{log.store, log.checkpoints, log.time.clock, test::at_once_here()};
  Proving() { REQUIRE(keeper.begin()); }

  // The keeper's thread, at that moment.
  void sign_after(std::chrono::milliseconds time) {
    asio::co_spawn(
        log.time.context,
        [](Proving& self, std::chrono::milliseconds span) -> asio::awaitable<void> {
          const auto timer = self.log.time.clock.make_timer(co_await asio::this_coro::executor);
          co_await timer->wait_until(self.log.time.clock.steady_now() + span);
          self.keeper.look();
        }(*this, time),
        asio::detached);
  }
  std::optional<v1::InclusionProof> prove(std::uint64_t leaf, std::chrono::milliseconds patience) {
    return log.time.run(prover.inclusion(leaf, log.time.in(patience)));
  }
};

bool verifies(const Proving& proving, const v1::InclusionProof& proof, const std::string& body, std::uint64_t leaf) {
  evidence::LogProof text{leaf, {}, proof.checkpoint(), {}};
  for (const std::string& hash : proof.path()) {
    REQUIRE(hash.size() == 32);
    std::copy(hash.begin(), hash.end(), text.path.emplace_back().begin());
  }
  const std::vector<evidence::NoteVerifier> known = {proving.log.log_key()};
  const Digest hash = evidence::log_leaf_hash(evidence::LeafKind::kRecord, evidence::sha256(body));
  return evidence::verify_proof(text, hash, known).has_value();
}

}  // namespace

TEST_CASE("a leaf that is covered is proven at once", "[log]") {
  Proving proving;
  for (int i = 0; i < 300; ++i) proving.log.record(std::to_string(i));
  proving.keeper.look();
  const auto proof = proving.prove(299, 0ms);
  REQUIRE(proof);
  CHECK(proving.log.time.elapsed() == 0ms);
  CHECK(verifies(proving, *proof, "body of 299", 299));
  CHECK_FALSE(verifies(proving, *proof, "body of 298", 299));
  CHECK_FALSE(verifies(proving, *proof, "body of 299", 298));
}

TEST_CASE("a leaf that is not covered waits for the next checkpoint", "[log]") {
  Proving proving;
  proving.log.record("a");
  proving.keeper.look();
  const std::uint64_t leaf = proving.log.record("b");
  proving.sign_after(1'000ms);
  const auto proof = proving.prove(leaf, 10'000ms);
  REQUIRE(proof);
  CHECK(proving.log.time.elapsed() == 1'000ms);
  CHECK(verifies(proving, *proof, "body of b", leaf));
}

TEST_CASE("a checkpoint that does not cover the leaf is not the one that is waited for", "[log]") {
  Proving proving;
  proving.log.record("a");
  proving.sign_after(500ms);  // of the first alone
  proving.sign_after(2'000ms);
  bool appended = false;
  asio::co_spawn(
      proving.log.time.context,
      [](Proving& self, bool& done) -> asio::awaitable<void> {
        const auto timer = self.log.time.clock.make_timer(co_await asio::this_coro::executor);
        co_await timer->wait_until(self.log.time.clock.steady_now() + 700ms);
        StoredRecord record;
        record.record_id = "b";
        record.body = "body of b";
        done = (co_await self.log.store.append(std::move(record))).has_value();
      }(proving, appended),
      asio::detached);
  const auto proof = proving.prove(1, 10'000ms);
  REQUIRE(appended);
  REQUIRE(proof);
  CHECK(verifies(proving, *proof, "body of b", 1));
}

TEST_CASE("nobody waits for longer than there is time", "[log]") {
  Proving proving;
  const std::uint64_t leaf = proving.log.record("a");
  SECTION("the request's own deadline") {
    CHECK_FALSE(proving.prove(leaf, 300ms));
    CHECK(proving.log.time.elapsed() == 300ms);
  }
  SECTION("and never for longer than a proof may take") {
    CHECK_FALSE(proving.prove(leaf, 60'000ms));
    CHECK(proving.log.time.elapsed() == 5'000ms);
  }
  SECTION("a deadline that has passed") {
    CHECK_FALSE(proving.prove(leaf, -100ms));
    CHECK(proving.log.time.elapsed() == 0ms);
  }
  SECTION("who gave up is forgotten") {
    CHECK_FALSE(proving.prove(leaf, 300ms));
    proving.keeper.look();
    CHECK(proving.prove(leaf, 0ms));
  }
}

TEST_CASE("without hashes, or without a place to read them, there is no proof", "[log]") {
  Proving proving;
  const std::uint64_t leaf = proving.log.record("a");
  proving.keeper.look();
  Prover full(proving.log.store, proving.log.checkpoints, proving.log.time.clock,
              [](const std::function<void()>&) { return false; });
  CHECK_FALSE(proving.log.time.run(full.inclusion(leaf, proving.log.time.in(1s))));
  const auto refused = proving.log.time.run(full.consistency(0));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ProblemCode::kOverloaded);
}

TEST_CASE("that the log only grew is proven from any size that it had", "[log]") {
  Proving proving;
  const auto before_the_first = proving.log.time.run(proving.prover.consistency(0));
  REQUIRE(before_the_first);
  CHECK_FALSE(*before_the_first);

  for (int i = 0; i < 9; ++i) proving.log.record(std::to_string(i));
  const TreeHead nine = proving.log.store.tree_head();
  for (int i = 9; i < 21; ++i) proving.log.record(std::to_string(i));
  proving.keeper.look();
  const TreeHead now = proving.log.store.tree_head();

  const auto from_nine = proving.log.time.run(proving.prover.consistency(9));
  REQUIRE(from_nine);
  REQUIRE(*from_nine);
  CHECK((*from_nine)->checkpoint() == proving.log.checkpoints.last()->note);
  std::vector<Digest> proof;
  for (const std::string& hash : (*from_nine)->consistency()) {
    std::copy(hash.begin(), hash.end(), proof.emplace_back().begin());
  }
  CHECK(evidence::verify_consistency(9, nine.root, now.size, now.root, proof));

  for (const std::uint64_t trivial : {std::uint64_t{0}, now.size}) {
    const auto same = proving.log.time.run(proving.prover.consistency(trivial));
    REQUIRE(same);
    CHECK((*same)->consistency().empty());
  }
  const auto too_long = proving.log.time.run(proving.prover.consistency(22));
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().code == ProblemCode::kInvalidArgument);
  CHECK_THAT(too_long.error().detail, Catch::Contains("since_size: the log has 21 leaves"));
}
