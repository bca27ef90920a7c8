// dns-01 and dns-account-01 (RFC 8555 8.4; BR 3.2.2.4.7, .21) against real name servers: what a record may look like,
// where it may stand, and which name it validates.
#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

const DnsLookup& last_lookup(const Validation& validation) {
  return std::get<DnsObservation>(validation.seen.dcv->seen).lookups.back();
}

DcvQuestion dns_account_01(const std::string& account = system_under_test().challenges.dns_account) {
  return {AcmeDnsAccount01{system_under_test().challenges.digest, account}};
}

}  // namespace

TEST_CASE("dns-01: what stands at _acme-challenge", "[methods][dns]") {
  struct Row {
    const char* rule;
    const char* name;
    Ending ending;
    const char* words = "";
  };
  const Row rows[] = {
      {"the digest is there", "dns.demo.test", {}},
      {"one of several records is enough", "several.demo.test", {}},
      {"the strings of one record are joined, also in the middle of the digest", "split.demo.test", {}},
      {"strings of no octets add nothing", "empty-string.demo.test", {}},
      {"a CNAME leads to the record", "delegated.demo.test", {}},
      {"200 records come over TCP, and one is right", "many.demo.test", {}},
      {"a wildcard is validated at its base", "*.dns.demo.test", {}},
      {"another account's digest", "wrong.demo.test", ProblemCode::kChallengeMismatch, "incorrect TXT record"},
      {"the first of five is shown, the rest is counted", "five-wrong.demo.test", ProblemCode::kChallengeMismatch,
       "\" and 4 more"},
      {"a long one is cut", "long.demo.test", ProblemCode::kChallengeMismatch, "www..."},
      {"a record of one empty string", "empty.demo.test", ProblemCode::kChallengeMismatch, "\"\""},
      {"quotes are part of the value", "quoted.demo.test", ProblemCode::kChallengeMismatch, "\\x22"},
      {"so are blanks around it", "blanks.demo.test", ProblemCode::kChallengeMismatch, "\" LPs"},
      {"a part of the digest is not the digest", "prefix.demo.test", ProblemCode::kChallengeMismatch},
      {"base64url has cases", "upper.demo.test", ProblemCode::kChallengeMismatch},
      {"the name exists, without TXT", "other-type.demo.test", ProblemCode::kDnsNoRecord, "no TXT record"},
      {"no such name", "nothing-here.demo.test", ProblemCode::kDnsNoRecord, "NXDOMAIN"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.name << ")") {
      const Validation seen = Sightseer().validate(row.name, dns_01());
      check_ending(seen, row.ending, row.words);
      CHECK(seen.judged.dnssec_authenticated);
    }
}

TEST_CASE("dns-01: 200 records are seen whole, over TCP", "[methods][dns]") {
  const Validation seen = Sightseer().validate("many.demo.test", dns_01());
  CHECK(last_lookup(seen).over_tcp);
  CHECK(last_lookup(seen).records.size() == 200);
  CHECK_FALSE(last_lookup(seen).records_cut);
  CHECK(seen.judged.key == system_under_test().challenges.digest);
}

TEST_CASE("dns-01: at another Authorization Domain Name (BR 3.2.2.4)", "[methods][dns][adn]") {
  struct Row {
    const char* rule;
    const char* identifier;
    const char* adn;
    Ending ending;
  };
  const Row rows[] = {
      {"labels may be pruned", "deep.dns.demo.test", "dns.demo.test", {}},
      {"of a wildcard too", "*.deep.dns.demo.test", "dns.demo.test", {}},
      {"a CNAME may be followed", "alias-of-dns.demo.test", "dns.demo.test", {}},
      {"and another one", "alias-of-alias.demo.test", "dns.demo.test", {}},
      {"then labels may be pruned", "alias-below.demo.test", "dns.demo.test", {}},
      {"a name that is no alias", "www.demo.test", "dns.demo.test", ProblemCode::kDnsNoAlias},
      {"an alias of something else", "alias.demo.test", "dns.demo.test", ProblemCode::kDnsNoAlias},
      {"an alias, but the record is not there", "alias-of-dns.demo.test", "alias-of-dns.demo.test",
       ProblemCode::kDnsNoRecord},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.identifier << " by " << row.adn << ")") {
      const Validation seen = Sightseer().validate(row.identifier, dns_01(), row.adn);
      check_ending(seen, row.ending);
      CHECK(seen.judged.dnssec_authenticated);
    }
}

TEST_CASE("dns-01: an alias is looked up beside the record", "[methods][dns][adn]") {
  const Validation seen = Sightseer().validate("alias-of-alias.demo.test", dns_01(), "dns.demo.test");
  CHECK(looked_up(seen.seen) ==
        std::vector<std::string>{"A/alias-of-alias.demo.test", "TXT/_acme-challenge.dns.demo.test"});
}

TEST_CASE("dns-account-01: the account decides the name", "[methods][dns]") {
  struct Row {
    const char* rule;
    const char* name;
    std::string account;
    Ending ending;
    const char* words = "";
  };
  const std::string& ours = system_under_test().challenges.dns_account;
  const Row rows[] = {
      {"the digest under the account's label", "dns-account.demo.test", ours, {}},
      {"a wildcard", "*.dns-account.demo.test", ours, {}},
      {"another account's digest", "dns-account-wrong.demo.test", ours, ProblemCode::kChallengeMismatch,
       "(account: \"https://example.com/acme/acct/ExampleAccount\")"},
      {"the digest without a label does not count", "dns-account-elsewhere.demo.test", ours, ProblemCode::kDnsNoRecord},
      {"nor that of another account's label", "dns-account.demo.test", "https://example.com/acme/acct/Another",
       ProblemCode::kDnsNoRecord},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      check_ending(Sightseer().validate(row.name, dns_account_01(row.account)), row.ending, row.words);
    }
}

TEST_CASE("dns-account-01: the label of the draft's own example", "[methods][dns]") {
  const Validation seen = Sightseer().validate("dns-account.demo.test", dns_account_01());
  CHECK(looked_up(seen.seen) ==
        std::vector<std::string>{"TXT/_ujmmovf2vn55tgye._acme-challenge.dns-account.demo.test"});
}
