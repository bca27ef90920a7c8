// Zones of every kind behind a validating Unbound: what each method makes of them, in the words that people read
// (RFC 8914).
#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

enum class Zone { kSecure, kInsecure, kBroken };

struct Kind {
  const char* what;
  const char* zone;
  Zone state;
  Ending ending = {};
  const char* words = "";
  bool needs_ipv6 = false;
};

const Kind kKinds[] = {
    {"signed", "demo.test", Zone::kSecure},
    {"signed, names hashed (NSEC3)", "hashed.test", Zone::kSecure},
    {"signed, with opt-out", "optout.test", Zone::kSecure},
    {"unsigned, below a zone with opt-out", "insecure.optout.test", Zone::kInsecure},
    {"unsigned", "plain.test", Zone::kInsecure},
    {"served over IPv6 only", "six.test", Zone::kSecure, {}, "", true},
    {"forged", "bogus.test", Zone::kBroken, ProblemCode::kDnsBogus, "DNSSEC: Bogus"},
    {"signatures expired", "expired.test", Zone::kBroken, ProblemCode::kDnsBogus, "DNSSEC: Signature Expired"},
    {"signatures not yet valid", "early.test", Zone::kBroken, ProblemCode::kDnsBogus,
     "DNSSEC: Signature Not Yet Valid"},
    {"signatures missing", "stripped.test", Zone::kBroken, ProblemCode::kDnsBogus, "DNSSEC: RRSIGs Missing"},
    // Unbound says "DNSKEY Missing" at first, and "Bogus" while it remembers.
    {"the parent's DS is of another key", "keyless.test", Zone::kBroken, ProblemCode::kDnsBogus, "DNSSEC: "},
    {"lame: the name server refuses", "lame.test", Zone::kBroken, ProblemCode::kDnsServfail, "nameservers"},
};

// True when `kind` cannot be tried on this machine.
bool left_out(const Kind& kind) {
  if (!kind.needs_ipv6 || system_under_test().ipv6) return false;
  WARN("left out: this machine has no IPv6");
  return true;
}

void check_kind(const Validation& seen, const Kind& kind) {
  check_ending(seen, kind.ending, kind.words);
  CHECK(seen.judged.dnssec_authenticated == (kind.state == Zone::kSecure));
}

}  // namespace

TEST_CASE("zones of every kind, by dns-01", "[methods][zones]") {
  for (const Kind& kind : kKinds) DYNAMIC_SECTION(kind.what) {
      if (!left_out(kind)) check_kind(Sightseer().validate(std::string("www.") + kind.zone, dns_01()), kind);
    }
}

TEST_CASE("zones of every kind, by http-01", "[methods][zones]") {
  for (const Kind& kind : kKinds) DYNAMIC_SECTION(kind.what) {
      if (!left_out(kind)) check_kind(Sightseer().validate(std::string("www.") + kind.zone, http_01()), kind);
    }
}

TEST_CASE("zones of every kind, for CAA", "[methods][zones][caa]") {
  for (const Kind& kind : kKinds) DYNAMIC_SECTION(kind.what) {
      if (left_out(kind)) continue;
      const Validation seen = Sightseer().read_caa(std::string("caa-permits.") + kind.zone, caa_of_our_issuer());
      CHECK(seen.judged.dnssec_authenticated == (kind.state == Zone::kSecure));
      if (!kind.ending) {
        CHECK(seen.judged.outcome == Outcome::kCorroborates);
        continue;
      }
      REQUIRE(seen.judged.problem);
      INFO(seen.judged.problem->detail);
      CHECK(to_string(seen.judged.problem->code) == to_string(*kind.ending));
      CHECK_THAT(seen.judged.problem->detail, Catch::Matchers::Contains(kind.words));
    }
}

TEST_CASE("a failure is told with its reason at every attempt, not only at the first", "[methods][zones]") {
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Validation seen = Sightseer().validate("www.expired.test", dns_01());
    check_ending(seen, ProblemCode::kDnsBogus, "DNSSEC: Signature Expired");
  }
}

TEST_CASE("a forged set is a lookup failure where the climb needs it, and nowhere else", "[methods][zones][caa]") {
  // www.bogus.test has no CAA, which is proven; the apex of the zone has none either.
  const Validation above = Sightseer().read_caa("www.bogus.test", caa_of_our_issuer());
  CHECK(above.judged.outcome == Outcome::kCorroborates);
  const Validation there = Sightseer().read_caa("deep.caa-permits.bogus.test", caa_of_our_issuer());
  REQUIRE(there.judged.problem);
  CHECK(there.judged.problem->code == ProblemCode::kDnsBogus);
}

TEST_CASE("what stands in a set that only fits TCP counts", "[methods][zones][caa]") {
  const Validation seen = Sightseer().read_caa("caa-many.demo.test", caa_of_our_issuer());
  CHECK(seen.judged.outcome == Outcome::kCorroborates);
  REQUIRE_FALSE(seen.seen.caa->lookups.empty());
  CHECK(seen.seen.caa->lookups[0].over_tcp);
  CHECK(seen.seen.caa->lookups[0].records.size() == 151);
}
