// What an unbound.conf may not hold, by the clause.
#include "agent/service/resolver_policy.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using agent::check_resolver_configuration;
using Catch::Matchers::Contains;

namespace {

// As docs/operations.md shows it.
constexpr const char* kGood = R"(server:
  interface: 127.0.0.1
  module-config: "validator iterator"
  auto-trust-anchor-file: "/var/lib/unbound/root.key"
  val-permissive-mode: no
  ede: yes
  cache-max-ttl: 60
  cache-max-negative-ttl: 60
  serve-expired: no
)";
constexpr std::size_t kLines = 9;  // of it

std::string told(const std::string& text, bool own_tree = false) {
  std::string out;
  for (const auto& finding : check_resolver_configuration(text, own_tree)) {
    out += std::to_string(finding.line) + ": " + finding.text + '\n';
  }
  return out;
}

std::string without(std::string text, const std::string& line) {
  const auto at = text.find(line);
  return text.erase(at, text.find('\n', at) + 1 - at);
}

}  // namespace

TEST_CASE("a resolver that validates, asks the DNS itself and forgets is good", "[agent][resolver][policy]") {
  CHECK(told(kGood).empty());
}

TEST_CASE("what weakens validation or is not the perspective's own is refused (BR 4.2.2.2.4, 3.2.2.9)",
          "[agent][resolver][policy]") {
  struct Row {
    const char* line;  // put at the end of a good configuration
    const char* says;  // nullptr: nothing
    bool lab_may;      // a laboratory with a tree of its own
  };
  constexpr const char* kValidation = "BR 4.2.2.2.4";
  constexpr const char* kOwn = "BR 3.2.2.9";
  const Row rows[] = {
      {"domain-insecure: \"example.com\"", kValidation, false},
      {"domain-insecure: example.com", kValidation, false},
      {"fake-sha1: yes", kValidation, false},
      {"fake-dsa: yes", kValidation, false},
      {"fake-dsa: no", nullptr, true},
      {"val-nsec3-keysize-iterations: \"1024 0\"", kValidation, false},
      {"serve-original-ttl: yes", "more than 60 s", false},
      {"serve-original-ttl: no", nullptr, true},
      {"root-hints: \"roots\"", kValidation, true},
      {"control-enable: yes", kValidation, true},
      {"control-enable: no", nullptr, true},
      {"insecure-lan-zones: yes", kValidation, false},
      {"insecure-lan-zones: no", nullptr, true},
      {"val-permissive-mode: yes", kValidation, false},
      {"val-permissive-mode: no", nullptr, true},
      {"val-permissive-mode:", kValidation, false},
      {"val-override-date: \"20270101000000\"", kValidation, false},
      {"val-override-date: -1", kValidation, false},
      {"val-override-date: \"\"", nullptr, true},
      {"val-sig-skew-max: 86400", nullptr, true},
      {"val-sig-skew-max: 864000", kValidation, false},
      {"val-sig-skew-min: 86400", kValidation, false},
      {"val-sig-skew-min: 1e9", kValidation, false},
      {"harden-dnssec-stripped: no", kValidation, false},
      {"harden-dnssec-stripped: yes", nullptr, true},
      {"disable-edns-do: yes", kValidation, false},
      {"module-config: \"iterator\"", kValidation, false},
      {"module-config: iterator", kValidation, false},
      {"module-config: \"python validator iterator\"", kValidation, false},
      {"module-config: \"dns64 validator iterator\"", kValidation, false},
      {"module-config: \"respip validator iterator\"", kValidation, false},
      {"module-config: \"iterator validator\"", kValidation, false},
      {"module-config: \"subnetcache validator iterator\"", nullptr, true},
      {"module-config: ' validator  iterator '", nullptr, true},
      {"trust-anchor-file: /etc/my-root.key", kValidation, true},
      {"trusted-keys-file: /etc/keys", kValidation, true},
      {"trust-anchor: \"example.com DS 31560 5 1 1CFED84787E6E19CCF9372C1187325972FE546CD\"", kValidation, true},
      {"trust-anchor: \". DS 20326 8 2 0000000000000000000000000000000000000000000000000000000000000000\"", kValidation,
       true},
      {"trust-anchor: \". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\"", nullptr,
       true},
      {"trust-anchor: \". 3600 IN DS 38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16\"",
       nullptr, true},
      {"trust-anchor: \". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D084 58E880409BBC683457104237C7F8EC8D\"", nullptr,
       true},
      {"trust-anchor: \"test. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\"",
       kValidation, true},
      {"trust-anchor: \".\"", kValidation, true},
      {"auto-trust-anchor-file: other.key", nullptr, true},
      {"stub-zone:\n  name: test", kValidation, true},
      {"auth-zone:\n  name: test", kValidation, true},
      {"local-data: \"www.example.com A 192.0.2.1\"", kValidation, true},
      {"local-data-ptr: \"192.0.2.1 www.example.com\"", kValidation, true},
      {"local-zone: \"example.com.\" static", kValidation, true},
      {"local-zone: \"test.\" nodefault", nullptr, true},
      {"local-zone: test. transparent", nullptr, true},
      {"rpz:\n  name: rpz.example", kValidation, false},
      {"response-ip: 192.0.2.0/24 redirect", kValidation, false},
      {"response-ip-data: 192.0.2.0/24 \"A 192.0.2.1\"", kValidation, false},
      {"view:\n  name: other", "otherwise than others", false},
      {"forward-zone:\n  name: \".\"", kOwn, false},
      {"cachedb:\n  backend: redis", kOwn, false},
      {"serve-expired: yes", "no longer so", false},
      {"cache-max-ttl: 61", "60 s", false},
      {"cache-max-ttl: 86400", "60 s", false},
      {"cache-max-ttl: 30", nullptr, true},
      {"cache-max-negative-ttl: 3600", "60 s", false},
      {"cache-min-ttl: 300", "60 s", false},
      {"cache-min-ttl: 0", nullptr, true},
      {"cache-max-ttl: -1", "60 s", false},
      {"cache-max-ttl: much", "60 s", false},
      {"include: /etc/unbound/more.conf", kValidation, false},
      {"include: \"/etc/unbound/unbound.conf.d/*.conf\"", kValidation, false},
      {"include-toplevel: \"/etc/unbound/unbound.conf.d/*.conf\"", kValidation, false},
      {"ignore-cd-flag: yes", nullptr, true},  // stricter, not weaker
      {"private-domain: example.com", nullptr, true},
      {"qname-minimisation: yes", nullptr, true},
      {"remote-control:\n  control-enable: no", nullptr, true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.line) {
      const std::string text = std::string(kGood) + "  " + row.line + '\n';
      const std::string found = told(text);
      if (row.says == nullptr) {
        CHECK(found.empty());
      } else {
        CHECK_THAT(found, Contains(row.says));
        CHECK(found.starts_with(std::to_string(kLines + 1) + ": "));
      }
      CHECK(told(text, true).empty() == row.lab_may);
    }
}

TEST_CASE("what is missing is refused too", "[agent][resolver][policy]") {
  CHECK_THAT(told(without(kGood, "  auto-trust-anchor-file")), Contains("no trust anchor") && Contains("BR 4.2.2.2.1"));
  CHECK_THAT(told(without(kGood, "  cache-max-ttl")), Contains("cache-max-ttl is missing"));
  CHECK_THAT(told(without(kGood, "  cache-max-negative-ttl")), Contains("cache-max-negative-ttl is missing"));
  CHECK(told(without(kGood, "  module-config")).empty());  // Unbound's own default validates
  CHECK(check_resolver_configuration("", false).size() == 3);
}

TEST_CASE("options are found wherever Unbound's lexer would find them", "[agent][resolver][policy]") {
  const std::string insecure =
      "domain-insecure is a negative trust anchor: it switches validation off (BR 4.2.2.2.4)\n";
  const auto found = [](const std::string& text) { return told(kGood + text); };
  CHECK(found("ede: yes domain-insecure: example.com") == "10: " + insecure);
  CHECK(found("domain-insecure:example.com") == "10: " + insecure);
  CHECK(found("domain-insecure:\n\n  example.com") == "10: " + insecure);
  CHECK(found("interface: \"127.0.0.1\"domain-insecure: \"example.com\"") == "10: " + insecure);
  CHECK(found("\r\n\tdomain-insecure:\texample.com\r\n") == "11: " + insecure);
  CHECK(found("directory: \"a \\\" b\" domain-insecure: x") == "10: " + insecure);
  CHECK(found("val-permissive-mode:\n  yes").starts_with("10: val-permissive-mode"));
  CHECK(found("val-permissive-mode: yes val-permissive-mode: no").starts_with("10: val-permissive-mode"));
}

TEST_CASE("an option that follows its section without a blank is refused unread", "[agent][resolver][policy]") {
  const auto found = [](const std::string& text) { return told(kGood + text); };
  for (const char* glued : {"server:domain-insecure: example.com", "server:val-permissive-mode: yes",
                            "remote-control:control-enable: yes", "view:name: x", "python:server:ede: yes"}) {
    INFO(glued);
    CHECK_THAT(found(glued), Catch::Contains("begin a new line"));
  }
  CHECK(found("server:\nede: yes\nserver: ede: yes").empty());
}

TEST_CASE("and nowhere else", "[agent][resolver][policy]") {
  const auto found = [](const std::string& text) { return told(kGood + text); };
  CHECK(found("# domain-insecure: example.com").empty());
  CHECK(found("ede: yes # domain-insecure: example.com").empty());
  CHECK(found("directory: \"domain-insecure: example.com\"").empty());
  CHECK(found("directory: 'domain-insecure: example.com'").empty());
  CHECK(found("directory: \"it is # no comment\"").empty());
  CHECK(found("interface: 2001:db8::1").empty());
}

TEST_CASE("a quotation mark that is not closed hides nothing", "[agent][resolver][policy]") {
  const std::string found = told(std::string(kGood) + "directory: \"open\ndomain-insecure: example.com\n");
  CHECK_THAT(found, Contains("10: a quotation mark is not closed") && Contains("11: domain-insecure"));
}

TEST_CASE("several findings come in the order of their lines", "[agent][resolver][policy]") {
  const std::string found = told(std::string(kGood) + "domain-insecure: a\nserve-expired: yes\ndomain-insecure: b\n");
  CHECK(found.find("10: ") < found.find("11: "));
  CHECK(found.find("11: ") < found.find("12: "));
}
