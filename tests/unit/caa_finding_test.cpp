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

TEST_CASE("a judgement says what was seen, and where", "[caa][judge]") {
  const auto saw = [](const char* asked, const CaaZone& zone) {
    return judged(asked, climbed(identifier(asked), zone)).saw;
  };
  CHECK(saw("www.example.com", {}) == "no CAA record");
  CHECK(saw("www.example.com", {{"example.com", {{0, "issue", "ca.example"}}}}) ==
        "issue \"ca.example\" at example.com");
  CHECK(saw("*.example.com", {{"example.com", {{0, "issue", "a.example"}, {0, "issuewild", "b.example"}}}}) ==
        "issuewild \"b.example\" at example.com");
  CHECK(saw("example.com", {{"example.com", {{0, "issue", "a.example"}, {0, "issue", "b.example"}}}}) ==
        "issue \"a.example\"; issue \"b.example\" at example.com");
  CHECK(saw("example.com", {{"example.com", {{0, "issue", "a.example"}, {128, "foo", "bar"}}}}) ==
        "foo \"bar\" at example.com");
  CHECK(saw("example.com", {{"example.com", {{0, "iodef", "mailto:a@b.example"}}}}) ==
        "no property that restricts issuance, at example.com");
}

TEST_CASE("a finding holds the set, its TTL and whom to report to (BR 4.2.2.1)", "[caa][judge]") {
  const CaaZone zone = {{"x.com",
                         {{0, "issue", "ca.com"},
                          {0, "iodef", "mailto:security@x.com"},
                          {0, "iodef", "HTTPS://x.com/report"},
                          {0, "iodef", "ftp://x.com/report"},
                          {0, "iodef", "not a url"}}}};
  CaaObservation seen = climbed(identifier("x.com"), zone);
  seen.lookups[0].ttl = 77;
  const Judgement prevented = judged("x.com", seen);
  REQUIRE(prevented.caa);
  CHECK(prevented.caa->ttl == 77);
  CHECK(prevented.caa->relevant.size() == 5);
  CHECK(prevented.caa->relevant.front() == "0 issue \"ca.com\"");
  CHECK(prevented.caa->iodef == std::vector<std::string>{"mailto:security@x.com", "HTTPS://x.com/report"});

  const Judgement nothing = judged("y.com", climbed(identifier("y.com"), {}));
  REQUIRE(nothing.caa);
  CHECK(nothing.caa->found_at.empty());
  CHECK(nothing.caa->ttl == 0);
  CHECK(nothing.caa->iodef.empty());
}

TEST_CASE("whom to report to is bounded, and of a kind that a report can be sent to (RFC 8659 4.4)", "[caa][judge]") {
  const auto contacts = [](const std::vector<std::string>& values, const char* issuer = "ca.com") {
    CaaObservation seen = climbed(identifier("x.com"), {{"x.com", {{0, "issue", issuer}}}});
    for (const std::string& value : values) {
      seen.lookups[0].records.push_back(caa_rdata(0, "ioDef", value));
    }
    return judged("x.com", seen).caa->iodef;
  };
  struct Row {
    const char* rule;
    std::string value;
    bool contact;
  };
  const Row rows[] = {
      {"a mailbox", "mailto:security@x.com", true},
      {"a mailbox with a subject", "mailto:security@x.com?subject=CAA", true},
      {"a page", "https://x.com/report", true},
      {"a page without TLS", "http://x.com/", true},
      {"the longest", "mailto:" + std::string(1'024 - 7, 'a'), true},
      {"longer", "mailto:" + std::string(1'024 - 6, 'a'), false},
      {"no mailbox", "mailto:", false},
      {"no host", "https:///report", false},
      {"a script", "javascript:alert(1)", false},
      {"a relative reference", "//x.com/report", false},
      {"an address without a scheme", "security@x.com", false},
      {"a blank", "mailto:a b@x.com", false},
      {"an escape sequence", "mailto:a\x1B[2J@x.com", false},
      {"letters outside ASCII", "mailto:caf\xC3\xA9@x.com", false},
      {"nothing", "", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(contacts({row.value}) == (row.contact ? std::vector{row.value} : std::vector<std::string>{}));
    }
  // Where nothing is prevented nobody is told.
  CHECK(contacts({"mailto:security@x.com"}, "letsencrypt.org").empty());
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) many.push_back("mailto:" + std::to_string(i) + "@x.com");
  CHECK(contacts(many) == std::vector<std::string>(many.begin(), many.begin() + 16));
}

TEST_CASE("CAA is authenticated when every lookup that counted is", "[caa][judge]") {
  CaaObservation seen = climbed(identifier("a.b.com"), {{"b.com", {{0, "issue", "letsencrypt.org"}}}});
  seen.lookups[0].authenticated = seen.lookups[1].authenticated = true;
  CHECK(judged("a.b.com", seen).dnssec_authenticated);  // the TLD did not count
  seen.lookups[0].authenticated = false;
  CHECK_FALSE(judged("a.b.com", seen).dnssec_authenticated);
}

TEST_CASE("records reached through a CNAME decide, their target's parents do not (RFC 8659 3)", "[caa][judge]") {
  CaaObservation seen = climbed(identifier("a.b.com"), {{"a.b.com", {{0, "issue", "ca.com"}}}});
  seen.lookups[0].chain = {{"a.b.com", "target.other.net", 60}};
  seen.lookups[0].end_of_chain = "target.other.net";
  CHECK(judged("a.b.com", seen).outcome == Outcome::kContradicts);
}

}  // namespace mpic::rules
