#include "common/rules/judgement.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

const std::string kToken(43, 't');
const AcmeHttp01 kQuestion{kToken, kToken + "." + std::string(43, 'k')};

Assignment assigned() {
  CaaQuestion caa;
  caa.issuer_domains = {"ca.example"};
  Assignment assignment{.log_origin = "log",
                        .perspective = *PerspectiveId::parse("ams-1"),
                        .identifier = test::identifier("example.com"),
                        .authorization_domain = std::nullopt,
                        .dcv = DcvQuestion{kQuestion},
                        .caa = caa};
  return assignment;
}

Observation observed() {
  Observation observation{.perspective = *PerspectiveId::parse("ams-1"),
                          .agent_version = "",
                          .source_ipv4 = "",
                          .source_ipv6 = "",
                          .resolver = "",
                          .lab_relaxations = {},
                          .dcv = std::nullopt,
                          .caa = std::nullopt};
  const std::string url = "http://example.com/.well-known/acme-challenge/" + kToken;
  observation.dcv = DcvObservation{
      DcvMethod::kAcmeHttp01,
      test::fetched({test::hop(url, "example.com", {"93.184.216.34"}, 200)}, kQuestion.key_authorization)};
  observation.caa =
      CaaObservation{{test::answered("example.com", RecordType::kCaa), test::answered("com", RecordType::kCaa)}};
  return observation;
}

}  // namespace

TEST_CASE("an observation is judged by what was assigned", "[judge]") {
  CHECK(judge_dcv(assigned(), observed()).outcome == Outcome::kCorroborates);
  CHECK(judge_caa(assigned(), observed()).outcome == Outcome::kCorroborates);

  SECTION("nothing observed") {
    Observation nothing = observed();
    nothing.dcv.reset();
    nothing.caa.reset();
    CHECK(judge_dcv(assigned(), nothing).outcome == Outcome::kEvidenceInvalid);
    CHECK(judge_caa(assigned(), nothing).outcome == Outcome::kEvidenceInvalid);
  }
  SECTION("nothing asked") {
    Assignment nothing = assigned();
    nothing.dcv.reset();
    nothing.caa.reset();
    CHECK(judge_dcv(nothing, observed()).outcome == Outcome::kEvidenceInvalid);
    CHECK(judge_caa(nothing, observed()).outcome == Outcome::kEvidenceInvalid);
  }
  SECTION("another method observed") {
    Observation other = observed();
    other.dcv->method = DcvMethod::kAcmeTlsAlpn01;
    CHECK(judge_dcv(assigned(), other).outcome == Outcome::kEvidenceInvalid);
  }
  SECTION("another kind of observation") {
    Observation other = observed();
    other.dcv->seen = DnsObservation{};
    CHECK(judge_dcv(assigned(), other).outcome == Outcome::kEvidenceInvalid);
  }
  SECTION("an Authorization Domain Name that the method does not allow") {
    Assignment other = assigned();
    other.authorization_domain = test::dns_name("example.com");
    CHECK(judge_dcv(other, observed()).outcome == Outcome::kCorroborates);
    other.authorization_domain = test::dns_name("www.example.com");
    CHECK(judge_dcv(other, observed()).outcome == Outcome::kEvidenceInvalid);
  }
  SECTION("what does not follow because it was cut is no lie, and never a corroboration") {
    Observation cut = observed();
    DnsLookup& lookup = std::get<HttpObservation>(cut.dcv->seen).hops[0].lookups[0];
    lookup.records.clear();
    lookup.records_cut = true;
    cut.caa->lookups.pop_back();
    CHECK(judge_dcv(assigned(), cut).outcome == Outcome::kEvidenceInvalid);
    CHECK(judge_caa(assigned(), cut).outcome == Outcome::kEvidenceInvalid);
    cut.cut = true;
    CHECK(judge_dcv(assigned(), cut).problem->code == ProblemCode::kDnsTooManyRecords);
    CHECK(judge_caa(assigned(), cut).problem->code == ProblemCode::kDnsTooManyRecords);
    CHECK(judge_dcv(assigned(), cut).outcome == Outcome::kCouldNotLook);
  }
  SECTION("the observation's own stamps are what relaxes") {
    Observation lab = observed();
    std::get<HttpObservation>(lab.dcv->seen).hops[0].tried[0].port = 18'080;
    CHECK(judge_dcv(assigned(), lab).outcome == Outcome::kEvidenceInvalid);
    lab.lab_relaxations = {"ports 80=18080"};
    CHECK(judge_dcv(assigned(), lab).outcome == Outcome::kCorroborates);
  }
}

TEST_CASE("CAA is asked at the name applied for, whatever name is validated, and never for an address (BR 4.2.2.1)",
          "[judge][caa]") {
  Assignment assignment = assigned();
  assignment.identifier = test::identifier("www.example.com");
  assignment.authorization_domain = test::dns_name("example.com");
  Observation observation = observed();
  CHECK(judge_caa(assignment, observation).outcome == Outcome::kEvidenceInvalid);  // climbs from the ADN
  auto& lookups = observation.caa->lookups;
  lookups.insert(lookups.begin(), test::answered("www.example.com", RecordType::kCaa));
  CHECK(judge_caa(assignment, observation).outcome == Outcome::kCorroborates);
  CHECK(judge_caa(test::identifier("93.184.216.34"), *assignment.caa, *observation.caa).outcome ==
        Outcome::kEvidenceInvalid);
}

TEST_CASE("a slow clock does not bring back a record that had expired when it was asked for", "[judge][persistent]") {
  using namespace std::chrono_literals;
  const std::string account = "https://ca.example/acct/1";
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(test::kLookedAt.time_since_epoch()).count();
  Assignment assignment = assigned();
  assignment.issued = test::kLookedAt;
  assignment.dcv = DcvQuestion{DnsPersistent{{"ca.example"}, account}};
  Observation observation = observed();
  observation.started = test::kLookedAt - 20s;
  const auto outcome = [&](std::int64_t until) {
    const std::string record = "ca.example; accounturi=" + account + "; persistUntil=" + std::to_string(until);
    DnsObservation seen;
    seen.lookups.push_back(test::txt_at("_validation-persist.example.com", {record}));
    observation.dcv = DcvObservation{DcvMethod::kDnsPersistent, seen};
    const Judgement judgement = judge_dcv(assignment, observation);
    return judgement.problem ? std::string(to_string(judgement.problem->code)) : "corroborates";
  };
  CHECK(outcome(second) == "corroborates");
  CHECK(outcome(second - 1) == "RECORD_EXPIRED");
}

}  // namespace mpic::rules
