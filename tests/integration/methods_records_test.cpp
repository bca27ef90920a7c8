// The other methods that look things up (BR 3.2.2.4.7, .8, .13, .14, .16, .17, .22; 3.2.2.5.3, 3.2.2.5.8) against real
// name servers.
#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

constexpr const char* kIpv6Reverse = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";

DnsChange change(RecordType type, const std::string& prefix = "", bool exact = false, bool ignore_case = false) {
  DnsChange out;
  out.challenge_value = system_under_test().challenges.random_value;
  out.record_type = type;
  out.name_prefix = prefix;
  out.exact = exact;
  out.ignore_case = ignore_case;
  return out;
}

DcvQuestion contact(DcvMethod method, const std::string& text) { return {ContactLookup{method, text}}; }

DcvQuestion persistent() {
  const Challenges& challenges = system_under_test().challenges;
  return {DnsPersistent{{challenges.issuer}, challenges.account}};
}

}  // namespace

TEST_CASE("dns-change: the value in a record", "[methods][dns-change]") {
  constexpr auto kTxt = RecordType::kTxt, kCname = RecordType::kCname, kCaa = RecordType::kCaa;
  struct Row {
    const char* rule;
    const char* name;
    DnsChange question;
    Ending ending;
  };
  const Row rows[] = {
      {"in a TXT record at the name, among others", "change.demo.test", change(kTxt), {}},
      {"in a TXT record under a label", "change.demo.test", change(kTxt, "_ca-verification"), {}},
      {"as the whole of a record", "change.demo.test", change(kTxt, "_ca-verification", true), {}},
      {"in a CNAME", "change.demo.test", change(kCname, "_alias"), {}},
      {"in a CAA record", "change-caa.demo.test", change(kCaa), {}},
      {"for a wildcard", "*.change.demo.test", change(kTxt), {}},
      {"in another case, where that is allowed", "change-upper.demo.test", change(kTxt, "", false, true), {}},
      {"in another case, where it is not", "change-upper.demo.test", change(kTxt), ProblemCode::kChallengeMismatch},
      {"a part of the record, where the whole is asked for", "change.demo.test", change(kTxt, "", true),
       ProblemCode::kChallengeMismatch},
      {"another value in TXT", "change-wrong.demo.test", change(kTxt), ProblemCode::kChallengeMismatch},
      {"another value in CAA", "change-wrong.demo.test", change(kCaa), ProblemCode::kChallengeMismatch},
      {"another value in a CNAME", "change-wrong.demo.test", change(kCname, "_alias"), ProblemCode::kChallengeMismatch},
      {"no such record", "www.demo.test", change(kTxt), ProblemCode::kDnsNoRecord},
      {"no such label", "change.demo.test", change(kTxt, "_other"), ProblemCode::kDnsNoRecord},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Validation seen = Sightseer().validate(row.name, DcvQuestion{row.question});
      check_ending(seen, row.ending);
      if (!row.ending) CHECK(seen.judged.key == system_under_test().challenges.random_value);
    }
}

TEST_CASE("contacts: the selected one is published, whole", "[methods][contact]") {
  constexpr auto kEmailCaa = DcvMethod::kContactEmailCaa, kEmailTxt = DcvMethod::kContactEmailTxt;
  constexpr auto kPhoneCaa = DcvMethod::kContactPhoneCaa, kPhoneTxt = DcvMethod::kContactPhoneTxt;
  struct Row {
    const char* rule;
    const char* name;
    DcvQuestion question;
    Ending ending;
  };
  const std::string& email = system_under_test().challenges.email;
  const std::string& phone = system_under_test().challenges.phone;
  const Row rows[] = {
      {"an address in CAA", "contact.demo.test", contact(kEmailCaa, email), {}},
      {"found by the climb", "deep.contact.demo.test", contact(kEmailCaa, email), {}},
      {"an address in TXT", "contact.demo.test", contact(kEmailTxt, email), {}},
      {"the domain of an address has no cases", "contact.demo.test", contact(kEmailTxt, "hostmaster@DEMO.test"), {}},
      {"its local part has", "contact.demo.test", contact(kEmailTxt, "Hostmaster@demo.test"),
       ProblemCode::kChallengeMismatch},
      {"a number in CAA, with visual separators", "contact.demo.test", contact(kPhoneCaa, phone), {}},
      {"a number in TXT", "contact.demo.test", contact(kPhoneTxt, phone), {}},
      {"TXT is not climbed for", "deep.contact.demo.test", contact(kEmailTxt, email), ProblemCode::kDnsNoRecord},
      {"another address in CAA", "contact-wrong.demo.test", contact(kEmailCaa, email), ProblemCode::kChallengeMismatch},
      {"another address in TXT", "contact-wrong.demo.test", contact(kEmailTxt, email), ProblemCode::kChallengeMismatch},
      {"another number in CAA", "contact-wrong.demo.test", contact(kPhoneCaa, phone), ProblemCode::kChallengeMismatch},
      {"another number in TXT", "contact-wrong.demo.test", contact(kPhoneTxt, phone), ProblemCode::kChallengeMismatch},
      {"a name before an address in CAA", "contact-malformed.demo.test", contact(kEmailCaa, email),
       ProblemCode::kChallengeMismatch},
      {"a URI in TXT", "contact-malformed.demo.test", contact(kEmailTxt, email), ProblemCode::kChallengeMismatch},
      {"words before a number in CAA", "contact-malformed.demo.test", contact(kPhoneCaa, phone),
       ProblemCode::kChallengeMismatch},
      {"a URI of a number in TXT", "contact-malformed.demo.test", contact(kPhoneTxt, phone),
       ProblemCode::kChallengeMismatch},
      {"no contact anywhere", "www.demo.test", contact(kEmailCaa, email), ProblemCode::kDnsNoRecord},
      {"a CAA set without that property", "caa-permits.demo.test", contact(kEmailCaa, email),
       ProblemCode::kDnsNoRecord},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      check_ending(Sightseer().validate(row.name, row.question), row.ending);
    }
}

TEST_CASE("dns-persistent: the record at _validation-persist", "[methods][persistent]") {
  struct Row {
    const char* rule;
    const char* name;
    const char* adn;
    Ending ending;
  };
  const Row rows[] = {
      {"ours, with our account", "persist.demo.test", "", {}},
      {"in two strings", "persist-split.demo.test", "", {}},
      {"at the end of the record's own CNAME", "persist-alias.demo.test", "", {}},
      {"among records of others and a malformed one", "persist-many.demo.test", "", {}},
      {"unknown parameters are ignored, however often they come", "persist-unknown.demo.test", "", {}},
      {"usable for years to come", "persist-until.demo.test", "", {}},
      {"policy=wildcard, for a wildcard", "*.persist-wild.demo.test", "", {}},
      {"policy=wildcard, for a name below", "deep.persist-wild.demo.test", "persist-wild.demo.test", {}},
      {"no policy, for a wildcard", "*.persist.demo.test", "", ProblemCode::kScopeTooNarrow},
      {"no policy, for a name below", "deep.persist.demo.test", "persist.demo.test", ProblemCode::kScopeTooNarrow},
      {"expired", "persist-expired.demo.test", "", ProblemCode::kRecordExpired},
      {"another account", "persist-account.demo.test", "", ProblemCode::kAccountMismatch},
      {"no account", "persist-no-account.demo.test", "", ProblemCode::kRecordMalformed},
      {"an account twice, in another case of the tag", "persist-twice.demo.test", "", ProblemCode::kRecordMalformed},
      {"only another CA's", "persist-others.demo.test", "", ProblemCode::kDnsNoRecord},
      {"none", "www.demo.test", "", ProblemCode::kDnsNoRecord},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Validation seen = Sightseer().validate(row.name, persistent(), row.adn);
      check_ending(seen, row.ending);
      if (!row.ending) CHECK(seen.judged.key == system_under_test().challenges.account);
    }
}

TEST_CASE("dns-persistent: until when, and for how long, is told", "[methods][persistent]") {
  using namespace std::chrono;
  const rules::Judgement dated = Sightseer().validate("persist-until.demo.test", persistent()).judged;
  REQUIRE(dated.record_expires);
  CHECK(duration_cast<seconds>(dated.record_expires->time_since_epoch()).count() == 4'102'444'800);
  const rules::Judgement endless = Sightseer().validate("persist.demo.test", persistent()).judged;
  CHECK_FALSE(endless.record_expires);
  REQUIRE(endless.record_ttl);
  CHECK(*endless.record_ttl <= 60);
}

TEST_CASE("dns-persistent for an address: under its reverse name (BR 3.2.2.5.8)", "[methods][persistent][ip]") {
  check_ending(Sightseer().validate("127.77.4.1", persistent()), {});
  check_ending(Sightseer().validate("127.77.4.2", persistent()), ProblemCode::kAccountMismatch);
  check_ending(Sightseer().validate("127.77.4.3", persistent()), ProblemCode::kDnsNoRecord);
  const Validation ipv6 = Sightseer().validate("::1", persistent());
  check_ending(ipv6, {});
  CHECK(looked_up(ipv6.seen) == std::vector<std::string>{std::string("TXT/_ip-validation-persist.") + kIpv6Reverse});
}

TEST_CASE("ip-address: the name has the address (BR 3.2.2.4.8)", "[methods][ip]") {
  const auto address = [](const char* text) { return DcvQuestion{IpAddressLookup{IpAddress::parse(text).value()}}; };
  check_ending(Sightseer().validate("www.demo.test", address("127.77.4.1")), {});
  check_ending(Sightseer().validate("two-addresses.demo.test", address("127.77.4.1")), {});
  check_ending(Sightseer().validate("alias-twice.demo.test", address("127.77.4.1")), {});
  check_ending(Sightseer().validate("ipv6-only.demo.test", address("::1")), {});
  check_ending(Sightseer().validate("www.demo.test", address("127.77.4.2")), ProblemCode::kChallengeMismatch);
  check_ending(Sightseer().validate("www.demo.test", address("::1")), ProblemCode::kDnsNoRecord);
  check_ending(Sightseer().validate("nothing-here.demo.test", address("::1")), ProblemCode::kDnsNoRecord);
}

TEST_CASE("reverse-address-lookup: PTR gives the name (BR 3.2.2.5.3)", "[methods][ip]") {
  const auto fqdn = [](const char* text) { return DcvQuestion{ReverseAddressLookup{DnsName::parse(text).value()}}; };
  check_ending(Sightseer().validate("127.77.4.1", fqdn("www.demo.test")), {});
  check_ending(Sightseer().validate("127.77.4.2", fqdn("www.demo.test")), {});  // one of two
  check_ending(Sightseer().validate("127.77.4.1", fqdn("demo.test")), ProblemCode::kChallengeMismatch);
  check_ending(Sightseer().validate("127.77.4.3", fqdn("www.demo.test")), ProblemCode::kDnsNoRecord);
  const Validation ipv6 = Sightseer().validate("::1", fqdn("ipv6-only.demo.test"));
  check_ending(ipv6, {});
  CHECK(looked_up(ipv6.seen) == std::vector<std::string>{std::string("PTR/") + kIpv6Reverse});
}
