#include <map>

#include "common/rules/judgement.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

using test::identifier;

struct Record {
  unsigned flags;
  const char* tag;
  const char* value;
};
using Zone = std::map<std::string, std::vector<Record>>;

const std::string kPrefix = "https://letsencrypt.org/acct/reg/";

CaaQuestion question() {
  CaaQuestion asked;
  asked.issuer_domains = {"letsencrypt.org"};
  asked.account_uris = {kPrefix + "123"};
  asked.validation_method = "http-01";
  return asked;
}

// What an agent sees that asks for every name of the climb.
CaaObservation climbed(const Identifier& asked, const Zone& zone) {
  CaaObservation seen;
  for (const DnsName& name : asked.name().self_and_parents()) {
    std::vector<Bytes> records;
    if (const auto at = zone.find(name.text()); at != zone.end()) {
      for (const Record& record : at->second)
        records.push_back(test::caa_rdata(record.flags, record.tag, record.value));
    }
    seen.lookups.push_back(test::answered(name.text(), RecordType::kCaa, std::move(records)));
  }
  return seen;
}

Judgement judged(const char* asked, const CaaObservation& seen) {
  return judge_caa(identifier(asked), question(), seen);
}

}  // namespace

TEST_CASE("a judgement says what was seen, and where", "[caa][judge]") {
  const auto saw = [](const char* asked, const Zone& zone) {
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
  const Zone zone = {{"x.com",
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

TEST_CASE("CAA is authenticated when every lookup that counted is", "[caa][judge]") {
  CaaObservation seen = climbed(identifier("a.b.com"), {{"b.com", {{0, "issue", "letsencrypt.org"}}}});
  seen.lookups[0].authenticated = seen.lookups[1].authenticated = true;
  CHECK(judged("a.b.com", seen).dnssec_authenticated);  // the TLD did not count
  seen.lookups[0].authenticated = false;
  CHECK_FALSE(judged("a.b.com", seen).dnssec_authenticated);
}

TEST_CASE("records reached through a CNAME decide, their target's parents do not (RFC 8659 3)",
          "[caa][judge]") {
  CaaObservation seen = climbed(identifier("a.b.com"), {{"a.b.com", {{0, "issue", "ca.com"}}}});
  seen.lookups[0].chain = {{"a.b.com", "target.other.net", 60}};
  seen.lookups[0].end_of_chain = "target.other.net";
  CHECK(judged("a.b.com", seen).outcome == Outcome::kContradicts);
}

}  // namespace mpic::rules
