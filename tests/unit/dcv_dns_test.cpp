// Which lookups a DNS method makes, and what acme-dns-01 and acme-dns-account-01 make of them.
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

const std::string kAccount = "https://example.com/acme/acct/ExampleAccount";
const std::string kName = "_acme-challenge.example.com";
const DcvQuestion kDns01{AcmeDns01{test::kSharedDigest}};
const DcvQuestion kAccount01{AcmeDnsAccount01{test::kSharedDigest, kAccount}};

DcvQuestion contact(DcvMethod method) {
  const bool email = method == DcvMethod::kContactEmailCaa || method == DcvMethod::kContactEmailTxt;
  return {ContactLookup{method, email ? "admin@example.com" : "+15555550100"}};
}

}  // namespace

TEST_CASE("each DNS method looks at its names (BR 3.2.2.4, 3.2.2.5)", "[dcv][dns-methods]") {
  struct Row {
    const char* rule;
    DcvSubject about;
    DcvQuestion question;
    std::string queries;
  };
  const DcvSubject plain = subject("example.com");
  const DcvSubject pruned = subject("www.example.com", "example.com");
  const DcvSubject alias = subject("www.example.com", "example.net");
  const DcvQuestion at_adn{DnsChange{"v", RecordType::kTxt, "", false, false}};
  const Row rows[] = {
      {"dns-change at the ADN", plain, at_adn, "TXT example.com"},
      {"dns-change under a prefix",
       plain,
       {DnsChange{"v", RecordType::kCname, "_dnsauth", false, false}},
       "CNAME _dnsauth.example.com"},
      {"dns-change in CAA does not climb",
       plain,
       {DnsChange{"v", RecordType::kCaa, "", false, false}},
       "CAA example.com"},
      {"acme-dns-01", plain, kDns01, "TXT _acme-challenge.example.com"},
      {"acme-dns-01 of a wildcard, without \"*.\"", subject("*.example.com"), kDns01,
       "TXT _acme-challenge.example.com"},
      {"acme-dns-01 at a parent", pruned, kDns01, "TXT _acme-challenge.example.com"},
      {"acme-dns-01 through an alias looks at it first", alias, kDns01,
       "A www.example.com, TXT _acme-challenge.example.net"},
      {"a child of the name is no parent", subject("example.com", "www.example.com"), kDns01,
       "A example.com, TXT _acme-challenge.www.example.com"},
      {"acme-dns-account-01", plain, kAccount01, "TXT _ujmmovf2vn55tgye._acme-challenge.example.com"},
      {"ip-address, IPv4", plain, {IpAddressLookup{test::ip("192.0.2.1")}}, "A example.com"},
      {"ip-address, IPv6", plain, {IpAddressLookup{test::ip("2001:db8::1")}}, "AAAA example.com"},
      {"contact-email-txt", plain, contact(DcvMethod::kContactEmailTxt), "TXT _validation-contactemail.example.com"},
      {"contact-phone-txt", plain, contact(DcvMethod::kContactPhoneTxt), "TXT _validation-contactphone.example.com"},
      {"contact-email-caa climbs", pruned, contact(DcvMethod::kContactEmailCaa), "CAA example.com, CAA com"},
      {"contact-phone-caa climbs from the ADN, by an alias too", alias, contact(DcvMethod::kContactPhoneCaa),
       "A www.example.com, CAA example.net, CAA net"},
      {"dns-persistent", plain, {DnsPersistent{{"ca.example"}, kAccount}}, "TXT _validation-persist.example.com"},
      {"dns-persistent for an address",
       subject("192.0.2.1"),
       {DnsPersistent{{"ca.example"}, kAccount}},
       "TXT _ip-validation-persist.1.2.0.192.in-addr.arpa"},
      {"reverse-address-lookup",
       subject("192.0.2.1"),
       {ReverseAddressLookup{test::dns_name("example.com")}},
       "PTR 1.2.0.192.in-addr.arpa"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(test::text_of(dns_queries(row.about, row.question)) == row.queries);
    }
}

TEST_CASE("the account's label is ten octets of its digest in base32 (dns-account-label-00)", "[dcv][dns-methods]") {
  CHECK(account_label(kAccount) == "_ujmmovf2vn55tgye");
  CHECK(account_label("") == "_4oymiquy7qobjgx3");  // of the digest of nothing, e3b0c44298fc1c149afb
  CHECK(account_label(kAccount + "/") != account_label(kAccount));
}

TEST_CASE("a name that would be too long is asked for nowhere", "[dcv][dns-methods]") {
  const std::string label(63, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(57, 'a') + ".com";
  REQUIRE(longest.size() == 253);
  const auto judgement = judged(subject(longest), kDns01, {});
  CHECK(dns_queries(subject(longest), kDns01).empty());
  CHECK(ending(judgement) == "DNS_NO_RECORD");
  CHECK(ending(judged(subject(longest), kDns01, {txt_at(kName, {test::kSharedDigest})})) == "EVIDENCE_INVALID");
  CHECK(dns_queries(subject("www." + longest.substr(64), longest), kDns01).empty());
}

TEST_CASE("acme-dns-01 wants the digest as a whole TXT record (RFC 8555 8.4)", "[dcv][dns-methods]") {
  const std::string& good = test::kSharedDigest;
  struct Row {
    const char* rule;
    DnsLookup seen;
    const char* ending;
    std::string says;  // in the problem's detail, or in `saw`
  };
  const auto with_strings = [](std::initializer_list<std::string_view> strings) {
    return answered(kName, RecordType::kTxt, {test::txt_rdata(strings)});
  };
  std::vector<std::string> many(200, "another value");
  many[150] = good;
  DnsLookup cut = txt_at(kName, {good});
  cut.records_cut = true;
  DnsLookup unread = answered(kName, RecordType::kTxt, {Bytes{9, 'x'}, Bytes{}});
  DnsLookup unread_beside = unread;
  unread_beside.records.push_back(test::txt(good));
  const Row rows[] = {
      {"the digest", txt_at(kName, {good}), "corroborates", "TXT \"" + good + "\" at " + kName},
      {"several records, one right", txt_at(kName, {"a", good, "b"}), "corroborates", ""},
      {"200 records, one right", txt_at(kName, many), "corroborates", ""},
      {"split in the middle of the digest", with_strings({good.substr(0, 20), good.substr(20)}), "corroborates", ""},
      {"zero-length strings between", with_strings({"", good.substr(0, 1), "", good.substr(1), ""}), "corroborates",
       ""},
      {"a record that is not UTF-8 beside it", txt_at(kName, {"\xff\xfe", good}), "corroborates", ""},
      {"a record that cannot be read beside it", unread_beside, "corroborates", ""},
      {"only records that cannot be read", unread, "DNS_MALFORMED", "cannot be read"},
      {"a wrong value", txt_at(kName, {"a"}), "CHALLENGE_MISMATCH", "incorrect TXT record \"a\" found at " + kName},
      {"five wrong values", txt_at(kName, {"a", "b", "c", "d", "e"}), "CHALLENGE_MISMATCH",
       "incorrect TXT record \"a\" and 4 more found at " + kName},
      {"a long wrong value is cut", txt_at(kName, {std::string(200, 'a')}), "CHALLENGE_MISMATCH",
       "\"" + std::string(97, 'a') + "...\""},
      {"a wrong value is escaped", txt_at(kName, {"\x1b[2J\"%s"}), "CHALLENGE_MISMATCH", "\"\\x1b[2J\\x22%s\""},
      {"an empty record", with_strings({""}), "CHALLENGE_MISMATCH", "incorrect TXT record \"\""},
      {"the key authorization itself", txt_at(kName, {test::kSharedKeyAuthorization}), "CHALLENGE_MISMATCH", ""},
      {"quotes around it", txt_at(kName, {'"' + good + '"'}), "CHALLENGE_MISMATCH", "\"\\x22" + good},
      {"blanks around it", txt_at(kName, {' ' + good}), "CHALLENGE_MISMATCH", ""},
      {"a newline after it", txt_at(kName, {good + '\n'}), "CHALLENGE_MISMATCH", "\\x0a"},
      {"padding", txt_at(kName, {good + '='}), "CHALLENGE_MISMATCH", ""},
      {"another case", txt_at(kName, {"l" + good.substr(1)}), "CHALLENGE_MISMATCH", ""},
      {"a part of it", txt_at(kName, {good.substr(0, 42)}), "CHALLENGE_MISMATCH", ""},
      {"two records that only joined are right", txt_at(kName, {good.substr(0, 20), good.substr(20)}),
       "CHALLENGE_MISMATCH", ""},
      {"no record", txt_at(kName, {}), "DNS_NO_RECORD", "no TXT record at " + kName},
      {"no such name", test::refused_with(kNxdomain, kName, RecordType::kTxt), "DNS_NO_RECORD", "NXDOMAIN"},
      {"a broken server", test::refused_with(kServfail, kName, RecordType::kTxt), "DNS_SERVFAIL", "SERVFAIL"},
      {"a resolver that refuses", test::refused_with(kRefused, kName, RecordType::kTxt), "DNS_REFUSED", "REFUSED"},
      {"no reply", test::failed(DnsStatus::kTimeout, kName, RecordType::kTxt), "DNS_TIMEOUT", "timed out"},
      {"a reply that cannot be read", test::failed(DnsStatus::kMalformed, kName, RecordType::kTxt), "DNS_MALFORMED",
       ""},
      {"a reply that TCP did not complete", test::failed(DnsStatus::kTruncated, kName, RecordType::kTxt),
       "DNS_TRUNCATED", ""},
      {"no resolver", test::failed(DnsStatus::kUnreachable, kName, RecordType::kTxt), "RESOLVER_UNAVAILABLE", ""},
      {"a set that was cut, the right record in what is kept", cut, "DNS_TOO_MANY_RECORDS", kName},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto judgement = judged(subject("example.com"), kDns01, {row.seen});
      CHECK(ending(judgement) == row.ending);
      CHECK(judgement.key == (judgement.problem ? "" : good));
      CHECK_THAT(judgement.problem ? judgement.problem->detail : judgement.saw, Catch::Contains(row.says));
      CHECK(judgement.saw.find('\x1b') == std::string::npos);
      if (judgement.problem) CHECK(judgement.problem->where == kName);
    }
}

TEST_CASE("acme-dns-account-01 is the same under the account's label (BR 3.2.2.4.21)", "[dcv][dns-methods]") {
  const std::string name = "_ujmmovf2vn55tgye._acme-challenge.example.com";
  CHECK(ending(judged(subject("example.com"), kAccount01, {txt_at(name, {test::kSharedDigest})})) == "corroborates");
  const auto wrong = judged(subject("example.com"), kAccount01, {txt_at(name, {"a", "b"})});
  CHECK(ending(wrong) == "CHALLENGE_MISMATCH");
  CHECK_THAT(wrong.problem->detail, Catch::Contains("\"a\" and 1 more found at " + name + " (account: \"" + kAccount));
  CHECK(ending(judged(subject("example.com"), kAccount01, {txt_at(name, {})})) == "DNS_NO_RECORD");
  CHECK(ending(judged(subject("example.com"), kAccount01, {txt_at(kName, {test::kSharedDigest})})) ==
        "EVIDENCE_INVALID");
}

TEST_CASE("an address is looked up by its family, a name by its address (BR 3.2.2.4.8, 3.2.2.5.3)",
          "[dcv][dns-methods]") {
  const auto address = [](const char* text) { return DcvQuestion{IpAddressLookup{test::ip(text)}}; };
  const auto seen = [](RecordType type, std::vector<Bytes> records) {
    return std::vector{answered("example.com", type, std::move(records))};
  };
  const Bytes v6 = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto of = [](const char* text, std::vector<DnsLookup> lookups) {
    return ending(judged(subject("example.com"), {IpAddressLookup{test::ip(text)}}, std::move(lookups)));
  };
  CHECK(of("192.0.2.1", seen(RecordType::kA, {{192, 0, 2, 9}, {192, 0, 2, 1}})) == "corroborates");
  CHECK(of("2001:db8::1", seen(RecordType::kAaaa, {v6})) == "corroborates");
  CHECK(of("192.0.2.1", seen(RecordType::kA, {{192, 0, 2, 9}})) == "CHALLENGE_MISMATCH");
  CHECK(of("192.0.2.1", seen(RecordType::kA, {})) == "DNS_NO_RECORD");
  CHECK(of("192.0.2.1", seen(RecordType::kA, {{192, 0, 2}})) == "DNS_MALFORMED");
  CHECK(of("192.0.2.1", seen(RecordType::kA, {v6})) == "DNS_MALFORMED");
  CHECK(of("192.0.2.1", seen(RecordType::kAaaa, {v6})) == "EVIDENCE_INVALID");
  CHECK(judged(subject("example.com"), address("2001:db8::1"), seen(RecordType::kAaaa, {v6})).key == "2001:db8::1");

  const DcvQuestion reverse{ReverseAddressLookup{test::dns_name("www.example.com")}};
  const auto pointed = [&](const std::vector<Bytes>& records) {
    return judged(subject("192.0.2.1"), reverse, {answered("1.2.0.192.in-addr.arpa", RecordType::kPtr, records)});
  };
  CHECK(ending(pointed({test::wire_name("mail.example.com"), test::wire_name("WWW.example.COM")})) == "corroborates");
  CHECK(pointed({test::wire_name("www.example.com")}).key == "www.example.com");
  CHECK(pointed({test::wire_name("www.example.com")}).saw == "PTR \"www.example.com\" at 1.2.0.192.in-addr.arpa");
  CHECK(ending(pointed({test::wire_name("example.com")})) == "CHALLENGE_MISMATCH");
  CHECK(ending(pointed({test::wire_name("www.example.com.evil.net")})) == "CHALLENGE_MISMATCH");
  CHECK(ending(pointed({{3, 'w', 'w', 'w'}})) == "DNS_MALFORMED");
  CHECK(ending(pointed({})) == "DNS_NO_RECORD");
  // RFC 2317: the reverse name may itself be an alias.
  DnsLookup delegated = answered("1.2.0.192.in-addr.arpa", RecordType::kPtr, {test::wire_name("www.example.com")});
  delegated.chain = {{delegated.name, "1.0-25.2.0.192.in-addr.arpa", 60}};
  delegated.end_of_chain = "1.0-25.2.0.192.in-addr.arpa";
  CHECK(ending(judged(subject("192.0.2.1"), reverse, {delegated})) == "corroborates");
}

TEST_CASE("lookups that are not those of the method are no evidence", "[dcv][dns-methods]") {
  const DnsLookup good = txt_at(kName, {test::kSharedDigest});
  struct Row {
    const char* rule;
    std::vector<DnsLookup> seen;
    const char* ending;
  };
  const auto changed = [&](auto change) {
    DnsLookup lookup = good;
    change(lookup);
    return std::vector{lookup};
  };
  const Row rows[] = {
      {"as asked", {good}, "corroborates"},
      {"the name in another case", changed([](DnsLookup& l) { l.name = "_Acme-Challenge.EXAMPLE.com"; }),
       "corroborates"},
      {"none", {}, "EVIDENCE_INVALID"},
      {"one too many", {good, good}, "EVIDENCE_INVALID"},
      {"another name", {txt_at("_acme-challenge.example.net", {test::kSharedDigest})}, "EVIDENCE_INVALID"},
      {"a final dot", {txt_at(kName + ".", {test::kSharedDigest})}, "EVIDENCE_INVALID"},
      {"another type", changed([](DnsLookup& l) { l.type = RecordType::kCaa; }), "EVIDENCE_INVALID"},
      {"records with an error", changed([](DnsLookup& l) { l.rcode = kServfail; }), "EVIDENCE_INVALID"},
      {"records of a name that does not exist", changed([](DnsLookup& l) { l.rcode = kNxdomain; }), "EVIDENCE_INVALID"},
      {"records without a reply", changed([](DnsLookup& l) { l.status = DnsStatus::kTimeout; }), "EVIDENCE_INVALID"},
      {"records of another owner", changed([](DnsLookup& l) { l.end_of_chain = "evil.example"; }), "EVIDENCE_INVALID"},
      {"records of no owner", changed([](DnsLookup& l) { l.end_of_chain = ""; }), "EVIDENCE_INVALID"},
      {"records at the end of a chain", changed([](DnsLookup& l) {
         l.chain = {{"_ACME-challenge.example.com", "a.example.net", 60}, {"A.example.net", "b.example.net", 60}};
         l.end_of_chain = "B.example.net";
       }),
       "corroborates"},
      {"a chain that begins elsewhere", changed([](DnsLookup& l) {
         l.chain = {{"x.example.com", "a.example.net", 60}};
         l.end_of_chain = "a.example.net";
       }),
       "EVIDENCE_INVALID"},
      {"a chain with a gap", changed([](DnsLookup& l) {
         l.chain = {{kName, "a.example.net", 60}, {"b.example.net", "c.example.net", 60}};
         l.end_of_chain = "c.example.net";
       }),
       "EVIDENCE_INVALID"},
      {"records in the middle of the chain", changed([](DnsLookup& l) {
         l.chain = {{kName, "a.example.net", 60}};
       }),
       "EVIDENCE_INVALID"},
      {"an alias without a reply", changed([](DnsLookup& l) {
         l.records.clear();
         l.status = DnsStatus::kTimeout;
         l.chain = {{kName, "a.example.net", 60}};
       }),
       "EVIDENCE_INVALID"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(ending(judged(subject("example.com"), kDns01, row.seen)) == row.ending);
    }
}

TEST_CASE("AD is told only when every lookup that counted had it", "[dcv][dns-methods]") {
  const auto told = [](const DcvSubject& about, const DcvQuestion& question, std::vector<DnsLookup> lookups,
                       std::vector<bool> authenticated) {
    for (std::size_t i = 0; i < lookups.size(); ++i) lookups[i].authenticated = authenticated[i];
    return judged(about, question, std::move(lookups)).dnssec_authenticated;
  };
  const std::vector<DnsLookup> one = {txt_at(kName, {test::kSharedDigest})};
  CHECK(told(subject("example.com"), kDns01, one, {true}));
  CHECK_FALSE(told(subject("example.com"), kDns01, one, {false}));
  CHECK(told(subject("example.com"), kDns01, {txt_at(kName, {"wrong"})}, {true}));

  const DcvSubject alias = subject("www.example.net", "example.com");
  const std::vector<DnsLookup> two = {test::alias_at("www.example.net", {"example.com"}), one.front()};
  CHECK(told(alias, kDns01, two, {true, true}));
  CHECK_FALSE(told(alias, kDns01, two, {false, true}));
  CHECK_FALSE(told(alias, kDns01, two, {true, false}));

  const DcvQuestion climb = contact(DcvMethod::kContactEmailCaa);
  const std::vector<DnsLookup> found = {
      answered("example.com", RecordType::kCaa, {test::caa_rdata(0, "contactemail", "admin@example.com")}),
      answered("com", RecordType::kCaa)};
  CHECK(told(subject("example.com"), climb, found, {true, false}));  // above the set none matters
  CHECK_FALSE(told(subject("example.com"), climb, found, {false, true}));
  std::vector<DnsLookup> at_parent = found;
  at_parent.insert(at_parent.begin(), answered("www.example.com", RecordType::kCaa));
  CHECK(told(subject("www.example.com"), climb, at_parent, {true, true, false}));
  CHECK_FALSE(told(subject("www.example.com"), climb, at_parent, {true, false, true}));
  CHECK_FALSE(told(subject("www.example.com"), climb, at_parent, {false, true, true}));
}

}  // namespace mpic::rules
