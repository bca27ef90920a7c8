#include "common/rules/redirect.hpp"

#include "common/domain/observation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

const char* const kFrom = "http://example.com/.well-known/acme-challenge/abc?x=1";

Expected<HttpTarget> led_to(std::string_view location, unsigned status = 302, const char* from = kFrom) {
  return redirect_target(*parse_target(from), status, location);
}

}  // namespace

TEST_CASE("where a redirect must not lead (BR 3.2.2.4.19)", "[redirect][hostile]") {
  struct Row {
    const char* rule;
    std::string location;
    const char* says;
  };
  const Row rows[] = {
      {"another scheme", "gopher://letsencrypt.org", "http"},
      {"a scheme without an authority", "javascript:alert(1)", "http"},
      {"a file", "file:///etc/passwd", "http"},
      {"another port", "https://weird.port.letsencrypt.org:9999", "ports 80 and 443"},
      {"another port of an address", "http://127.0.0.1:9999", "ports 80 and 443"},
      {"another port of an IPv6 address", "http://[::1]:9999", "ports 80 and 443"},
      {"port 0", "http://example.com:0/", "ports 80 and 443"},
      {"a port that wraps round to 80", "http://example.com:65616/", "ports 80 and 443"},
      {"a port of many digits", "http://example.com:" + std::string(400, '8') + "/", "ports 80 and 443"},
      {"an empty host", "https:///who/needs/one", "empty"},
      {"an empty host, one slash", "http:/foo", "empty"},
      {"an empty host, no slash", "http:foo", "empty"},
      {"an empty host with a port", "http://:80/", "empty"},
      {"a missing slash", "https://my.webserver.is.misconfigured.well-known/acme-challenge/xxx", "a \"/\" seems"},
      {"a star in the host", "https://10.10.10.*", "not a domain name"},
      {"a zone in the address", "http://[::1%25lo]", "scope zone"},
      {"a bare zone in the address", "http://[fe80::1%eth0]/", "scope zone"},
      {"an address of the future", "http://[v1.a]/", "unknown kind"},
      {"user information", "http://user@example.com/", "user information"},
      {"user and password", "http://user:pass@example.com", "user information"},
      {"empty user information", "http://@example.com/", "user information"},
      {"a host that hides in the user information", "http://example.com@evil.example/", "user information"},
      {"a percent-encoded host", "http://ex%61mple.com/", "not a domain name"},
      {"a percent-encoded dot", "http://example%2ecom/", "not a domain name"},
      {"a decimal address", "http://2130706433/", "number"},
      {"a hexadecimal address", "http://0x7f000001/", "number"},
      {"an address of two parts", "http://127.1/", "number"},
      {"an octal address", "http://010.0.0.1/", "number"},
      {"an address and a final dot", "http://127.0.0.1./", "do not belong"},
      {"two ports", "http://127.0.0.1:80:80/", "do not belong"},
      {"an underscore in the host", "http://a_b.example.com/", "underscore"},
      {"a reserved label", "http://bq--x.example.com/", "reserved label"},
      {"a tab", "http://example.com/\tb", "blank"},
      {"a tab in the host", "http://exam\tple.com/", "blank"},
      {"a newline", "http://example.com/\r\nX: y", "blank"},
      {"a zero octet", std::string("http://example.com/\0", 20), "blank"},
      {"a blank before it", " http://example.com/", "blank"},
      {"a character outside ASCII", "http://example.com/\xC3\xA4", "outside ASCII"},
      {"a backslash", "http://example.com\\@evil.example/", "not a URL"},
      {"backslashes as slashes", "\\\\evil.example\\x", "not a URL"},
      {"a bad percent-encoding", "http://example.com/%zz", "not a URL"},
      {"no Location", "", "without a Location"},
      {"a Location that is too long", "http://example.com/" + std::string(kMaxUrl, 'a'), "2,048"},
      {"a relative Location that makes the URL too long", "/" + std::string(kMaxUrl - 10, 'a'), "2,048"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto target = led_to(row.location);
      REQUIRE_FALSE(target);
      CHECK(target.error().code == ProblemCode::kRedirectForbidden);
      CHECK_THAT(target.error().detail, Catch::Contains(row.says));
      CHECK(target.error().where.find_first_of(std::string_view("\0\t\r\n", 4)) == std::string::npos);
      CHECK(target.error().where.size() <= 1'024);
    }
}

TEST_CASE("where a redirect leads (RFC 3986 5)", "[redirect]") {
  struct Row {
    const char* rule;
    const char* location;
    const char* url;
  };
  const Row rows[] = {
      {"a public IPv4 address", "http://8.8.8.8", "http://8.8.8.8/"},
      {"a reserved address is the address policy's affair", "http://10.10.10.10", "http://10.10.10.10/"},
      {"an IPv6 address", "http://[2606:4700::1111]/x", "http://[2606:4700::1111]/x"},
      {"an IPv6 address becomes canonical", "http://[2606:4700:0:0:0:0:0:1111]/", "http://[2606:4700::1111]/"},
      {"an IPv6 documentation address", "http://[3fff:aaa:aaaa:aaaa:abad:0ff1:cec0:ffee]",
       "http://[3fff:aaa:aaaa:aaaa:abad:ff1:cec0:ffee]/"},
      {"a host", "http://cpu.letsencrypt.org", "http://cpu.letsencrypt.org/"},
      {"the scheme's own port", "http://cpu.letsencrypt.org:80/", "http://cpu.letsencrypt.org/"},
      {"https", "https://cpu.letsencrypt.org", "https://cpu.letsencrypt.org/"},
      {"https and its port", "https://cpu.letsencrypt.org:443/x", "https://cpu.letsencrypt.org/x"},
      {"port 443 for http", "http://cpu.letsencrypt.org:443/x", "http://cpu.letsencrypt.org:443/x"},
      {"port 80 for https", "https://cpu.letsencrypt.org:80/", "https://cpu.letsencrypt.org:80/"},
      {"an empty port", "http://example.com:/x", "http://example.com/x"},
      {"a port with leading zeros", "http://example.com:0080/", "http://example.com/"},
      {"upper case", "HTTP://Example.COM/Ok", "http://example.com/Ok"},
      {"a final dot", "http://example.com./x", "http://example.com/x"},
      {"one label: no list of TLDs is kept for this", "http://localhost/", "http://localhost/"},
      {"a TLD that does not exist, alike", "https://my.tld.is.cpu/x", "https://my.tld.is.cpu/x"},
      {"the network-path form", "//other.example/x", "http://other.example/x"},
      {"an absolute path", "/x/y", "http://example.com/x/y"},
      {"a relative path", "x/y", "http://example.com/.well-known/acme-challenge/x/y"},
      {"a relative path with a colon later", "x/y:z", "http://example.com/.well-known/acme-challenge/x/y:z"},
      {"a query alone", "?q=2", "http://example.com/.well-known/acme-challenge/abc?q=2"},
      {"a fragment alone keeps the query", "#frag", "http://example.com/.well-known/acme-challenge/abc?x=1"},
      {"a fragment is dropped", "/x?y#z", "http://example.com/x?y"},
      {"an empty query stays", "/x?", "http://example.com/x?"},
      {"no path", "http://example.com?q", "http://example.com/?q"},
      {"dot segments", "/a/../b/./c", "http://example.com/b/c"},
      {"dot segments above the root", "../../../../x", "http://example.com/x"},
      {"dot segments at the end", "/a/b/..", "http://example.com/a/"},
      {"a dot at the end", "/a/b/.", "http://example.com/a/b/"},
      {"dot segments of an absolute URL", "http://example.com/a/../../b", "http://example.com/b"},
      {"dots that are names", "/..a/b../...", "http://example.com/..a/b../..."},
      {"empty segments stay", "/a//b//../c", "http://example.com/a//b/c"},
      {"percent-encoding stays as it came", "/%7Efoo/%2e%2E/%41", "http://example.com/%7Efoo/%2e%2E/%41"},
      {"an A-label host", "http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"},
      {"a URL in the query", "/x?u=http://evil.example:99/", "http://example.com/x?u=http://evil.example:99/"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.location << ")") {
      const auto target = led_to(row.location);
      REQUIRE(target);
      CHECK(target->url() == row.url);
      const auto again = parse_target(target->url());
      REQUIRE(again);
      CHECK(*again == *target);
    }
}

TEST_CASE("a redirect keeps the scheme and port that it does not name", "[redirect]") {
  CHECK(led_to("/x", 302, "https://example.com/a")->url() == "https://example.com/x");
  CHECK(led_to("x", 302, "http://example.com:443/a/b")->url() == "http://example.com:443/a/x");
  CHECK(led_to("//other.example/", 302, "https://example.com/a")->url() == "https://other.example/");
  CHECK(led_to("//other.example/", 302, "http://example.com:443/a")->url() == "http://other.example/");
  CHECK(led_to("/x", 302, "http://[2606:4700::1111]/a")->url() == "http://[2606:4700::1111]/x");
}

TEST_CASE("only four statuses lead on (BR 3.2.2.4.19)", "[redirect]") {
  for (unsigned status = 0; status < 1'000; ++status) {
    const bool leads = status == 301 || status == 302 || status == 307 || status == 308;
    if (led_to("/x", status).has_value() != leads) FAIL(status);
  }
  CHECK_THAT(led_to("/x", 303).error().detail, Catch::Contains("303"));
}

TEST_CASE("the first URL and its Host header (RFC 8555 8.3)", "[redirect]") {
  struct Row {
    const char* identifier;
    const char* url;
    const char* host_header;
    const char* host_text;
  };
  const Row rows[] = {
      {"example.com", "http://example.com/.well-known/acme-challenge/tok", "example.com", "example.com"},
      {"127.0.0.1", "http://127.0.0.1/.well-known/acme-challenge/tok", "127.0.0.1", "127.0.0.1"},
      {"::1", "http://[::1]/.well-known/acme-challenge/tok", "[::1]", "::1"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.identifier) {
      const Identifier identifier = test::identifier(row.identifier);
      const auto target = identifier.is_ip() ? acme_challenge_url(identifier.ip(), "tok")
                                             : acme_challenge_url(identifier.name(), "tok");
      CHECK(target.url() == row.url);
      CHECK(target.host_header() == row.host_header);
      CHECK(target.host_text() == row.host_text);
      CHECK(target.port == 80);
      CHECK_FALSE(target.https);
    }
  CHECK(parse_target("https://example.com:80/")->host_header() == "example.com:80");
}

TEST_CASE("only what url() writes is read back", "[redirect][hostile]") {
  for (const char* text :
       {"", "/x", "//example.com/", "http://Example.com/", "http://example.com", "http://example.com:80/",
        "http://example.com/#f", "http://example.com/a/../b", "http://example.com./",
        "http://[2606:4700:0:0:0:0:0:1111]/", "http://user@example.com/", "ftp://example.com/"}) {
    INFO(text);
    CHECK_FALSE(parse_target(text));
  }
  CHECK_FALSE(parse_target("http://example.com/" + std::string(kMaxUrl, 'a')));
  CHECK(parse_target("http://example.com/" + std::string(kMaxUrl - 19, 'a')));
}

}  // namespace mpic::rules
