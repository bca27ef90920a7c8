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

TEST_CASE("CAA permits or forbids by the first set of the climb (RFC 8659 3, BR 4.2.2.1)", "[caa][judge]") {
  struct Row {
    const char* rule;
    const char* asked;
    CaaZone zone;
    bool permitted;
    const char* at;
  };
  const Row rows[] = {
      {"A1 another issuer", "reserved.com", {{"reserved.com", {{0, "issue", "ca.com"}}}}, false, "reserved.com"},
      {"A2 tags without case", "mixedcase.com", {{"mixedcase.com", {{0, "iSsUe", "ca.com"}}}}, false, "mixedcase.com"},
      {"A3 a critical issue is an issue",
       "critical.com",
       {{"critical.com", {{1, "issue", "ca.com"}}}},
       false,
       "critical.com"},
      {"A4 nothing at the leaf: the parent decides",
       "nx.critical.com",
       {{"critical.com", {{1, "issue", "ca.com"}}}},
       false,
       "critical.com"},
      {"A5 no record anywhere", "absent.com", {}, true, ""},
      {"A6 no record at three levels", "example.co.uk", {}, true, ""},
      {"A7 our issuer", "present.com", {{"present.com", {{0, "issue", "letsencrypt.org"}}}}, true, "present.com"},
      {"A8 our issuer at the parent",
       "child.present.com",
       {{"present.com", {{0, "issue", "letsencrypt.org"}}}},
       true,
       "present.com"},
      {"A10 one of two grants",
       "multi-crit-present.com",
       {{"multi-crit-present.com", {{1, "issue", "ca.com"}, {1, "issue", "letsencrypt.org"}}}},
       true,
       "multi-crit-present.com"},
      {"A11 unknown and critical",
       "unknown-critical.com",
       {{"unknown-critical.com", {{128, "foo", "bar"}}}},
       false,
       "unknown-critical.com"},
      {"A12 unknown and critical by the misused bit",
       "unknown-critical2.com",
       {{"unknown-critical2.com", {{1, "foo", "bar"}}}},
       false,
       "unknown-critical2.com"},
      {"A13 unknown, not critical",
       "unknown-noncritical.com",
       {{"unknown-noncritical.com", {{0x7E, "foo", "bar"}}}},
       true,
       "unknown-noncritical.com"},
      {"A14 the same for a wildcard",
       "*.unknown-noncritical.com",
       {{"unknown-noncritical.com", {{0x7E, "foo", "bar"}}}},
       true,
       "unknown-noncritical.com"},
      {"A15 blanks and unknown parameters",
       "p.com",
       {{"p.com", {{0, "issue", "  letsencrypt.org  ;foo=bar;baz=bar"}}}},
       true,
       "p.com"},
      {"A16 a bad tag grants nothing",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; a_b=123"}}}},
       false,
       "p.com"},
      {"A17 a bad value grants nothing",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; ab=1 2 3"}}}},
       false,
       "p.com"},
      {"A18 another method",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; validationmethods=dns-01"}}}},
       false,
       "p.com"},
      {"A19 the method",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; validationmethods=http-01"}}}},
       true,
       "p.com"},
      {"A20 the method among others",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; validationmethods=http-01,dns-01"}}}},
       true,
       "p.com"},
      {"A21 the account",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/123"}}}},
       true,
       "p.com"},
      {"A22 the account and the method",
       "p.com",
       {{"p.com",
         {{0, "issue",
           "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/123; validationmethods=http-01"}}}},
       true,
       "p.com"},
      {"A23 the account, another method",
       "p.com",
       {{"p.com",
         {{0, "issue", "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/123; validationmethods=dns-01"}}}},
       false,
       "p.com"},
      {"A24 another account, the method",
       "p.com",
       {{"p.com",
         {{0, "issue",
           "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/321; validationmethods=http-01"}}}},
       false,
       "p.com"},
      {"A25 another account",
       "p.com",
       {{"p.com", {{0, "issue", "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/321"}}}},
       false,
       "p.com"},
      {"A26 one property for each account",
       "p.com",
       {{"p.com",
         {{0, "issue", "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/321"},
          {0, "issue", "letsencrypt.org; accounturi=https://letsencrypt.org/acct/reg/123"}}}},
       true,
       "p.com"},
      {"A27 nobody may issue",
       "unsatisfiable.com",
       {{"unsatisfiable.com", {{0, "issue", ";"}}}},
       false,
       "unsatisfiable.com"},
      {"A28 nobody may issue, wildcard",
       "*.unsatisfiable.com",
       {{"unsatisfiable.com", {{0, "issue", ";"}}}},
       false,
       "unsatisfiable.com"},
      {"A29 nobody may issue wildcards", "*.x.com", {{"x.com", {{0, "issuewild", ";"}}}}, false, "x.com"},
      {"A30 issuewild replaces issue, against us",
       "*.x.com",
       {{"x.com", {{0, "issue", "letsencrypt.org"}, {0, "issuewild", "ca.com"}}}},
       false,
       "x.com"},
      {"A31 issuewild names us", "*.x.com", {{"x.com", {{0, "issuewild", "letsencrypt.org"}}}}, true, "x.com"},
      {"A32 one of two issuewild",
       "*.x.com",
       {{"x.com", {{0, "issuewild", "ca.com"}, {0, "issuewild", "letsencrypt.org"}}}},
       true,
       "x.com"},
      {"A33 issuewild replaces issue, for us",
       "*.x.com",
       {{"x.com", {{0, "issue", "ca.com"}, {0, "issuewild", "letsencrypt.org"}}}},
       true,
       "x.com"},
      {"the leaf's set hides the parent's",
       "child.x.com",
       {{"child.x.com", {{0, "issue", "letsencrypt.org"}}}, {"x.com", {{0, "issue", ";"}}}},
       true,
       "child.x.com"},
      {"a set at the TLD counts", "x.com", {{"com", {{0, "issue", "ca.com"}}}}, false, "com"},
      {"a set that only reports restricts nothing and ends the climb",
       "child.x.com",
       {{"child.x.com", {{0, "iodef", "mailto:a@x.com"}}}, {"x.com", {{0, "issue", ";"}}}},
       true,
       "child.x.com"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judged(row.asked, climbed(identifier(row.asked), row.zone));
      CHECK(judgement.outcome == (row.permitted ? Outcome::kCorroborates : Outcome::kContradicts));
      CHECK(judgement.problem.has_value() != row.permitted);
      CHECK(judgement.key == (row.permitted ? "permitted" : ""));
      REQUIRE(judgement.caa);
      CHECK(judgement.caa->found_at == row.at);
      if (!row.permitted) CHECK(judgement.problem->where == row.at);
    }
}

TEST_CASE("of the climb's answers the first that is not empty decides, also when it is an error", "[caa][judge]") {
  const DnsLookup error = refused_with(kServfail, "", RecordType::kCaa);
  const DnsLookup none = answered("", RecordType::kCaa);
  const DnsLookup ours = answered("", RecordType::kCaa, {caa_rdata(0, "issue", "letsencrypt.org")});
  const DnsLookup other = answered("", RecordType::kCaa, {caa_rdata(0, "issue", "ca.com")});
  DnsLookup nxdomain = refused_with(kNxdomain, "", RecordType::kCaa);
  struct Row {
    const char* rule;
    std::vector<DnsLookup> lookups;  // of a.b.com, b.com, com
    Outcome outcome;
  };
  const Row rows[] = {
      {"all empty", {none, none, none}, Outcome::kCorroborates},
      {"an error below a set hides it", {error, ours, none}, Outcome::kCouldNotLook},
      {"A9 an error above the set is irrelevant", {ours, error, error}, Outcome::kCorroborates},
      {"an error above a forbidding set neither", {other, error, none}, Outcome::kContradicts},
      {"the lower of two sets", {none, ours, other}, Outcome::kCorroborates},
      {"an error with no set anywhere", {none, none, error}, Outcome::kCouldNotLook},
      {"NXDOMAIN below the TLD means no record", {nxdomain, nxdomain, none}, Outcome::kCorroborates},
      {"NXDOMAIN at the leaf, a set above", {nxdomain, other, none}, Outcome::kContradicts},
      {"a climb that stops at its set is long enough", {none, ours}, Outcome::kCorroborates},
      {"a climb that stops before the TLD is not", {none, none}, Outcome::kEvidenceInvalid},
      {"no lookup at all", {}, Outcome::kEvidenceInvalid},
      {"more lookups than names", {none, none, none, none}, Outcome::kEvidenceInvalid},
  };
  const char* const names[] = {"a.b.com", "b.com", "com", ""};
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CaaObservation seen{row.lookups};
      for (std::size_t i = 0; i < seen.lookups.size(); ++i) {
        seen.lookups[i].name = names[i];
        seen.lookups[i].end_of_chain = names[i];
      }
      const Judgement judgement = judged("a.b.com", seen);
      CHECK(judgement.outcome == row.outcome);
      CHECK(judgement.problem.has_value() == (row.outcome != Outcome::kCorroborates));
    }
}

TEST_CASE("S/MIME climbs alike, and only issuemail speaks to it (RFC 9495 4)", "[caa][judge]") {
  struct Row {
    const char* rule;
    CaaZone zone;
    bool permitted;
    const char* at;
  };
  const Row rows[] = {
      {"no record", {}, true, ""},
      {"our issuer", {{"b.com", {{0, "issuemail", "letsencrypt.org"}}}}, true, "b.com"},
      {"another issuer", {{"b.com", {{0, "issuemail", "ca.com"}}}}, false, "b.com"},
      {"nobody", {{"b.com", {{0, "issuemail", ";"}}}}, false, "b.com"},
      {"malformed", {{"b.com", {{0, "issuemail", "letsencrypt.org."}}}}, false, "b.com"},
      {"issue is for others, and ends the climb",
       {{"a.b.com", {{0, "issue", ";"}}}, {"b.com", {{0, "issuemail", ";"}}}},
       true,
       "a.b.com"},
      {"issuewild too", {{"a.b.com", {{0, "issuewild", ";"}}}}, true, "a.b.com"},
      {"an unknown critical property forbids",
       {{"a.b.com", {{128, "tbs", "x"}, {0, "issuemail", "letsencrypt.org"}}}},
       false,
       "a.b.com"},
  };
  CaaQuestion mail = caa_question();
  mail.certificate_type = CertificateType::kSmime;
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judge_caa(identifier("a.b.com"), mail, climbed(identifier("a.b.com"), row.zone));
      CHECK(judgement.outcome == (row.permitted ? Outcome::kCorroborates : Outcome::kContradicts));
      REQUIRE(judgement.caa);
      CHECK(judgement.caa->found_at == row.at);
    }
}

TEST_CASE("lookups that are not the climb of the name are no evidence", "[caa][judge]") {
  const auto outcome = [](auto change) {
    CaaObservation seen = climbed(identifier("a.b.com"), {});
    change(seen.lookups);
    return judged("a.b.com", seen).outcome;
  };
  using Lookups = std::vector<DnsLookup>;
  CHECK(outcome([](Lookups&) {}) == Outcome::kCorroborates);
  CHECK(outcome([](Lookups& l) { l[0].name = "c.b.com"; }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { l.erase(l.begin()); }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { l.erase(l.begin() + 1); }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { std::swap(l[0], l[1]); }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { l[1].type = RecordType::kTxt; }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { l[2].name = "net"; }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) {
          l[0].rcode = kNxdomain;
          l[0].records = {caa_rdata(0, "issue", "letsencrypt.org")};
        }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) {
          l[0].status = DnsStatus::kTimeout;
          l[0].records = {caa_rdata(0, "issue", "letsencrypt.org")};
        }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) {  // a chain that does not begin at the name
          l[0].chain = {{"elsewhere.com", "a.example.net", 60}};
          l[0].end_of_chain = "a.example.net";
        }) == Outcome::kEvidenceInvalid);
  CHECK(outcome([](Lookups& l) { l[0].end_of_chain = "elsewhere.com"; }) == Outcome::kEvidenceInvalid);
  CHECK(judge_caa(identifier("192.0.2.1"), caa_question(), {}).outcome == Outcome::kEvidenceInvalid);
}

}  // namespace mpic::rules
