#include "common/rules/namespace_policy.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

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
  const auto allowed = [&](const char* text) { return check_identifier(test::identifier(text), lab).has_value(); };
  CHECK(allowed("site.test"));
  CHECK(allowed("*.site.test"));
  CHECK(allowed("127.77.0.1"));
  CHECK(allowed("example.com"));
  CHECK_FALSE(allowed("site.other"));
  CHECK_FALSE(allowed("127.0.0.1"));
  CHECK_FALSE(allowed("co.uk"));
}

TEST_CASE("the Authorization Domain Name is what the method's row allows (BR 3.2.2.4, 3.2.2.5)", "[namespace]") {
  using M = DcvMethod;
  // Whether the method validates: a wildcard; a parent of the name; what the name is an alias of; an address.
  struct Method {
    DcvMethod method;
    bool name, wildcard, prune, alias, address;
  };
  const Method methods[] = {
      {M::kDnsChange, true, true, true, true, false},
      {M::kAcmeDns01, true, true, true, true, false},
      {M::kIpAddress, true, false, false, false, false},
      {M::kContactEmailCaa, true, true, true, true, false},
      {M::kContactEmailTxt, true, true, true, true, false},
      {M::kContactPhoneTxt, true, true, true, true, false},
      {M::kContactPhoneCaa, true, true, true, true, false},
      {M::kWebsiteChange, true, false, false, false, true},
      {M::kAcmeHttp01, true, false, false, false, true},
      {M::kAcmeTlsAlpn01, true, false, false, false, true},
      {M::kAcmeDnsAccount01, true, true, true, false, false},
      {M::kDnsPersistent, true, true, true, false, true},
      {M::kReverseAddressLookup, false, false, false, false, true},
  };
  for (const Method& row : methods) DYNAMIC_SECTION(to_string(row.method)) {
      const auto allowed = [&](const char* applied_for, const char* adn) {
        const auto checked = check_subject(test::subject(applied_for, adn), row.method);
        if (!checked) {
          CHECK(checked.error().code == ProblemCode::kPolicy);
          CHECK_THAT(checked.error().detail, Catch::Contains("(BR 3.2.2."));
        }
        return checked.has_value();
      };
      CHECK(allowed("www.example.com", "") == row.name);
      CHECK(allowed("example.com", "") == row.name);
      CHECK(allowed("*.example.com", "") == row.wildcard);
      CHECK(allowed("www.example.com", "example.com") == row.prune);
      CHECK(allowed("a.b.c.example.com", "example.com") == row.prune);
      CHECK(allowed("*.b.example.com", "example.com") == (row.wildcard && row.prune));
      CHECK(allowed("www.example.com", "example.net") == row.alias);
      CHECK(allowed("example.com", "www.example.com") == row.alias);
      CHECK(allowed("example.com", "other.example.net") == row.alias);
      CHECK(allowed("192.0.2.1", "") == row.address);
      CHECK(allowed("2001:db8::1", "") == row.address);
      // A wildcard's name is never an alias's, and nothing is validated above its Base Domain Name.
      CHECK_FALSE(allowed("*.example.com", "example.net"));
      CHECK_FALSE(allowed("*.example.com", "www.example.com"));
      CHECK_FALSE(allowed("www.example.com", "com"));
      CHECK_FALSE(allowed("www.example.com", "net"));
      CHECK_FALSE(allowed("www.example.co.uk", "co.uk"));
      CHECK_FALSE(allowed("www.example.com", "co.uk"));
    }
}

TEST_CASE("pruning ends at the Base Domain Name (BR 1.6.1, 3.2.2.4)", "[namespace]") {
  struct Row {
    const char* rule;
    const char* name;
    const char* adn;
    bool pruned;
  };
  const Row rows[] = {
      {"the name itself", "www.example.com", "www.example.com", true},
      {"a parent", "a.b.example.com", "b.example.com", true},
      {"the Base Domain Name", "a.b.example.com", "example.com", true},
      {"a suffix of the private section is an ordinary name", "a.github.io", "github.io", true},
      {"a parent in a lab", "www.site.test", "site.test", true},
      {"a name with an underscore", "_x.example.com", "example.com", true},
      {"a top-level domain", "www.example.com", "com", false},
      {"a top-level domain of a lab", "www.site.test", "test", false},
      {"a public suffix", "www.example.co.uk", "co.uk", false},
      {"a suffix by a wildcard rule", "www.site.foo.er", "foo.er", false},
      {"the parent of suffixes by a wildcard rule", "www.site.c.kobe.jp", "kobe.jp", false},
      {"the parent of a wildcard rule's exception", "www.city.kobe.jp", "kobe.jp", false},
      {"the exception", "www.city.kobe.jp", "city.kobe.jp", true},
      {"a name between a suffix and another", "www.site.bo.telemark.no", "telemark.no", false},
      {"the same name for one right below it", "www.telemark.no", "telemark.no", true},
      {"a child", "example.com", "www.example.com", false},
      {"another name", "www.example.com", "example.net", false},
      {"a name that ends alike", "wwwexample.com", "example.com", false},
      {"an escaped dot", "a\\.example.com", "example.com", false},
      {"a blank", "a b.example.com", "example.com", false},
      {"nothing", "", "example.com", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(is_pruned_to(row.name, test::dns_name(row.adn)) == row.pruned);
      const auto name = Identifier::parse(row.name);
      const auto adn = test::dns_name(row.adn);
      if (!name || !name->name().is_at_or_below(adn)) continue;
      CHECK(check_subject({*name, Identifier::of(adn)}, DcvMethod::kAcmeDns01).has_value() == row.pruned);
    }
  CHECK_FALSE(is_pruned_to(std::string("\0.example.com", 13), test::dns_name("example.com")));
  CHECK_FALSE(is_pruned_to(std::string(250, 'a') + ".example.com", test::dns_name("example.com")));
}

TEST_CASE("an alias is needed where the ADN is not at or above the name", "[namespace]") {
  CHECK_FALSE(needs_alias(test::subject("www.example.com")));
  CHECK_FALSE(needs_alias(test::subject("www.example.com", "example.com")));
  CHECK_FALSE(needs_alias(test::subject("*.example.com")));
  CHECK_FALSE(needs_alias(test::subject("192.0.2.1")));
  CHECK(needs_alias(test::subject("www.example.com", "example.net")));
  CHECK(needs_alias(test::subject("example.com", "www.example.com")));
}

}  // namespace mpic::rules
