#include "common/domain/identifier.hpp"

#include "common/domain/punycode.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic {
namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a request's name is a lower-case FQDN of A-labels (BR 7.1.2.7.12)", "[identifier]") {
  struct Row {
    const char* rule;
    std::string text;
    const char* says;
  };
  const std::string label63(63, 'a');
  const Row refused[] = {
      {"empty", "", "empty"},
      {"a character that no host name has", "zomb!.com", "no host name has"},
      {"an e-mail address", "a@b.com", "no host name has"},
      {"user information", "user:pass@example.com", ""},
      {"a blank", "exam ple.com", "no host name has"},
      {"a newline", "example.com\n", "no host name has"},
      {"a zero octet", std::string("example.com\0.evil.com", 21), "no host name has"},
      {"a backslash", "exam\\ple.com", "no host name has"},
      {"a slash", "example.com/", "no host name has"},
      {"a colon", "example.com:80", ""},
      {"a percent sign", "ex%61mple.com", "no host name has"},
      {"a U-label",
       "b\xC3\xBC"
       "cher.com",
       "outside ASCII"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "example.com",
       "outside ASCII"},
      {"a right-to-left mark", "example\xE2\x80\x8F.com", "outside ASCII"},
      {"a right-to-left override",
       "\xE2\x80\xAE"
       "example.com",
       "outside ASCII"},
      {"an ideographic full stop",
       "example\xE3\x80\x82"
       "com",
       "outside ASCII"},
      {"an underscore", "_acme.example.com", "underscore"},
      {"an underscore inside", "a_b.example.com", "underscore"},
      {"an IPv4 address as a name", "127.0.0.1", ""},
      {"an IPv6 address as a name", "fe80::1:1", "no host name has"},
      {"an IPv6 address in brackets", "[2001:db8::1]", "no host name has"},
      {"a last label that is a number", "example.123", "number"},
      {"an address in fewer parts", "127.1", ""},
      {"an address in hexadecimal", "0x7f.0x1", "number"},
      {"an address with an octal part", "010.0.0.1", ""},
      {"254 octets", repeated("a.", 125) + "abcd", "253"},
      {"a label of 64 octets", label63 + "a.com", "63 octets"},
      {"a label that begins with a hyphen", "-example.com", "hyphen"},
      {"a label that ends with a hyphen", "example-.com", "hyphen"},
      {"an A-label without text", "xn--.net", "hyphen"},
      {"one label", "com", "one label"},
      {"a dot in front", ".example.com", "empty label"},
      {"two dots", "a..example.com", "empty label"},
      {"two dots in front", "..example.com", "empty label"},
      {"a final dot", "example.com.", "empty label"},
      {"only a dot", ".", "empty label"},
      {"a reserved label", "bq--abwhky3f6fxq.example.com", "reserved label"},
      {"a reserved label with hyphens only by chance", "h3--test.example.com", "reserved label"},
      {"three hyphens", "h---test.hk2yz.org", "reserved label"},
      {"Punycode that does not decode", "xn--99999999999.example.com", "Punycode"},
      {"Punycode of plain ASCII", "xn--abc-.example.com", ""},
      {"Punycode of nothing but a delimiter", "xn---.example.com", ""},
      {"Punycode that ends in the middle of a number", "xn--bcher-kv.example.com", "Punycode"},
      {"Punycode text that is not in NFC", "xn--o-ccb.com", "Normalization Form C"},
  };
  for (const Row& row : refused) DYNAMIC_SECTION("refused: " << row.rule) {
      const auto name = DnsName::parse(row.text);
      REQUIRE_FALSE(name);
      CHECK(name.error().code == ProblemCode::kInvalidArgument);
      CHECK_THAT(name.error().detail, Catch::Contains(row.says));
      const auto identifier = Identifier::parse(row.text);
      CHECK((!identifier || identifier->is_ip()));
    }

  const Row accepted[] = {
      {"an ordinary name", "example.com", "example.com"},
      {"upper case is lowered", "EXAMPLE.Com", "example.com"},
      {"digits first", "0example.com", "0example.com"},
      {"labels of digits", "1.2.3.example", "1.2.3.example"},
      {"hyphens inside", "a-b.c--d.example.com", "a-b.c--d.example.com"},
      {"a hyphen at the third place alone", "ab-c.example.com", "ab-c.example.com"},
      {"a label of 63 octets", label63 + ".com", ""},
      {"253 octets", repeated("a.", 125) + "abc", ""},
      {"eleven labels and more", repeated("a.", 20) + "example.com", ""},
      {"an A-label", "xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"an A-label TLD", "example.xn--p1ai", "example.xn--p1ai"},
      {"an A-label with sharp s, new in IDNA2008", "xn--strae-oqa.de", "xn--strae-oqa.de"},
      {"a P-Label that IDNA2008 would not register (a heart)", "xn--i-7iq.ws", "xn--i-7iq.ws"},
      {"hexadecimal letters are no number", "face.b00c", "face.b00c"},
      {"a last label with a digit", "example.com2", "example.com2"},
  };
  for (const Row& row : accepted) DYNAMIC_SECTION("accepted: " << row.rule) {
      const auto name = DnsName::parse(row.text);
      REQUIRE(name);
      if (*row.says != '\0') CHECK(name->text() == row.says);
    }
}

TEST_CASE("a host met on the way may have a final dot or one label", "[identifier]") {
  CHECK(DnsName::parse_host("Example.COM.")->text() == "example.com");
  CHECK(DnsName::parse_host("com")->text() == "com");
  CHECK_FALSE(DnsName::parse_host("example.com.."));
  CHECK_FALSE(DnsName::parse_host("."));
  CHECK_FALSE(DnsName::parse_host(""));
  CHECK_FALSE(DnsName::parse_host("127.0.0.1."));
  CHECK_FALSE(DnsName::parse_host("2130706433"));
  CHECK_FALSE(DnsName::parse_host("0x7f000001"));
}

TEST_CASE("a name knows its parents down to the TLD (RFC 8659 3)", "[identifier]") {
  const DnsName name = test::dns_name("a.b.example.com");
  CHECK(name.label_count() == 4);
  CHECK(name.tld() == "com");
  std::vector<std::string> climb;
  for (const DnsName& ancestor : name.self_and_parents()) climb.push_back(ancestor.text());
  CHECK(climb == std::vector<std::string>{"a.b.example.com", "b.example.com", "example.com", "com"});
  CHECK(name.is_at_or_below(name));
  CHECK(name.is_at_or_below(test::dns_name("example.com")));
  CHECK_FALSE(name.is_at_or_below(test::dns_name("xample.com")));
  CHECK_FALSE(name.is_at_or_below(test::dns_name("c.a.b.example.com")));
  const std::string longest = repeated("a.", 126) + "a";
  CHECK(test::dns_name(longest).self_and_parents().size() == 127);
}

TEST_CASE("a wildcard is exactly \"*.\" and a name (BR 1.6.1)", "[identifier]") {
  for (const char* text : {"*", "*.", "zombo*com", "zombo*.com", "ok.*.whatever.com", "**", "*.*", "*.*.com", "**.com",
                           "*.com", "*.127.0.0.1", "*.192.0.2.1", "*..com", "*example.com", "example.*", "*._x.com"}) {
    INFO(text);
    CHECK_FALSE(Identifier::parse(text));
  }
  const Identifier wildcard = test::identifier("*.Everything.is.possible.at.zombo.com");
  CHECK(wildcard.is_wildcard());
  CHECK_FALSE(wildcard.is_ip());
  CHECK(wildcard.text() == "*.everything.is.possible.at.zombo.com");
  CHECK(wildcard.name().text() == "everything.is.possible.at.zombo.com");
  CHECK_FALSE(test::identifier("zombo.com").is_wildcard());
}

TEST_CASE("an IP address is written in one way (RFC 5952)", "[identifier]") {
  struct Row {
    const char* rule;
    const char* text;
  };
  const Row refused[] = {
      {"five parts", "192.0.2.1.5"},
      {"a part over 255", "192.0.2.256"},
      {"hexadecimal parts", "0xc0.0x0.0x2.0x1"},
      {"a prefix length", "192.0.2.1/32"},
      {"a port", "192.0.2.1:80"},
      {"a leading zero", "192.0.02.1"},
      {"three parts", "192.0.2"},
      {"a final dot", "192.0.2.1."},
      {"a blank", " 192.0.2.1"},
      {"an IPv6 prefix length", "2001:db8::1/128"},
      {"brackets", "[2001:db8::1]"},
      {"brackets and a port", "[2001:db8::1]:443"},
      {"a zone", "fe80::1%lo"},
      {"an empty zone", "fe80::1%"},
      {"a leading zero in a group", "2001:db8::01"},
      {"zeros that are not shortened", "2001:db8:0:0:0:0:2:1"},
      {"zeros that are not shortened as far as they go", "2001:db8::0:1"},
      {"one group shortened", "2001:db8::1:1:1:1:1"},
      {"the second of two equal runs", "2001:db8:0:0:1::1"},
      {"the shorter of two runs", "2001::1:0:0:0:1"},
      {"upper case", "2001:DB8::1"},
      {"nine groups", "1:2:3:4:5:6:7:8:9"},
      {"two shortenings", "2001::1::1"},
      {"a mapped address in hexadecimal", "::ffff:c000:201"},
      {"dots outside a mapped address", "2001:db8::192.0.2.1"},
      {"only colons", ":::"},
  };
  for (const Row& row : refused) DYNAMIC_SECTION("refused: " << row.rule) {
      CHECK_FALSE(IpAddress::parse(row.text));
      CHECK_FALSE(Identifier::parse(row.text));
    }
  for (const char* text : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "8.8.8.8", "::", "::1", "::1:2", "2001:db8::1",
                           "2001:db8::1:0:0:1", "2001:db8:0:1:1:1:1:1", "2001:db8:1:1:1:1:1:0", "1:2:3:4:5:6:7:8",
                           "1:0:0:2::", "::ffff:192.168.1.1", "fe80::1", "2001:0:0:1::1", "1::"}) {
    INFO(text);
    const auto address = IpAddress::parse(text);
    REQUIRE(address);
    CHECK(address->text() == text);
    CHECK(Identifier::parse(text)->is_ip());
    CHECK(Identifier::parse(text)->text() == text);
    CHECK(IpAddress::from_octets(address->octets()) == *address);
  }
  // A reverse name is a name; whether it may be validated is policy.
  CHECK_FALSE(Identifier::parse("1.2.0.192.in-addr.arpa")->is_ip());
  CHECK(IpAddress::parse("2001:db8:0:0::1").error().detail.find("2001:db8::1") != std::string::npos);
}

TEST_CASE("an address from RDATA has the size of its family", "[identifier]") {
  for (std::size_t size = 0; size <= 20; ++size) {
    const auto address = IpAddress::from_octets(std::vector<std::uint8_t>(size, 1));
    CHECK(address.has_value() == (size == 4 || size == 16));
    if (!address) CHECK(address.error().code == ProblemCode::kDnsMalformed);
  }
  CHECK(IpAddress::v4({1, 2, 3, 4}) != IpAddress::v6({1, 2, 3, 4}));
}

TEST_CASE("Punycode is read as RFC 3492 7.1 shows it, and only so", "[identifier]") {
  struct Row {
    const char* encoded;
    std::u32string text;
  };
  const Row rows[] = {
      {"bcher-kva", U"b\u00FCcher"},
      {"egbpdaj6bu4bxfgehfvwxn",
       U"\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A"
       U"\u061F"},
      {"ihqwcrb4cv8a8dqg056pqjye", U"\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587"},
      {"3b-ww4c5e180e575a65lsy2b", U"3\u5E74b\u7D44\u91D1\u516B\u5148\u751F"},
      {"2-u9tlzr9756bt3uc0v", U"\u3072\u3068\u3064\u5C4B\u6839\u306E\u4E0B2"},
      {"-> $1.00 <--", U""},
      {"", U""},
      {"-", U""},
      {"abc-", U""},
      {"\xC3\xBC", U""},
      {"BCHER-KVA", U""},
      {"99999999999999999999999999999999999999", U""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.encoded) {
      const auto text = punycode_decoded(row.encoded);
      if (row.text.empty()) {
        CHECK_FALSE(text);
      } else {
        CHECK(text == row.text);
      }
    }
}

}  // namespace mpic
