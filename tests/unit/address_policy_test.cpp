#include "common/rules/address_policy.hpp"

#include <array>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

IpAddress last_of(const Prefix& prefix) {
  const auto first = prefix.address.octets();
  Bytes octets(first.begin(), first.end());
  for (std::size_t bit = prefix.length; bit < 8 * octets.size(); ++bit) {
    octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  return IpAddress::from_octets(octets).value();
}

}  // namespace

TEST_CASE("the registries are complete: 51 prefixes, and multicast", "[address]") {
  std::set<std::string_view> prefixes;
  std::size_t multicast = 0;
  for (const SpecialPurpose& row : special_purpose_registry()) {
    INFO(row.prefix);
    const auto prefix = Prefix::parse(row.prefix);
    REQUIRE(prefix);
    CHECK(prefix->text() == row.prefix);
    CHECK_FALSE(row.name.empty());
    CHECK(row.reference.substr(0, 4) == "RFC ");
    prefixes.insert(row.prefix);
    multicast += row.name == "Multicast" ? 1U : 0U;
    // An entry's own first and last address are never allowed, whatever else matches them.
    CHECK(special_purpose(prefix->address));
    CHECK(special_purpose(last_of(*prefix)));
  }
  CHECK(multicast == 2);
  CHECK(prefixes.size() == 51 + multicast);
}

TEST_CASE("an address in a special-purpose registry is never connected to (BR 1.6.1, RFC 6890)", "[address]") {
  struct Row {
    const char* address;
    const char* by;  // the most specific row
  };
  const Row reserved[] = {
      {"127.0.0.1", "127.0.0.0/8"},
      {"10.10.10.10", "10.0.0.0/8"},
      {"192.168.254.254", "192.168.0.0/16"},
      {"0.0.0.0", "0.0.0.0/32"},
      {"0.1.2.3", "0.0.0.0/8"},
      {"100.64.0.1", "100.64.0.0/10"},
      {"169.254.169.254", "169.254.0.0/16"},
      {"192.88.99.1", "192.88.99.0/24"},
      {"192.88.99.2", "192.88.99.2/32"},
      {"198.18.0.1", "198.18.0.0/15"},
      {"198.19.255.255", "198.18.0.0/15"},
      {"240.0.0.1", "240.0.0.0/4"},
      {"255.255.255.255", "255.255.255.255/32"},
      {"192.0.0.1", "192.0.0.0/29"},
      {"192.0.0.100", "192.0.0.0/24"},
      {"192.0.0.170", "192.0.0.170/32"},
      {"192.0.0.171", "192.0.0.171/32"},
      {"192.0.0.9", "192.0.0.9/32"},
      {"192.0.2.129", "192.0.2.0/24"},
      {"192.31.196.1", "192.31.196.0/24"},
      {"172.16.0.0", "172.16.0.0/12"},
      {"172.16.0.1", "172.16.0.0/12"},
      {"172.31.255.0", "172.16.0.0/12"},
      {"172.31.255.255", "172.16.0.0/12"},
      {"224.0.0.1", "224.0.0.0/4"},
      {"239.255.255.255", "224.0.0.0/4"},
      {"::", "::/128"},
      {"::1", "::1/128"},
      {"fe80::1", "fe80::/10"},
      {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::/10"},
      {"fd00::1", "fc00::/7"},
      {"2001:1::1", "2001:1::1/128"},
      {"2001:1::3", "2001:1::3/128"},
      {"2001::1", "2001::/32"},
      {"2001:1::4", "2001::/23"},
      {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::/23"},
      {"2001:db8::1", "2001:db8::/32"},
      {"2002::", "2002::/16"},
      {"2002:808:808::1", "2002::/16"},
      {"2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::/16"},
      {"100::", "100::/64"},
      {"100::1", "100::/64"},
      {"100::ffff:ffff:ffff:ffff", "100::/64"},
      {"100::1:ffff:ffff:ffff", "100::/64"},
      {"100::1:ffff:ffff:ffff:ffff", "100:0:0:1::/64"},
      {"100:0:0:1::1", "100:0:0:1::/64"},
      {"::ffff:8.8.8.8", "::ffff:0.0.0.0/96"},
      {"::ffff:127.0.0.1", "::ffff:0.0.0.0/96"},
      {"64:ff9b::808:808", "64:ff9b::/96"},
      {"64:ff9b:1::808:808", "64:ff9b:1::/48"},
      {"5f00::1", "5f00::/16"},
      {"3fff:1::1", "3fff::/20"},
      {"3fff:aaa:aaaa:aaaa:abad:ff1:cec0:ffee", "3fff::/20"},
      {"2620:4f:8000::1", "2620:4f:8000::/48"},
      {"ff02::1", "ff00::/8"},
  };
  for (const Row& row : reserved) DYNAMIC_SECTION(row.address << " is in " << row.by) {
      const auto match = special_purpose(test::ip(row.address));
      REQUIRE(match);
      CHECK(match->prefix == row.by);
      const auto allowed = check_address(test::ip(row.address));
      REQUIRE_FALSE(allowed);
      CHECK(allowed.error().code == ProblemCode::kAddressForbidden);
      CHECK(allowed.error().where == row.address);
      CHECK_THAT(allowed.error().detail, Catch::Contains(std::string(match->name)));
      CHECK_THAT(allowed.error().detail, Catch::Contains(std::string(match->reference)));
    }

  for (const char* address : {"128.0.0.1",       "192.169.255.255",
                              "8.8.8.8",         "172.32.0.0",
                              "172.32.0.1",      "172.15.255.255",
                              "100.63.255.255",  "100.128.0.0",
                              "198.20.0.0",      "223.255.255.255",
                              "1.1.1.1",         "11.0.0.0",
                              "9.255.255.255",   "::2",
                              "fec0::1",         "2001:200::",
                              "100:0:0:2::",     "100:0:0:2::1",
                              "2606:4700::1111", "2a00:1450::1",
                              "64:ff9b::1:0:0",  "3fff:1000::",
                              "2003::1",         "5f01::1",
                              "fbff::1",         "2620:4f:8001::1"}) {
    INFO(address);
    CHECK_FALSE(special_purpose(test::ip(address)));
    CHECK(check_address(test::ip(address)));
  }
}

TEST_CASE("only a lab relaxation that names the range allows it", "[address]") {
  const std::array lab = {*Prefix::parse("127.77.0.0/16"), *Prefix::parse("::1/128")};
  CHECK(check_address(test::ip("127.77.3.4"), lab));
  CHECK(check_address(test::ip("::1"), lab));
  CHECK_FALSE(check_address(test::ip("127.0.0.1"), lab));
  CHECK_FALSE(check_address(test::ip("10.0.0.1"), lab));
  CHECK_FALSE(check_address(test::ip("::ffff:127.77.3.4"), lab));
  CHECK(check_address(test::ip("8.8.8.8"), lab));
}

}  // namespace mpic::rules
