// dns-persistent (BR 3.2.2.4.22, 3.2.2.5.8). Ours, where others are lenient: the issue-value grammar of RFC 8659 4.2 is
// strict, so a final dot on the issuer and a tag outside the grammar make a record malformed, tags may hold inner
// hyphens.
#include "common/rules/dcv_persistent.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic::rules {
namespace {

using test::ending;
using test::judged;
using test::subject;

const std::string kAccount = "https://letsencrypt.org/acme/acct/1";
const std::string kName = "_validation-persist.example.com";
const DnsPersistent kQuestion{{"letsencrypt.org", "ca.example"}, kAccount};
const std::int64_t kNow = std::chrono::duration_cast<std::chrono::seconds>(test::kLookedAt.time_since_epoch()).count();

// "U" in a row stands for the account.
std::string record(std::string text) {
  for (std::size_t at = text.find("=U"); at != std::string::npos; at = text.find("=U", at + 2)) {
    text.replace(at + 1, 1, kAccount);
  }
  return text;
}

// "grants", "another issuer", or the problem's code.
std::string read(const std::string& text, bool covers_more = false, TimePoint when = test::kLookedAt) {
  const auto checked = check_persistent_record(record(text), kQuestion, covers_more, when);
  if (checked) return "grants";
  if (checked.error().another_issuer) return "another issuer";
  return std::string(to_string(checked.error().problem.code));
}

std::string whole(const std::vector<std::string>& records) {
  std::vector<std::string> texts;
  for (const std::string& text : records) texts.push_back(record(text));
  return ending(judged(subject("example.com"), {kQuestion}, {test::txt_at(kName, texts)}));
}

}  // namespace

TEST_CASE("a persistent record is an issue value with an account (BR 3.2.2.4.22)", "[dcv][persistent]") {
  struct Row {
    const char* rule;
    std::string text;
    const char* result;
  };
  const Row rows[] = {
      {"issuer and account", "letsencrypt.org;accounturi=U", "grants"},
      {"another name of ours", "ca.example;accounturi=U", "grants"},
      {"the issuer in upper case", "LETSENCRYPT.ORG;accounturi=U", "grants"},
      {"blanks round every token",
       " \t letsencrypt.org \t ; \t accounturi \t = \t" + kAccount + " \t ; policy = wildcard ", "grants"},
      {"a tag in upper case", "letsencrypt.org;ACCOUNTURI=U;POLICY=wildcard", "grants"},
      {"an unknown parameter", "letsencrypt.org;accounturi=U;foo=bar", "grants"},
      {"an unknown parameter, repeated", "letsencrypt.org;foo=a;accounturi=U;foo=b", "grants"},
      {"an unknown parameter without a value", "letsencrypt.org;foo=;accounturi=U", "grants"},
      {"ours: a tag with an inner hyphen", "letsencrypt.org;accounturi=U;x-y=1", "grants"},
      {"persistUntil in the future", "letsencrypt.org;accounturi=U;persistUntil=4102444800", "grants"},
      {"a policy of another kind narrows nothing", "letsencrypt.org;accounturi=U;policy=other", "grants"},
      {"an empty policy", "letsencrypt.org;accounturi=U;policy=", "grants"},
      {"another issuer", "other-ca.example;accounturi=U", "another issuer"},
      {"a name below ours", "x.letsencrypt.org;accounturi=U", "another issuer"},
      {"no issuer", ";accounturi=U", "another issuer"},
      {"nothing", "", "another issuer"},
      {"text of some other purpose", "v=spf1 -all", "another issuer"},
      {"another issuer's malformed record", "other-ca.example;accounturi=a;accounturi=b", "another issuer"},
      {"another issuer's broken grammar", "other-ca.example;invalidparam", "another issuer"},
      {"the issuer alone", "letsencrypt.org", "RECORD_MALFORMED"},
      {"no account", "letsencrypt.org;policy=wildcard", "RECORD_MALFORMED"},
      {"an empty account", "letsencrypt.org;accounturi=", "RECORD_MALFORMED"},
      {"an account without a tag", "letsencrypt.org;invalidparam", "RECORD_MALFORMED"},
      {"an empty tag", "letsencrypt.org;=abc;accounturi=U", "RECORD_MALFORMED"},
      {"a semicolon at the end", "letsencrypt.org;accounturi=U;", "RECORD_MALFORMED"},
      {"two semicolons", "letsencrypt.org;;accounturi=U", "RECORD_MALFORMED"},
      {"ours: a final dot", "LETSENCRYPT.ORG.;accounturi=U", "RECORD_MALFORMED"},
      {"ours: a tag that the grammar has not", "letsencrypt.org;accounturi=U;bad tag=value", "RECORD_MALFORMED"},
      {"ours: a tag with odd octets",
       "letsencrypt.org;accounturi=U;\nweird=\x01"
       "337",
       "RECORD_MALFORMED"},
      {"a blank in a value", "letsencrypt.org;accounturi=U;policy=wild card", "RECORD_MALFORMED"},
      {"a value outside ASCII", "letsencrypt.org;accounturi=U;x=\xE2\x98\x95", "RECORD_MALFORMED"},
      {"the account twice", "letsencrypt.org;ACCOUNTURI=U;accounturi=other", "RECORD_MALFORMED"},
      {"the account twice, the same", "letsencrypt.org;accounturi=U;accounturi=U", "RECORD_MALFORMED"},
      {"policy twice", "letsencrypt.org;accounturi=U;policy=wildcard;policy=wildcard", "RECORD_MALFORMED"},
      {"persistUntil twice", "letsencrypt.org;accounturi=U;persistUntil=4102444800;persistuntil=4102444800",
       "RECORD_MALFORMED"},
      {"persistUntil that is no number", "letsencrypt.org;accounturi=U;persistUntil=not-a-timestamp",
       "RECORD_MALFORMED"},
      {"an empty persistUntil", "letsencrypt.org;accounturi=U;persistUntil=", "RECORD_MALFORMED"},
      {"persistUntil with a fraction", "letsencrypt.org;accounturi=U;persistUntil=4102444800.5", "RECORD_MALFORMED"},
      {"persistUntil with a plus sign", "letsencrypt.org;accounturi=U;persistUntil=+4102444800", "RECORD_MALFORMED"},
      {"persistUntil in hexadecimal", "letsencrypt.org;accounturi=U;persistUntil=0xF4865700", "RECORD_MALFORMED"},
      {"persistUntil over 64 bits", "letsencrypt.org;accounturi=U;persistUntil=99999999999999999999",
       "RECORD_MALFORMED"},
      {"quotes round the whole", "\"letsencrypt.org;accounturi=U\"", "RECORD_MALFORMED"},
      {"another account", "letsencrypt.org;accounturi=https://letsencrypt.org/acme/acct/2", "ACCOUNT_MISMATCH"},
      {"the account in another case", "letsencrypt.org;accounturi=HTTPS://letsencrypt.org/acme/acct/1",
       "ACCOUNT_MISMATCH"},
      {"a beginning of the account", "letsencrypt.org;accounturi=https://letsencrypt.org/acme/acct/",
       "ACCOUNT_MISMATCH"},
      {"a longer account", "letsencrypt.org;accounturi=U0", "ACCOUNT_MISMATCH"},
      {"persistUntil of 1970", "letsencrypt.org;accounturi=U;persistUntil=0", "RECORD_EXPIRED"},
      {"persistUntil before 1970", "letsencrypt.org;accounturi=U;persistUntil=-1", "RECORD_EXPIRED"},
      {"persistUntil in the past", "letsencrypt.org;accounturi=U;persistUntil=1721952000", "RECORD_EXPIRED"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(read(row.text) == row.result);
    }
}

TEST_CASE("persistUntil is usable up to and including its second", "[dcv][persistent]") {
  using namespace std::chrono_literals;
  const std::string text = "letsencrypt.org;accounturi=U;persistUntil=" + std::to_string(kNow);
  CHECK(read(text, false, test::kLookedAt - 1ns) == "grants");
  CHECK(read(text, false, test::kLookedAt) == "grants");
  CHECK(read(text, false, test::kLookedAt + 999'999'999ns) == "grants");
  CHECK(read(text, false, test::kLookedAt + 1s) == "RECORD_EXPIRED");
  CHECK(read("letsencrypt.org;accounturi=U;persistUntil=00" + std::to_string(kNow)) == "grants");

  const auto expiry = [](const std::string& until) {
    return expiry_of(
        *check_persistent_record(record("letsencrypt.org;accounturi=U" + until), kQuestion, false, test::kLookedAt));
  };
  CHECK_FALSE(expiry(""));
  CHECK(expiry(";persistUntil=" + std::to_string(kNow)) == test::kLookedAt);
  // More seconds than a TimePoint holds.
  CHECK(expiry(";persistUntil=9223372036854775807") ==
        TimePoint(std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)));
}

TEST_CASE("policy=wildcard is needed for a wildcard and for any name below (draft-ietf-acme-dns-persist)",
          "[dcv][persistent]") {
  const char* plain = "letsencrypt.org;accounturi=U";
  CHECK(read(plain, true) == "SCOPE_TOO_NARROW");
  CHECK(read(std::string(plain) + ";policy=other", true) == "SCOPE_TOO_NARROW");
  CHECK(read(std::string(plain) + ";pOlIcY=WildCard", true) == "grants");

  const auto granted = [&](const char* applied_for, const char* text) {
    return ending(judged(subject(applied_for, "example.com"), {kQuestion}, {test::txt_at(kName, {record(text)})}));
  };
  CHECK(granted("example.com", plain) == "corroborates");
  CHECK(granted("*.example.com", plain) == "SCOPE_TOO_NARROW");
  CHECK(granted("www.example.com", plain) == "SCOPE_TOO_NARROW");
  CHECK(granted("*.www.example.com", plain) == "SCOPE_TOO_NARROW");
  for (const char* name : {"example.com", "*.example.com", "www.example.com", "*.www.example.com"}) {
    CHECK(granted(name, "letsencrypt.org;accounturi=U;policy=wildcard") == "corroborates");
  }
  const std::string reverse = "_ip-validation-persist.1.2.0.192.in-addr.arpa";
  CHECK(ending(judged(subject("192.0.2.1"), {kQuestion}, {test::txt_at(reverse, {record(plain)})})) == "corroborates");
}

TEST_CASE("of several records one that grants is enough, else the nearest is told", "[dcv][persistent]") {
  struct Row {
    const char* rule;
    std::vector<std::string> records;
    const char* ending;
  };
  const std::string good = "letsencrypt.org;accounturi=U";
  const std::string malformed = "letsencrypt.org;accounturi=U;;";
  const std::string of_another_account = "letsencrypt.org;accounturi=https://letsencrypt.org/acme/acct/2";
  const std::string expired = good + ";persistUntil=0";
  const Row rows[] = {
      {"malformed, and one that grants", {malformed, good}, "corroborates"},
      {"another account, and one that grants", {of_another_account, good}, "corroborates"},
      {"another issuer, and one that grants", {"other-ca.example;accounturi=U", good}, "corroborates"},
      {"expired, and one that grants", {expired, good}, "corroborates"},
      {"only malformed", {malformed}, "RECORD_MALFORMED"},
      {"only another account", {of_another_account}, "ACCOUNT_MISMATCH"},
      {"only expired", {expired}, "RECORD_EXPIRED"},
      {"only other issuers", {"other-ca.example;accounturi=U", "third.example;x"}, "DNS_NO_RECORD"},
      {"none", {}, "DNS_NO_RECORD"},
      {"expired is nearer than malformed", {malformed, expired}, "RECORD_EXPIRED"},
      {"malformed is nearer than another account", {of_another_account, malformed}, "RECORD_MALFORMED"},
      {"another account is nearer than another issuer",
       {"other-ca.example;accounturi=U", of_another_account},
       "ACCOUNT_MISMATCH"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(whole(row.records) == row.ending);
    }
  CHECK(ending(judged(subject("example.com"), {kQuestion}, {test::refused_with(kServfail, kName, RecordType::kTxt)})) ==
        "DNS_SERVFAIL");
}

TEST_CASE("a record that grants tells account, expiry and TTL; one that does not is shown", "[dcv][persistent]") {
  const auto seen = [](const std::vector<std::string>& records) {
    std::vector<std::string> texts;
    for (const std::string& text : records) texts.push_back(record(text));
    return judged(subject("example.com"), {kQuestion}, {test::txt_at(kName, texts)});
  };
  const std::string good = "letsencrypt.org;accounturi=U";
  const auto until = [&](std::int64_t seconds) { return good + ";persistUntil=" + std::to_string(seconds); };
  const auto one = seen({until(kNow + 60)});
  CHECK(one.key == kAccount);
  CHECK(one.record_ttl == 300);
  CHECK(one.record_expires == test::kLookedAt + std::chrono::seconds(60));
  CHECK(seen({until(kNow + 60), until(kNow + 90), until(kNow + 30)}).record_expires ==
        test::kLookedAt + std::chrono::seconds(90));
  CHECK_FALSE(seen({until(kNow + 60), good, until(kNow + 90)}).record_expires);

  const auto wrong = seen({"letsencrypt.org;accounturi=urn:\x1b[2J"});
  CHECK(ending(wrong) == "RECORD_MALFORMED");
  CHECK(wrong.saw == "TXT \"letsencrypt.org;accounturi=urn:\\x1b[2J\" at " + kName);
  CHECK(wrong.problem->where == kName);
  CHECK_THAT(wrong.problem->detail, Catch::Contains(wrong.saw));
  CHECK_FALSE(wrong.record_ttl);
  CHECK_THAT(seen({"letsencrypt.org;accounturi=x:y"}).problem->detail,
             Catch::Contains("\"x:y\", another account than"));

  // A value over two strings of one record.
  const std::string text = record(good);
  const DnsLookup split =
      test::answered(kName, RecordType::kTxt,
                     {test::txt_rdata({std::string_view(text).substr(0, 25), std::string_view(text).substr(25)})});
  CHECK(ending(judged(subject("example.com"), {kQuestion}, {split})) == "corroborates");
  DnsLookup cut = test::txt_at(kName, {text});
  cut.records_cut = true;
  CHECK(ending(judged(subject("example.com"), {kQuestion}, {cut})) == "DNS_TOO_MANY_RECORDS");
  const DnsLookup unread = test::answered(kName, RecordType::kTxt, {Bytes{9}, test::txt("letsencrypt.org;x")});
  CHECK(ending(judged(subject("example.com"), {kQuestion}, {unread})) == "DNS_MALFORMED");
}

}  // namespace mpic::rules
