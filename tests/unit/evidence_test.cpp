// Signed observations: what is bound to what, and that every lie is noticed.
#include <functional>

#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/evidence/observations.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seen.hpp"

using namespace mpic;
using namespace mpic::evidence;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

Assignment assignment(std::uint8_t number) {
  Assignment out{.attempt = {number},
                 .log_origin = "mpic.test/unit",
                 .perspective = PerspectiveId::parse("eu-west").value(),
                 .role = Role::kRemote,
                 .nonce = {7, number},
                 .issued = kNow,
                 .budget = 5s,
                 .identifier = Identifier::parse("www.example.com").value()};
  out.caa = CaaQuestion{.issuer_domains = {"ca.example"}};
  return out;
}

Observation observation(const Assignment& asked) {
  Observation out{.perspective = asked.perspective};
  out.assignment_sha256 = sha256(wire::encode(asked));
  out.nonce = asked.nonce;
  out.role = asked.role;
  out.rir = Rir::kRipe;
  out.agent_version = "test";
  out.started = out.ended = kNow + 1s;
  out.resolver = "127.0.0.1:53";
  out.caa = test::caa_seen(asked.identifier.name(), *asked.caa, "yes", kNow);
  return out;
}

struct Case {
  SigningKey key = SigningKey::generate();
  std::vector<PinnedKey> pinned{PinnedKey{key.public_key()}};
  Assignment asked = assignment(1);
  Observation seen = observation(asked);
  Rir rir = Rir::kRipe;
  TimePoint received = kNow + 2s;

  // Signs the observation as the middle one of three, lets `meddle` have its way, and verifies.
  Expected<Observation> verify(const std::function<void(v1::Evidence&, v1::SignedRoot&)>& meddle = nullptr) const {
    v1::FromAgent message;
    const auto leaf = [](std::uint8_t number) { return Leaf{{number}, wire::encode(observation(assignment(number)))}; };
    sign_observations(asked.perspective, key, {leaf(5), Leaf{asked.attempt, wire::encode(seen)}, leaf(6)}, message);
    v1::Evidence evidence = message.items(1).evidence();
    v1::SignedRoot root = message.signed_root();
    if (meddle) meddle(evidence, root);
    return verify_evidence(evidence, ReceivedRoot(root), {asked, wire::encode(asked), rir, pinned, received});
  }
};

void refused(const Expected<Observation>& result, const char* why) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ProblemCode::kEvidenceInvalid);
  CHECK_THAT(result.error().detail, Catch::Matchers::Contains(why));
}

}  // namespace

TEST_CASE("evidence that answers the question is accepted", "[evidence]") {
  const auto result = Case().verify();
  REQUIRE(result);
  CHECK(result->perspective.text() == "eu-west");
  CHECK(result->caa->lookups.size() == 3);
}

TEST_CASE("evidence of another key is refused", "[evidence]") {
  Case c;
  c.pinned = {PinnedKey{SigningKey::generate().public_key()}};
  refused(c.verify(), "not pinned");
  refused(Case().verify([](auto&, v1::SignedRoot& root) { root.mutable_signature()->back() ^= 1; }), "does not verify");
  refused(Case().verify([](auto&, v1::SignedRoot& root) { root.mutable_payload()->back() ^= 1; }), "does not verify");
}

TEST_CASE("a pinned key counts only within its validity", "[evidence]") {
  Case c;
  c.pinned[0].not_after = kNow;
  refused(c.verify(), "outside its validity");
  c.pinned[0] = PinnedKey{c.key.public_key(), kNow + 1h, TimePoint::max()};
  refused(c.verify(), "outside its validity");
}

TEST_CASE("an observation must be the leaf that was signed", "[evidence]") {
  refused(Case().verify([](v1::Evidence& e, auto&) { e.mutable_observation()->back() ^= 1; }), "not in the tree");
  refused(Case().verify([](v1::Evidence& e, auto&) { e.set_leaf_index(0); }), "not in the tree");
  refused(Case().verify([](v1::Evidence& e, auto&) { e.add_path(std::string(32, 'x')); }), "not in the tree");
  refused(Case().verify([](v1::Evidence& e, auto&) { e.mutable_path()->RemoveLast(); }), "not in the tree");
  refused(Case().verify([](v1::Evidence& e, auto&) { e.set_path(0, "short"); }), "not 32 octets");
}

TEST_CASE("an observation must answer this assignment, from this perspective, in this role and region", "[evidence]") {
  Case c;
  c.seen = observation(assignment(2));
  refused(c.verify(), "another assignment");
  c = Case();
  c.seen.nonce[0] ^= 1;
  refused(c.verify(), "another nonce");
  c = Case();
  c.seen.perspective = PerspectiveId::parse("eu-east").value();
  refused(c.verify(), "another perspective");
  c = Case();
  c.seen.role = Role::kPrimary;
  refused(c.verify(), "another role");
  c = Case();
  c.rir = Rir::kApnic;
  refused(c.verify(), "configured region is APNIC");
}

TEST_CASE("an observation must be of this half minute and hold what was asked", "[evidence]") {
  Case c;
  c.seen.started = kNow - 31s;
  refused(c.verify(), "more than 30 s");
  c = Case();
  c.seen.ended = kNow + 33s;
  refused(c.verify(), "more than 30 s");
  c = Case();
  c.seen.caa.reset();
  refused(c.verify(), "other checks");
}

TEST_CASE("PAE says what kind of thing is signed", "[evidence]") {
  CHECK(pae("type", "payload") == "DSSEv1 4 type 7 payload");
  CHECK(pae("", "") == "DSSEv1 0  0 ");
}
