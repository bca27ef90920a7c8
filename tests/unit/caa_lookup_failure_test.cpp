#include "common/rules/judgement.hpp"
#include "tests/support/caa_zone.hpp"
#include "tests/support/catch.hpp"

namespace mpic::rules {
namespace {

using namespace test;

Judgement judged(const char* asked, const CaaObservation& seen) {
  return judge_caa(identifier(asked), caa_question(), seen);
}

}  // namespace

TEST_CASE("a lookup failure is told with its name and is never permission", "[caa][judge]") {
  CaaObservation seen = climbed(identifier("www.example.com"), {});
  seen.lookups[1] = failed(DnsStatus::kTimeout, "example.com", RecordType::kCaa);
  for (const bool allowed : {false, true}) {
    CaaQuestion asked = caa_question();
    asked.allow_lookup_failure = allowed;
    const Judgement judgement = judge_caa(identifier("www.example.com"), asked, seen);
    CHECK(judgement.outcome == Outcome::kCouldNotLook);
    REQUIRE(judgement.problem);
    CHECK(judgement.problem->code == ProblemCode::kDnsTimeout);
    CHECK(judgement.problem->where == "example.com");
    CHECK(judgement.problem->detail.rfind("While processing CAA for example.com: ", 0) == 0);
    CHECK((judgement.problem->detail.find("not counted as permission") != std::string::npos) == allowed);
    CHECK(judgement.key.empty());
  }
}

TEST_CASE("a name under a TLD that does not exist is never permitted (ours)", "[caa][judge]") {
  CaaObservation seen = climbed(identifier("example.gonetld"), {});
  for (DnsLookup& lookup : seen.lookups) lookup.rcode = kNxdomain;
  const Judgement judgement = judged("example.gonetld", seen);
  CHECK(judgement.outcome == Outcome::kCouldNotLook);
  CHECK(judgement.problem->code == ProblemCode::kDnsNxdomain);
}

TEST_CASE("no failure of a lookup counts as permission, and why is told to who would let it (BR 4.2.2.1)",
          "[caa][judge]") {
  struct Row {
    const char* rule;
    DnsLookup lookup;
    const char* says;
  };
  const auto of = [](DnsStatus status) { return failed(status, "x.com", RecordType::kCaa); };
  DnsLookup bogus = refused_with(kServfail, "x.com", RecordType::kCaa);
  bogus.extended_errors = {{7, ""}};
  DnsLookup cut = answered("x.com", RecordType::kCaa, {caa_rdata(0, "issue", "letsencrypt.org")});
  cut.records_cut = true;
  const char* const kNoProof = "not counted as permission, as no validated proof of an insecure zone was observed";
  const Row rows[] = {
      {"a timeout", of(DnsStatus::kTimeout), kNoProof},
      {"truncation", of(DnsStatus::kTruncated), kNoProof},
      {"a malformed reply", of(DnsStatus::kMalformed), kNoProof},
      {"SERVFAIL", refused_with(kServfail, "x.com", RecordType::kCaa), kNoProof},
      {"REFUSED", refused_with(kRefused, "x.com", RecordType::kCaa), kNoProof},
      {"another RCODE", refused_with(4, "x.com", RecordType::kCaa), kNoProof},
      {"a set that was cut", cut, kNoProof},
      {"bogus DNSSEC", bogus, "bogus DNSSEC is never permission (BR 4.2.2.1, 4.2.2.2.5)"},
      {"our own resolver", of(DnsStatus::kUnreachable), "a failure of the CA's own resolver is never permission"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      for (const bool allowed : {false, true}) {
        CaaQuestion asked = caa_question();
        asked.allow_lookup_failure = allowed;
        const CaaObservation seen{{row.lookup, answered("com", RecordType::kCaa)}};
        const Judgement judgement = judge_caa(identifier("x.com"), asked, seen);
        CHECK(judgement.outcome != Outcome::kCorroborates);
        CHECK(judgement.key.empty());
        REQUIRE(judgement.problem);
        CHECK((judgement.problem->detail.find(row.says) != std::string::npos) == allowed);
      }
    }
  // Also where the TLD is said not to exist.
  CaaQuestion asked = caa_question();
  asked.allow_lookup_failure = true;
  CaaObservation gone = climbed(identifier("example.gonetld"), {});
  for (DnsLookup& lookup : gone.lookups) lookup.rcode = kNxdomain;
  const Judgement judgement = judge_caa(identifier("example.gonetld"), asked, gone);
  CHECK(judgement.outcome == Outcome::kCouldNotLook);
  CHECK_THAT(judgement.problem->detail, Catch::Contains(kNoProof));
}

TEST_CASE("every kind of failed CAA lookup keeps its own code", "[caa][judge]") {
  struct Row {
    const char* rule;
    DnsLookup lookup;
    ProblemCode code;
    Outcome outcome;
  };
  DnsLookup bogus = refused_with(kServfail, "x.com", RecordType::kCaa);
  bogus.extended_errors = {{6, ""}};
  DnsLookup cut = answered("x.com", RecordType::kCaa, {caa_rdata(0, "issue", "letsencrypt.org")});
  cut.records_cut = true;
  DnsLookup cut_to_nothing = answered("x.com", RecordType::kCaa);
  cut_to_nothing.records_cut = true;
  const DnsLookup unreadable =
      answered("x.com", RecordType::kCaa, {caa_rdata(0, "issue", "letsencrypt.org"), Bytes{0, 9, 'i'}});
  const Row rows[] = {
      {"a timeout", failed(DnsStatus::kTimeout, "x.com", RecordType::kCaa), ProblemCode::kDnsTimeout,
       Outcome::kCouldNotLook},
      {"a server failure", refused_with(kServfail, "x.com", RecordType::kCaa), ProblemCode::kDnsServfail,
       Outcome::kCouldNotLook},
      {"truncated", failed(DnsStatus::kTruncated, "x.com", RecordType::kCaa), ProblemCode::kDnsTruncated,
       Outcome::kCouldNotLook},
      {"malformed", failed(DnsStatus::kMalformed, "x.com", RecordType::kCaa), ProblemCode::kDnsMalformed,
       Outcome::kCouldNotLook},
      {"bogus", bogus, ProblemCode::kDnsBogus, Outcome::kCouldNotLook},
      {"refused", refused_with(kRefused, "x.com", RecordType::kCaa), ProblemCode::kDnsRefused, Outcome::kCouldNotLook},
      {"not implemented", refused_with(4, "x.com", RecordType::kCaa), ProblemCode::kDnsOtherRcode,
       Outcome::kCouldNotLook},
      {"a set that was cut may hide the property that forbids", cut, ProblemCode::kDnsTooManyRecords,
       Outcome::kCouldNotLook},
      {"cut to nothing is not empty", cut_to_nothing, ProblemCode::kDnsTooManyRecords, Outcome::kCouldNotLook},
      {"one unreadable record spoils the set", unreadable, ProblemCode::kDnsMalformed, Outcome::kCouldNotLook},
      {"our own resolver is away: our fault, not the domain's",
       failed(DnsStatus::kUnreachable, "x.com", RecordType::kCaa), ProblemCode::kResolverUnavailable,
       Outcome::kUnreachable},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judged("x.com", {{row.lookup, answered("com", RecordType::kCaa)}});
      CHECK(judgement.outcome == row.outcome);
      REQUIRE(judgement.problem);
      CHECK(judgement.problem->code == row.code);
    }
}

}  // namespace mpic::rules
