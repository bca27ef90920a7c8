// dns-change (BR 3.2.2.4.7), and what an Authorization Domain Name by an alias takes (BR 3.2.2.4).
#include "common/rules/dcv_dns.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic::rules {
namespace {

using test::answered;
using test::ending;
using test::judged;
using test::subject;
using test::txt_at;

const std::string kValue = "bQkz7Yc1nXw4Gd8Rf0Lp2A";
const std::string kName = "_dnsauth.example.com";

enum Compare : unsigned { kPart = 0, kExact = 1, kIgnoreCase = 2 };

DcvQuestion change(RecordType type, unsigned compare = kPart, const std::string& value = kValue) {
  return {DnsChange{value, type, "_dnsauth", (compare & kExact) != 0, (compare & kIgnoreCase) != 0}};
}

std::string of(const DcvQuestion& question, DnsLookup seen) {
  return ending(judged(subject("example.com"), question, {std::move(seen)}));
}

DnsLookup cname(const Bytes& rdata) { return answered(kName, RecordType::kCname, {rdata}); }
DnsLookup caa(std::vector<Bytes> records) { return answered(kName, RecordType::kCaa, std::move(records)); }

}  // namespace

TEST_CASE("dns-change finds the value in a TXT record (BR 3.2.2.4.7)", "[dcv][dns-methods]") {
  struct Row {
    const char* rule;
    std::vector<std::string> records;
    unsigned compare;
    const char* ending;
  };
  const std::string upper = "BQKZ7YC1NXW4GD8RF0LP2A";
  const Row rows[] = {
      {"alone", {kValue}, kPart, "corroborates"},
      {"within a record", {"ca-validation=" + kValue + "; more"}, kPart, "corroborates"},
      {"between quotes, by a panel that added them", {'"' + kValue + '"'}, kPart, "corroborates"},
      {"beside others", {"v=spf1 -all", kValue}, kPart, "corroborates"},
      {"over the edge of two strings", {std::string(250, 'x') + kValue}, kPart, "corroborates"},
      {"another value", {"something else"}, kPart, "CHALLENGE_MISMATCH"},
      {"a beginning of it", {kValue.substr(0, 21)}, kPart, "CHALLENGE_MISMATCH"},
      {"in two records", {kValue.substr(0, 11), kValue.substr(11)}, kPart, "CHALLENGE_MISMATCH"},
      {"another case", {upper}, kPart, "CHALLENGE_MISMATCH"},
      {"another case, which does not matter", {"x" + upper}, kIgnoreCase, "corroborates"},
      {"exactly", {"x", kValue}, kExact, "corroborates"},
      {"exactly, another case", {upper}, kExact, "CHALLENGE_MISMATCH"},
      {"exactly, another case, which does not matter", {upper}, kExact | kIgnoreCase, "corroborates"},
      {"exactly, but within a record", {"x" + kValue}, kExact, "CHALLENGE_MISMATCH"},
      {"exactly: quotes are part of the record", {'"' + kValue + '"'}, kExact, "CHALLENGE_MISMATCH"},
      {"exactly: blanks are part of the record", {kValue + ' '}, kExact, "CHALLENGE_MISMATCH"},
      {"no record", {}, kPart, "DNS_NO_RECORD"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto judgement =
          judged(subject("example.com"), change(RecordType::kTxt, row.compare), {txt_at(kName, row.records)});
      CHECK(ending(judgement) == row.ending);
      CHECK(judgement.key == (judgement.problem ? "" : kValue));
    }
}

TEST_CASE("dns-change finds the value in a CNAME's target, a name without case (RFC 4343)", "[dcv][dns-methods]") {
  const auto target = [](const char* name) { return cname(test::wire_name(name)); };
  const RecordType type = RecordType::kCname;
  CHECK(of(change(type), target("bQkz7Yc1nXw4Gd8Rf0Lp2A.ca.example")) == "corroborates");
  CHECK(of(change(type), target("bqkz7yc1nxw4gd8rf0lp2a.CA.example")) == "corroborates");
  CHECK(of(change(type), target("other.ca.example")) == "CHALLENGE_MISMATCH");
  CHECK(of(change(type, kExact), target("bqkz7yc1nxw4gd8rf0lp2a.ca.example")) == "CHALLENGE_MISMATCH");
  const std::string whole = kValue + ".ca.example";
  CHECK(of(change(type, kExact, whole), target("bqkz7yc1nxw4gd8rf0lp2a.ca.example")) == "corroborates");
  CHECK(of(change(type, kExact, whole + "."), target("bqkz7yc1nxw4gd8rf0lp2a.ca.example")) == "corroborates");
  CHECK(of(change(type, kPart, whole + "."), target("x.bqkz7yc1nxw4gd8rf0lp2a.ca.example")) == "corroborates");
  CHECK(of(change(type), cname({})) == "DNS_MALFORMED");
  CHECK(of(change(type), cname({0xC0, 0x00})) == "DNS_MALFORMED");
  CHECK(of(change(type), cname(test::octets_of(kValue))) == "DNS_MALFORMED");
  CHECK(of(change(type), answered(kName, type)) == "DNS_NO_RECORD");
  // Octets that no host name has are escaped before they are compared: a dot within a label is none between labels.
  const auto odd = judged(subject("example.com"), change(type), {cname({3, 'a', '.', 'b', 2, 0, 0xFF, 0})});
  CHECK(odd.saw == "CNAME \"a\\x5c.b.\\x5c000\\x5c255\" at " + kName);
}

TEST_CASE("dns-change finds the value in any CAA property", "[dcv][dns-methods]") {
  using test::caa_rdata;
  const RecordType type = RecordType::kCaa;
  CHECK(of(change(type), caa({caa_rdata(0, "issue", "ca.example"), caa_rdata(128, "x", "a " + kValue)})) ==
        "corroborates");
  CHECK(of(change(type, kExact), caa({caa_rdata(0, "x", kValue)})) == "corroborates");
  CHECK(of(change(type, kExact), caa({caa_rdata(0, "x", kValue + ";")})) == "CHALLENGE_MISMATCH");
  CHECK(of(change(type), caa({caa_rdata(0, kValue, "x")})) == "CHALLENGE_MISMATCH");  // a tag is no value
  CHECK(of(change(type), caa({Bytes{0, 9, 'x'}})) == "DNS_MALFORMED");
  CHECK(of(change(type), caa({Bytes{0, 9, 'x'}, caa_rdata(0, "x", kValue)})) == "corroborates");
}

TEST_CASE("an Authorization Domain Name elsewhere needs a CNAME that leads to it (BR 3.2.2.4)", "[dcv][dns-methods]") {
  const DcvQuestion dns01{AcmeDns01{test::kSharedDigest}};
  struct Row {
    const char* rule;
    DcvSubject about;
    DnsLookup alias;
    const char* ending;
  };
  const std::string www = "www.example.com";
  const auto to_net = subject(www, "example.net");
  const auto with = [&](std::vector<std::string> chain) { return test::alias_at(www, chain); };
  const auto changed = [&](auto change) {
    DnsLookup lookup = with({"example.net"});
    change(lookup);
    return lookup;
  };
  const Row rows[] = {
      {"to the ADN", to_net, with({"example.net"}), "corroborates"},
      {"to a name below it", to_net, with({"a.b.example.net"}), "corroborates"},
      {"in two steps", to_net, with({"a.example.org", "example.net"}), "corroborates"},
      {"through it, and on", to_net, with({"a.example.net", "b.example.org"}), "corroborates"},
      {"in another case", to_net, with({"A.Example.NET"}), "corroborates"},
      {"to a name below with an underscore", to_net, with({"_x.example.net"}), "corroborates"},
      {"to a child of the name itself", subject("example.com", "www.example.com"),
       test::alias_at("example.com", {"www.example.com"}), "corroborates"},
      {"to a target that does not exist", to_net, changed([](DnsLookup& l) { l.rcode = kNxdomain; }), "corroborates"},
      {"to a target that has too many addresses", to_net, changed([](DnsLookup& l) { l.records_cut = true; }),
       "corroborates"},
      {"no CNAME", to_net, with({}), "DNS_NO_ALIAS"},
      {"no such name", to_net, test::refused_with(kNxdomain, www, RecordType::kA), "DNS_NO_ALIAS"},
      {"to another name", to_net, with({"example.org"}), "DNS_NO_ALIAS"},
      {"to a name that only ends alike", to_net, with({"notexample.net"}), "DNS_NO_ALIAS"},
      {"to a parent of the ADN", subject(www, "a.example.net"), with({"example.net"}), "DNS_NO_ALIAS"},
      {"to a label that only looks like one below", to_net, with({"a\\.example.net"}), "DNS_NO_ALIAS"},
      {"an ADN above the target's Base Domain Name", subject(www, "telemark.no"), with({"www.site.bo.telemark.no"}),
       "DNS_NO_ALIAS"},
      {"the same ADN for a target right below it", subject(www, "telemark.no"), with({"www.telemark.no"}),
       "corroborates"},
      {"an ADN above suffixes by a wildcard rule", subject(www, "kobe.jp"), with({"a.b.kobe.jp"}), "DNS_NO_ALIAS"},
      {"a failed lookup", to_net, test::refused_with(kServfail, www, RecordType::kA), "DNS_SERVFAIL"},
      {"a chain that ends in failure", to_net, changed([](DnsLookup& l) { l.rcode = kServfail; }), "DNS_SERVFAIL"},
      {"no reply", to_net, test::failed(DnsStatus::kTimeout, www, RecordType::kA), "DNS_TIMEOUT"},
      {"a chain that begins elsewhere", to_net, changed([](DnsLookup& l) { l.chain[0].owner = "x.example.com"; }),
       "EVIDENCE_INVALID"},
      {"a chain that was left out", to_net, changed([](DnsLookup& l) { l.chain.clear(); }), "EVIDENCE_INVALID"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const std::string adn = row.about.validated.text();
      const DnsLookup digest = txt_at("_acme-challenge." + adn, {test::kSharedDigest});
      const auto judgement = judged(row.about, dns01, {row.alias, digest});
      CHECK(ending(judgement) == row.ending);
      CHECK(judgement.key.empty() == judgement.problem.has_value());
      if (ending(judgement) == "DNS_NO_ALIAS") CHECK_THAT(judgement.problem->detail, Catch::Contains(adn));
      // An alias alone is no proof.
      const auto wrong = judged(row.about, dns01, {row.alias, txt_at("_acme-challenge." + adn, {"wrong"})});
      CHECK(wrong.outcome != Outcome::kCorroborates);
      CHECK(ending(judged(row.about, dns01, {digest})) == "EVIDENCE_INVALID");
    }
}

}  // namespace mpic::rules
