#include "common/rules/caa.hpp"
#include "common/rules/caa_value.hpp"
#include "tests/support/catch.hpp"

namespace mpic::rules {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

CaaQuestion question() {
  CaaQuestion asked;
  asked.issuer_domains = {"ca.example"};
  asked.validation_method = "http-01";
  return asked;
}

}  // namespace

TEST_CASE("which properties of an RRset decide, and which forbid by themselves (RFC 8659 4.1)", "[caa]") {
  struct Row {
    const char* rule;
    CaaRecord record;
    const char* relevant;  // tag of the deciding property, or ""
    bool blocks;
  };
  const Row rows[] = {
      {"issue decides", {0, "issue", ";"}, "issue", false},
      {"a tag is compared without case", {0, "IsSuE", ";"}, "issue", false},
      {"critical issue is known", {128, "issue", ";"}, "issue", false},
      {"iodef is known", {0, "iodef", "mailto:a@ca.example"}, "", false},
      {"critical iodef is known", {128, "iodef", "mailto:a@ca.example"}, "", false},
      {"issuemail says nothing about TLS servers", {0, "issuemail", ";"}, "", false},
      {"critical issuemail is known", {128, "issuemail", ";"}, "", false},
      {"issuevmc is known", {0, "issuevmc", ";"}, "", false},
      {"critical issuevmc is known", {128, "issuevmc", ";"}, "", false},
      {"critical contactemail is known", {128, "contactemail", "a@ca.example"}, "", false},
      {"critical contactphone is known", {128, "contactphone", "+1 555"}, "", false},
      {"critical issuewild is known", {128, "issuewild", ";"}, "", false},
      {"issuewild says nothing about one name", {0, "issuewild", ";"}, "", false},
      {"an unknown property is ignored", {0, "foo", "bar"}, "", false},
      {"flag 2 is reserved and ignored", {2, "foo", "bar"}, "", false},
      {"flag 0x7E holds neither 128 nor 1", {0x7E, "foo", "bar"}, "", false},
      {"flag 128 on an unknown property forbids", {128, "foo", "bar"}, "", true},
      {"ours: flag 1, the classic mistake, alike", {1, "foo", "bar"}, "", true},
      {"flag 9 holds 1", {9, "foo", "bar"}, "", true},
      {"flag 255 holds both", {255, "foo", "bar"}, "", true},
      {"a reserved tag of RFC 6844 is unknown", {128, "auth", "bar"}, "", true},
      {"a tag with odd octets is unknown", {128, std::string("issue\0", 6), ";"}, "", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const std::vector<CaaRecord> rrset = {row.record};
      const auto relevant = relevant_properties(rrset, CertificateType::kTlsServer, false);
      CHECK((relevant.empty() ? "" : property_tag(relevant.front())) == row.relevant);
      CHECK((unknown_critical(rrset) != nullptr) == row.blocks);
      const auto prohibition = caa_prohibition(rrset, question(), false);
      CHECK((prohibition && prohibition->code == ProblemCode::kCaaCriticalUnknown) == row.blocks);
    }
}

TEST_CASE("issuewild replaces issue for wildcards, issuemail for S/MIME (RFC 8659 4.3, RFC 9495 4)", "[caa]") {
  const std::vector<CaaRecord> rrset = {
      {0, "issue", "ca.example"}, {0, "issuewild", "wild.example"}, {0, "issuemail", "mail.example"}};
  const auto permits = [&](const char* issuer, CertificateType type, bool wildcard) {
    CaaQuestion asked = question();
    asked.certificate_type = type;
    asked.issuer_domains = {issuer};
    return !caa_prohibition(rrset, asked, wildcard);
  };
  CHECK(permits("ca.example", CertificateType::kTlsServer, false));
  CHECK_FALSE(permits("wild.example", CertificateType::kTlsServer, false));
  CHECK(permits("wild.example", CertificateType::kTlsServer, true));
  CHECK_FALSE(permits("ca.example", CertificateType::kTlsServer, true));
  CHECK(permits("mail.example", CertificateType::kSmime, false));
  CHECK_FALSE(permits("ca.example", CertificateType::kSmime, false));

  const std::vector<CaaRecord> only_issue = {{0, "issue", ";"}};
  CaaQuestion mail = question();
  mail.certificate_type = CertificateType::kSmime;
  CHECK_FALSE(caa_prohibition(only_issue, mail, false));
}

TEST_CASE("a malformed property grants nothing and still counts as present (RFC 8659 4.2)", "[caa]") {
  const CaaRecord malformed_wild{0, "issuewild", "ca.example."};
  const CaaRecord ours{0, "issue", "ca.example"};
  CHECK(caa_prohibition(std::vector{malformed_wild, ours}, question(), true));
  CHECK_FALSE(caa_prohibition(std::vector{malformed_wild, ours}, question(), false));
  CHECK_FALSE(caa_prohibition(std::vector{CaaRecord{0, "issue", "ca.example."}, ours}, question(), false));
  const auto alone = caa_prohibition(std::vector{CaaRecord{0, "issue", "ca.example."}}, question(), false);
  REQUIRE(alone);
  CHECK(alone->code == ProblemCode::kCaaForbids);
  CHECK(alone->detail.find("malformed") != std::string::npos);
}

TEST_CASE("any of the CA's issuer domains serves", "[caa]") {
  CaaQuestion asked = question();
  asked.issuer_domains = {"old.example", "ca.example"};
  CHECK_FALSE(caa_prohibition(std::vector{CaaRecord{0, "issue", "CA.EXAMPLE"}}, asked, false));
  CHECK(caa_prohibition(std::vector{CaaRecord{0, "issue", "sub.ca.example"}}, asked, false));
  CHECK(caa_prohibition(std::vector{CaaRecord{0, "issue", "example"}}, asked, false));
}

TEST_CASE("accounturi is one URI of the request's accounts (RFC 8657 3)", "[caa]") {
  const std::string p1 = "https://ca.example/acct/", p2 = "https://old.example/acct/", p3 = "https://x.example/a/";
  const std::string not_uri = "\\invalid \xF0\x9F\x98\x80/123456";
  struct Row {
    const char* rule;
    Parameters parameters;
    std::vector<std::string> accepted;
    bool matches;
  };
  const Row rows[] = {
      {"no parameter restricts nothing", {}, {p1 + "123456"}, true},
      {"other parameters restrict no account", {{"other", "x"}}, {p1 + "123456"}, true},
      {"something that is no URI never matches", {{"accounturi", not_uri}}, {not_uri}, false},
      {"a relative reference is no URI", {{"accounturi", "/acct/1"}}, {"/acct/1"}, false},
      {"the account's own URI", {{"accounturi", p1 + "123456"}}, {p1 + "123456"}, true},
      {"beside validationmethods", {{"validationmethods", "x"}, {"accounturi", p1 + "1"}}, {p1 + "1"}, true},
      {"another account", {{"accounturi", p1 + "54321"}}, {p1 + "123456"}, false},
      {"an empty value", {{"accounturi", ""}}, {p1 + "123456", ""}, false},
      {"compared octet for octet", {{"accounturi", "HTTPS://ca.example/acct/1"}}, {"https://ca.example/acct/1"}, false},
      {"two, both empty", {{"accounturi", ""}, {"accounturi", ""}}, {p1 + "1"}, false},
      {"two, one empty", {{"accounturi", p1 + "1"}, {"accounturi", ""}}, {p1 + "1"}, false},
      {"two, identical", {{"accounturi", p1 + "1"}, {"accounturi", p1 + "1"}}, {p1 + "1"}, false},
      {"two, different", {{"accounturi", p1 + "1"}, {"accounturi", p1 + "2"}}, {p1 + "1", p1 + "2"}, false},
      {"several accepted, the first", {{"accounturi", p1 + "1"}}, {p1 + "1", p2 + "1"}, true},
      {"several accepted, the second", {{"accounturi", p2 + "1"}}, {p1 + "1", p2 + "1"}, true},
      {"three accepted, the last", {{"accounturi", p3 + "1"}}, {p1 + "1", p2 + "1", p3 + "1"}, true},
      {"several accepted, none of them", {{"accounturi", p3 + "1"}}, {p1 + "1", p2 + "1"}, false},
      {"the right prefix, another id", {{"accounturi", p1 + "2"}}, {p1 + "1", p2 + "1"}, false},
      {"no account in the request", {{"accounturi", p1 + "1"}}, {}, false},
      {"an acct: URI is a URI (RFC 7565)", {{"accounturi", "acct:a@ca.example"}}, {"acct:a@ca.example"}, true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(account_uri_matches(row.parameters, row.accepted) == row.matches);
    }
}

TEST_CASE("validationmethods lists the method, by either label of its mechanism (RFC 8657 4)", "[caa]") {
  const auto v = [](const char* value) { return std::pair<std::string, std::string>("validationmethods", value); };
  struct Row {
    const char* rule;
    Parameters parameters;
    const char* method;
    bool matches;
  };
  const Row rows[] = {
      {"no parameter restricts nothing", {}, "http-01", true},
      {"accounturi restricts no method", {{"accounturi", "x"}}, "http-01", true},
      {"an empty list", {v("")}, "http-01", false},
      {"only a comma", {v(",")}, "http-01", false},
      {"an invalid label", {v("howdy !")}, "http-01", false},
      {"an unknown method", {v("tls-sni-01")}, "http-01", false},
      {"the method", {v("http-01")}, "http-01", true},
      {"beside accounturi", {{"accounturi", "x"}, v("http-01")}, "http-01", true},
      {"two, both empty", {v(""), v("")}, "http-01", false},
      {"two, one empty", {v("http-01"), v("")}, "http-01", false},
      {"two, identical", {v("http-01"), v("http-01")}, "http-01", false},
      {"two, different", {v("http-01"), v("dns-01")}, "http-01", false},
      {"another method", {v("dns-01")}, "http-01", false},
      {"a list that begins with it", {v("http-01,dns-01")}, "http-01", true},
      {"a list that ends with it", {v("http-01,dns-01")}, "dns-01", true},
      {"a list without it", {v("http-01,dns-01")}, "tls-alpn-01", false},
      {"an unknown method beside it", {v("tls-sni-01,http-01")}, "http-01", true},
      {"an invalid list authorises nobody", {v("http-01,")}, "http-01", false},
      {"no method in the request", {v("http-01")}, "", false},
      {"compared with case", {v("HTTP-01")}, "http-01", false},
      {"http-01 is ca-tbr-19", {v("ca-tbr-19")}, "http-01", true},
      {"ca-tbr-19 is http-01", {v("http-01")}, "ca-tbr-19", true},
      {"dns-01 is ca-tbr-7", {v("ca-tbr-7")}, "dns-01", true},
      {"a plain dns-change is not dns-01", {v("dns-01")}, "ca-tbr-7", false},
      {"a plain dns-change is ca-tbr-7", {v("ca-tbr-7")}, "ca-tbr-7", true},
      {"tls-alpn-01 is ca-tbr-20", {v("ca-tbr-20")}, "tls-alpn-01", true},
      {"ca-tbr-20 is tls-alpn-01", {v("tls-alpn-01")}, "ca-tbr-20", true},
      {"dns-account-01 is ca-tbr-21", {v("ca-tbr-21")}, "dns-account-01", true},
      {"ca-tbr-21 is dns-account-01", {v("dns-account-01")}, "ca-tbr-21", true},
      {"dns-persist-01 is ca-tbr-22", {v("ca-tbr-22")}, "dns-persist-01", true},
      {"ca-tbr-22 is dns-persist-01", {v("dns-persist-01")}, "ca-tbr-22", true},
      {"another mechanism's label", {v("ca-tbr-20")}, "http-01", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(validation_method_matches(row.parameters, row.method) == row.matches);
    }
}

TEST_CASE("each method has its own label and the BR's, and no other (BR 4.2.2.1.2)", "[caa]") {
  // In the record, in the request: the same mechanism, but that ca-tbr-7 is also done outside ACME.
  const std::vector<std::vector<std::string>> mechanisms = {{"ca-tbr-7", "dns-01"},
                                                            {"ca-tbr-19", "http-01"},
                                                            {"ca-tbr-20", "tls-alpn-01"},
                                                            {"ca-tbr-21", "dns-account-01"},
                                                            {"ca-tbr-22", "dns-persist-01"},
                                                            {"ca-tbr-8"},
                                                            {"ca-tbr-13"},
                                                            {"ca-tbr-14"},
                                                            {"ca-tbr-16"},
                                                            {"ca-tbr-17"},
                                                            {"ca-tbr-18"}};
  for (std::size_t i = 0; i < mechanisms.size(); ++i) {
    for (std::size_t j = 0; j < mechanisms.size(); ++j) {
      for (const std::string& recorded : mechanisms[i]) {
        for (const std::string& asked : mechanisms[j]) {
          INFO(recorded << " in the record, " << asked << " asked");
          const bool expected = i == j && !(asked == "ca-tbr-7" && recorded == "dns-01");
          CHECK(validation_method_matches(Parameters{{"validationmethods", recorded}}, asked) == expected);
        }
      }
    }
  }
}

TEST_CASE("a list of methods binds from end to end", "[caa]") {
  const auto permits = [](const char* list, const char* method) {
    CaaQuestion asked = question();
    asked.validation_method = method;
    const CaaRecord record{0, "issue", std::string("ca.example; validationmethods=") + list};
    return !caa_prohibition(std::vector{record}, asked, false);
  };
  CHECK(permits("dns-01", "dns-01"));
  CHECK_FALSE(permits("dns-01", "http-01"));
  CHECK(permits("http-01", "http-01"));
  CHECK_FALSE(permits("http-01", "dns-01"));
  CHECK(permits("http-01,dns-01", "http-01"));
  CHECK(permits("http-01,dns-01", "dns-01"));
}

TEST_CASE("a CAA record is shown as a zone file would hold it", "[caa]") {
  CHECK(presentation({0, "issue", "ca.example"}) == R"(0 issue "ca.example")");
  CHECK(presentation({128, "issue", "a\"b\\c"}) == R"(128 issue "a\"b\\c")");
  CHECK(presentation({0, "is sue", std::string("\0\n\xFF", 3)}) == R"(0 is\032sue "\000\010\255")");
  CHECK(presentation({0, "issue", "a b"}) == R"(0 issue "a b")");
}

TEST_CASE("a prohibition names the property and the reason", "[caa]") {
  const auto detail = [](const char* value) {
    CaaQuestion asked = question();
    asked.account_uris = {"https://ca.example/acct/1"};
    return caa_prohibition(std::vector{CaaRecord{0, "issue", value}}, asked, false)->detail;
  };
  CHECK(detail("other.example") == "CAA 0 issue \"other.example\" names another issuer");
  CHECK(detail(";").find("permits no issuer") != std::string::npos);
  CHECK(detail("ca.example; accounturi=https://ca.example/acct/2").find("restricts the account") != std::string::npos);
  CHECK(detail("ca.example; validationmethods=dns-01").find("restricts the validation methods") != std::string::npos);
  CHECK(detail("a\x1B[31mb").find('\x1B') == std::string::npos);
  const std::vector<CaaRecord> many(1'000, CaaRecord{0, "issue", std::string(250, 'a') + ".example"});
  CHECK(caa_prohibition(many, question(), false)->detail.size() < 1'024);
}

}  // namespace mpic::rules
