// Parameters of the validation methods: what is accepted, and which field is refused.
#include "common/rules/dcv_question.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic::rules {
namespace {

const std::string kThumbprint = test::kSharedKeyAuthorization.substr(test::kSharedToken.size() + 1);
const std::string kAccount = "https://ca.example/acct/1";

struct Row {
  const char* rule;
  DcvQuestion question;
  const char* field;  // refused; "" when accepted
};

void check_rows(std::initializer_list<Row> rows) {
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto checked = check_question(row.question);
      CHECK((checked ? "" : checked.error().where) == row.field);
      if (!checked) {
        CHECK(checked.error().code == ProblemCode::kInvalidArgument);
        CHECK_FALSE(checked.error().detail.empty());
      }
    }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("acme-http-01 has a token and its key authorization (RFC 8555 8.1, 8.3)", "[dcv][question]") {
  const std::string shortest(22, 'a'), longest(128, 'b');
  const auto asked = [](std::string token, std::string authorization) {
    return DcvQuestion{AcmeHttp01{std::move(token), std::move(authorization)}};
  };
  check_rows({
      {"the shared vector", asked(test::kSharedToken, test::kSharedKeyAuthorization), ""},
      {"128 bits of token", asked(shortest, shortest + "." + kThumbprint), ""},
      {"the longest token", asked(longest, longest + "." + kThumbprint), ""},
      {"too short a token", asked(shortest.substr(1), shortest.substr(1) + "." + kThumbprint), "token"},
      {"too long a token", asked(longest + "b", longest + "b." + kThumbprint), "token"},
      {"no token", asked("", "." + kThumbprint), "token"},
      {"a path in the token", asked("../" + shortest, "../" + shortest + "." + kThumbprint), "token"},
      {"padding in the token", asked(shortest + "=", shortest + "=." + kThumbprint), "token"},
      {"a newline in the token", asked(shortest + "\n", shortest + "\n." + kThumbprint), "token"},
      {"another token in the key authorization, which is a warning",
       asked(test::kSharedToken, shortest + "." + kThumbprint), ""},
      {"a token in the key authorization that is too short", asked(shortest, "a." + kThumbprint), "key_authorization"},
      {"no thumbprint", asked(test::kSharedToken, test::kSharedToken + "."), "key_authorization"},
      {"no dot", asked(test::kSharedToken, test::kSharedToken + kThumbprint + "a"), "key_authorization"},
      {"a short thumbprint", asked(test::kSharedToken, test::kSharedToken + "." + kThumbprint.substr(1)),
       "key_authorization"},
      {"a long thumbprint", asked(test::kSharedToken, test::kSharedKeyAuthorization + "a"), "key_authorization"},
      {"a thumbprint outside base64url",
       asked(test::kSharedToken, test::kSharedToken + "." + kThumbprint.substr(1) + "+"), "key_authorization"},
  });
}

TEST_CASE("a key authorization of another token than the path's is told apart (RFC 8555 8.1)", "[dcv][question]") {
  const std::string token(22, 'a');
  CHECK(rules::is_of_its_token({token, token + "." + kThumbprint}));
  CHECK_FALSE(rules::is_of_its_token({token, token + "a." + kThumbprint}));
  CHECK_FALSE(rules::is_of_its_token({token + "a", token + "." + kThumbprint}));
}

TEST_CASE("a key authorization that only its digest stands for has the same form (RFC 8555 8.1)", "[dcv][question]") {
  CHECK(check_key_authorization(test::kSharedKeyAuthorization));
  CHECK(check_key_authorization(std::string(22, 'a') + "." + kThumbprint));
  for (const std::string& bad : {std::string(), std::string("."), std::string("x"), test::kSharedToken,
                                 "." + kThumbprint, std::string(21, 'a') + "." + kThumbprint,
                                 std::string(129, 'a') + "." + kThumbprint, test::kSharedKeyAuthorization + " ",
                                 " " + test::kSharedKeyAuthorization, test::kSharedKeyAuthorization + ".a"}) {
    INFO(bad);
    const auto checked = check_key_authorization(bad);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().where == "key_authorization");
  }
}

TEST_CASE("the digest of a key authorization is 43 octets of base64url (RFC 8555 8.4)", "[dcv][question]") {
  CHECK(test::kSharedKeyAuthorization.size() == 87);
  CHECK(key_authorization_digest(test::kSharedKeyAuthorization) == test::kSharedDigest);
  CHECK(key_authorization_digest("") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");  // + and / become - and _

  const auto dns01 = [](std::string digest) { return DcvQuestion{AcmeDns01{std::move(digest)}}; };
  const auto account01 = [](std::string digest, std::string account) {
    return DcvQuestion{AcmeDnsAccount01{std::move(digest), std::move(account)}};
  };
  const std::string& good = test::kSharedDigest;
  check_rows({
      {"acme-dns-01", dns01(good), ""},
      {"no digest", dns01(""), "key_authorization_digest"},
      {"a short digest", dns01(good.substr(1)), "key_authorization_digest"},
      {"a long digest", dns01(good + "A"), "key_authorization_digest"},
      {"a padded digest", dns01(good.substr(1) + "="), "key_authorization_digest"},
      {"a digest in plain base64", dns01("/" + good.substr(1)), "key_authorization_digest"},
      {"a digest in hexadecimal", dns01(std::string(64, 'a')), "key_authorization_digest"},
      {"acme-dns-account-01", account01(good, kAccount), ""},
      {"an account of another scheme", account01(good, "acct:1@ca.example"), ""},
      {"the longest account", account01(good, "urn:" + std::string(1020, 'a')), ""},
      {"a bad digest with an account", account01("x", kAccount), "key_authorization_digest"},
      {"no account", account01(good, ""), "account_uri"},
      {"an account that is no URI", account01(good, "12345"), "account_uri"},
      {"an account with a blank", account01(good, "https://ca.example/acct 1"), "account_uri"},
      {"an account outside ASCII", account01(good, "https://ca.example/\xC3\xA9"), "account_uri"},
      {"an account of over 1,024 octets", account01(good, "urn:" + std::string(1021, 'a')), "account_uri"},
      {"acme-tls-alpn-01 is its digest", {AcmeTlsAlpn01{}}, ""},
  });
}

TEST_CASE("website-change asks for a file in its directory, and does not name the value (BR 3.2.2.4.18)",
          "[dcv][question]") {
  const std::string value = "bQkz7Yc1nXw4Gd8Rf0Lp2A";
  const auto file = [&](std::string path) { return DcvQuestion{WebsiteChange{std::move(path), value, false, ""}}; };
  const auto of_value = [](std::string text) {
    return DcvQuestion{WebsiteChange{"fileauth.txt", std::move(text), false, ""}};
  };
  const auto matching = [&](std::string regex) {
    return DcvQuestion{WebsiteChange{"f", value, true, std::move(regex)}};
  };
  check_rows({
      {"a file", file("fileauth.txt"), ""},
      {"a file in a directory", file("a/b-c_d~e/file.html"), ""},
      {"the longest path", file(std::string(256, 'a')), ""},
      {"dots that lead nowhere", file("...a/.b"), ""},
      {"no path", file(""), "path"},
      {"257 octets", file(std::string(257, 'a')), "path"},
      {"an absolute path", file("/etc/passwd"), "path"},
      {"a parent", file("../x"), "path"},
      {"a parent inside", file("a/../../x"), "path"},
      {"a parent at the end", file("a/.."), "path"},
      {"the directory itself", file("."), "path"},
      {"a directory", file("a/"), "path"},
      {"an empty segment", file("a//b"), "path"},
      {"a query", file("a?b"), "path"},
      {"a fragment", file("a#b"), "path"},
      {"percent-encoding", file("%2e%2e/x"), "path"},
      {"a backslash", file("a\\b"), "path"},
      {"a blank", file("a b"), "path"},
      {"a newline", file("a\r\nHost: x"), "path"},
      {"a zero octet", file(std::string("a\0b", 3)), "path"},
      {"outside ASCII", file("caf\xC3\xA9"), "path"},
      {"the value in the path", file("a/" + value + ".txt"), "path"},
      {"the longest value", of_value(std::string(1024, 'v')), ""},
      {"a value with blanks inside", of_value("ca.example 20261123 a7f3"), ""},
      {"no value: it would match every page", of_value(""), "challenge_value"},
      {"a value of 1,025 octets", of_value(std::string(1025, 'v')), "challenge_value"},
      {"a blank in front", of_value(" value"), "challenge_value"},
      {"a blank at the end", of_value("value "), "challenge_value"},
      {"only blanks", of_value("   "), "challenge_value"},
      {"a newline in the value", of_value("a\nb"), "challenge_value"},
      {"a value outside ASCII", of_value("caf\xC3\xA9"), "challenge_value"},
      {"a regular expression", matching("^[0-9a-f]+\\s*$"), ""},
      {"the longest regular expression", matching(std::string(256, 'a')), ""},
      {"257 octets of regular expression", matching(std::string(257, 'a')), "match_regex"},
      {"a regular expression that does not end", matching("("), "match_regex"},
      {"a backreference, which RE2 has not", matching("(a)\\1"), "match_regex"},
      {"a small pattern for a large program", matching("((a{1000}){1000}){1000}"), "match_regex"},
  });
}

TEST_CASE("dns-change names a value, a type and at most one label (BR 3.2.2.4.7)", "[dcv][question]") {
  const auto asked = [](RecordType type, std::string prefix, std::string value = "v") {
    return DcvQuestion{DnsChange{std::move(value), type, std::move(prefix), false, false}};
  };
  const auto under = [&](std::string prefix) { return asked(RecordType::kTxt, std::move(prefix)); };
  check_rows({
      {"TXT at the name itself", under(""), ""},
      {"CNAME", asked(RecordType::kCname, "_dnsauth"), ""},
      {"CAA", asked(RecordType::kCaa, ""), ""},
      {"an A record", asked(RecordType::kA, ""), "record_type"},
      {"a PTR record", asked(RecordType::kPtr, ""), "record_type"},
      {"the longest label", under("_" + std::string(62, 'a')), ""},
      {"underscores and hyphens", under("__a-b_c"), ""},
      {"a label without an underscore", under("dnsauth"), "name_prefix"},
      {"an underscore alone", under("_"), "name_prefix"},
      {"two labels", under("_a.b"), "name_prefix"},
      {"a final dot", under("_a."), "name_prefix"},
      {"a hyphen at the end", under("_a-"), "name_prefix"},
      {"upper case", under("_A"), "name_prefix"},
      {"a wildcard", under("_*"), "name_prefix"},
      {"64 octets", under("_" + std::string(63, 'a')), "name_prefix"},
      {"no value: it would match every record", asked(RecordType::kTxt, "", ""), "challenge_value"},
      {"a value with a control character", asked(RecordType::kTxt, "", "a\x7f"), "challenge_value"},
  });
}

TEST_CASE("dns-persistent names issuers and one account (BR 3.2.2.4.22)", "[dcv][question]") {
  const auto asked = [](std::vector<std::string> issuers, std::string account = kAccount) {
    return DcvQuestion{DnsPersistent{std::move(issuers), std::move(account)}};
  };
  check_rows({
      {"one issuer", asked({"ca.example"}), ""},
      {"sixteen issuers", asked(std::vector<std::string>(16, "ca.example")), ""},
      {"no issuer", asked({}), "issuer_domains"},
      {"seventeen issuers", asked(std::vector<std::string>(17, "ca.example")), "issuer_domains"},
      {"an empty issuer", asked({""}), "issuer_domains"},
      {"an issuer in upper case", asked({"CA.example"}), "issuer_domains"},
      {"an issuer with a final dot", asked({"ca.example."}), "issuer_domains"},
      {"no account", asked({"ca.example"}, ""), "account_uri"},
      {"an account that is no URI", asked({"ca.example"}, "1"), "account_uri"},
      {"an account that no record can name", asked({"ca.example"}, "urn:a;b"), "account_uri"},
      {"an account of over 1,024 octets", asked({"ca.example"}, "urn:" + std::string(1021, 'a')), "account_uri"},
  });
}

TEST_CASE("a contact is one that the record may hold (BR Appendix A)", "[dcv][question]") {
  const auto email = [](std::string contact) {
    return DcvQuestion{ContactLookup{DcvMethod::kContactEmailTxt, contact}};
  };
  const auto phone = [](std::string contact) {
    return DcvQuestion{ContactLookup{DcvMethod::kContactPhoneCaa, contact}};
  };
  check_rows({
      {"an address", email("admin@example.com"), ""},
      {"an address for CAA", {ContactLookup{DcvMethod::kContactEmailCaa, "admin@example.com"}}, ""},
      {"a number", phone("+1 555 555 0100"), ""},
      {"a number for TXT", {ContactLookup{DcvMethod::kContactPhoneTxt, "+15555550100"}}, ""},
      {"no contact", email(""), "contact"},
      {"a number for an address", email("+15555550100"), "contact"},
      {"an address for a number", phone("admin@example.com"), "contact"},
      {"a display name", email("Admin <admin@example.com>"), "contact"},
      {"a local number", phone("5550100"), "contact"},
      {"a method of another kind", {ContactLookup{DcvMethod::kDnsChange, "admin@example.com"}}, "method"},
      {"ip-address has nothing to refuse", {IpAddressLookup{test::ip("192.0.2.1")}}, ""},
      {"reverse-address-lookup has nothing to refuse", {ReverseAddressLookup{test::dns_name("example.com")}}, ""},
  });
}

TEST_CASE("a Random Value has room for 112 bits (BR 1.6.1)", "[dcv][question]") {
  struct Value {
    const char* rule;
    std::string just_enough;
    bool without_case;
  };
  const Value values[] = {
      {"34 digits", repeated("7", 34), false},
      {"28 hexadecimal digits", repeated("a7", 14), false},
      {"28 hexadecimal digits in upper case", repeated("A7", 14), false},
      {"22 letters and digits of one case", repeated("z7", 11), false},
      {"22 letters and digits in upper case", repeated("Z7", 11), false},
      {"19 base64url digits", "aZ7-" + repeated("xYz", 5), false},
      {"18 printable characters", "aZ!" + repeated("xYz", 5), false},
      {"hexadecimal digits lose nothing without case", repeated("a7", 14), true},
      {"22 base64url digits without case", "aZ7-" + repeated("xYz", 6), true},
      {"19 printable characters without case", "aZ!." + repeated("xYz", 5), true},
  };
  for (const Value& row : values) DYNAMIC_SECTION(row.rule) {
      CHECK(check_random_value(row.just_enough, row.without_case));
      // From the end, so that the kind stays the same.
      const auto less = check_random_value(row.just_enough.substr(0, row.just_enough.size() - 1), row.without_case);
      REQUIRE_FALSE(less);
      CHECK(less.error().code == ProblemCode::kInvalidArgument);
      CHECK(less.error().where == "challenge_value");
      CHECK_THAT(less.error().detail, Catch::Contains("112 bits"));
    }
  CHECK_FALSE(check_random_value(""));
  CHECK_FALSE(check_random_value("abc.defghijklmnopqr", true));  // a host name of 19 letters and a dot: 100 bits
  CHECK(check_random_value("abc.defghijklmnopqrstu", true));
  CHECK(check_random_value(test::kSharedToken, true));
}

}  // namespace mpic::rules
