#include "common/rules/namespace_policy.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {

TEST_CASE("the public suffix is that of the list's ICANN section", "[namespace]") {
  struct Row {
    const char* name;
    const char* suffix;
  };
  const Row rows[] = {
      {"kobe.jp", "jp"},
      {"c.kobe.jp", "c.kobe.jp"},
      {"city.kobe.jp", "kobe.jp"},
      {"a.city.kobe.jp", "kobe.jp"},
      {"a.c.kobe.jp", "c.kobe.jp"},
      {"test.kyoto.jp", "kyoto.jp"},
      {"foo.compute-1.amazonaws.com", "com"},
      {"cloudapp.net", "net"},
      {"example.github.io", "io"},
      {"example.co.uk", "co.uk"},
      {"co.uk", "co.uk"},
      {"foo.er", "foo.er"},
      {"a.foo.er", "foo.er"},
      {"www.ck", "ck"},
      {"a.www.ck", "ck"},
      {"xn--80ak6aa92e.xn--p1ai", "xn--p1ai"},
      {"example.example", ""},
      {"example.internal", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(public_suffix(test::dns_name(row.name)) == row.suffix);
    }
  CHECK(is_root_zone_tld("com"));
  CHECK(is_root_zone_tld("er"));
  CHECK(is_root_zone_tld("arpa"));
  CHECK(is_root_zone_tld("xn--p1ai"));
  for (const char* text : {"", "example", "acting", "internal", "163", "co.uk", "onion", "local"}) {
    CHECK_FALSE(is_root_zone_tld(text));
  }
}

TEST_CASE("which identifiers may be validated at all (BR 1.6.1, 3.2.2.6, 4.2.2)", "[namespace]") {
  struct Row {
    const char* rule;
    const char* identifier;
    const char* clause;  // in the refusal; "" when allowed
  };
  const Row rows[] = {
      {"an ordinary name", "example.com", ""},
      {"a wildcard on it", "*.example.com", ""},
      {"a deep wildcard", "*.everything.is.possible.zombo.com", ""},
      {"a suffix of the private section is an ordinary name", "github.io", ""},
      {"a wildcard on a private suffix", "*.github.io", ""},
      {"a name under a wildcard rule's exception", "city.kobe.jp", ""},
      {"a wildcard on the exception", "*.city.kobe.jp", ""},
      {"a TLD that does not exist", "example.acting", "Internal Name"},
      {"a name of an internal network", "example.internal", "Internal Name"},
      {"a wildcard under such a TLD", "*.ok.madeup", "Internal Name"},
      {"a special-use TLD", "example.local", "Internal Name"},
      {"home.arpa", "router.home.arpa", "Internal Name"},
      {"a public suffix", "co.uk", "3.2.2.6"},
      {"a public suffix by a wildcard rule", "foo.er", "3.2.2.6"},
      {"a wildcard on a public suffix", "*.co.uk", "3.2.2.6"},
      {"a wildcard that covers public suffixes", "*.kobe.jp", "3.2.2.6"},
      {"a wildcard on a suffix by a wildcard rule", "*.c.kobe.jp", "3.2.2.6"},
      {"a reverse name", "1.2.0.192.in-addr.arpa", "4.2.2"},
      {"an IPv6 reverse name", "1.0.0.0.ip6.arpa", "4.2.2"},
      {"the reverse zone itself", "in-addr.arpa", "4.2.2"},
      {"a wildcard in the reverse tree", "*.2.0.192.in-addr.arpa", "4.2.2"},
      {"a name that only ends alike", "xin-addr.arpa", ""},
      {"an onion name", "exampleexampleexampleexampleexampleexampleexampleexample.onion", "onion"},
      {"a public address", "8.8.8.8", ""},
      {"a public IPv6 address", "2606:4700::1111", ""},
      {"a documentation address", "192.0.2.129", "Reserved IP Address"},
      {"an IPv6 documentation address", "2001:db8::1", "Reserved IP Address"},
      {"a mapped address", "::ffff:192.168.1.1", "Reserved IP Address"},
      {"a private address", "10.0.0.1", "Reserved IP Address"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.identifier << ")") {
      const auto allowed = check_identifier(test::identifier(row.identifier), {});
      CHECK(allowed.has_value() == (*row.clause == '\0'));
      if (!allowed) {
        CHECK(allowed.error().code == ProblemCode::kPolicy);
        CHECK(allowed.error().where == row.identifier);
        CHECK_THAT(allowed.error().detail, Catch::Contains(row.clause));
      }
    }
}

TEST_CASE("a lab adds its own top-level domains and addresses, no more", "[namespace]") {
  LabRelaxations lab;
  lab.top_level_domains = {"test"};
  lab.addresses = {*Prefix::parse("127.77.0.0/16")};
  const auto allowed = [&](const char* text) {
    return check_identifier(test::identifier(text), lab).has_value();
  };
  CHECK(allowed("site.test"));
  CHECK(allowed("*.site.test"));
  CHECK(allowed("127.77.0.1"));
  CHECK(allowed("example.com"));
  CHECK_FALSE(allowed("site.other"));
  CHECK_FALSE(allowed("127.0.0.1"));
  CHECK_FALSE(allowed("co.uk"));
}

TEST_CASE("the Authorization Domain Name is what the method's row allows (BR 3.2.2.4)", "[namespace]") {
  struct Row {
    const char* rule;
    const char* identifier;
    const char* adn;
    DcvMethod method;
    bool allowed;
  };
  const Row rows[] = {
      {"http-01 validates the name itself", "www.example.com", "www.example.com", DcvMethod::kAcmeHttp01,
       true},
      {"http-01 validates no parent", "www.example.com", "example.com", DcvMethod::kAcmeHttp01, false},
      {"http-01 validates no wildcard", "*.example.com", "example.com", DcvMethod::kAcmeHttp01, false},
      {"http-01 validates no child", "example.com", "www.example.com", DcvMethod::kAcmeHttp01, false},
      {"tls-alpn-01 validates no parent", "www.example.com", "example.com", DcvMethod::kAcmeTlsAlpn01, false},
      {"website-change validates no wildcard", "*.example.com", "example.com", DcvMethod::kWebsiteChange,
       false},
      {"dns-01 validates a wildcard's name", "*.example.com", "example.com", DcvMethod::kAcmeDns01, true},
      {"dns-01 validates a parent", "a.b.example.com", "example.com", DcvMethod::kAcmeDns01, true},
      {"dns-01 validates a wildcard's parent", "*.b.example.com", "example.com", DcvMethod::kAcmeDns01, true},
      {"never above the Base Domain Name", "www.example.co.uk", "co.uk", DcvMethod::kAcmeDns01, false},
      {"never a TLD", "www.example.com", "com", DcvMethod::kAcmeDns01, false},
      {"never a TLD of a lab", "www.site.test", "test", DcvMethod::kAcmeDns01, false},
      {"a parent in a lab", "www.site.test", "site.test", DcvMethod::kAcmeDns01, true},
      {"never another name", "www.example.com", "other.com", DcvMethod::kDnsChange, false},
      {"a private suffix may be pruned to", "a.github.io", "github.io", DcvMethod::kDnsPersistent, true},
      {"an address has none", "8.8.8.8", "example.com", DcvMethod::kAcmeHttp01, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto allowed =
          check_authorization_domain(test::identifier(row.identifier), test::dns_name(row.adn), row.method);
      CHECK(allowed.has_value() == row.allowed);
      if (!allowed) {
        CHECK(allowed.error().code == ProblemCode::kPolicy);
        CHECK_THAT(allowed.error().detail, Catch::Contains("BR 3.2.2."));
      }
    }
}

}  // namespace mpic::rules
