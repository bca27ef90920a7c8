#include "common/domain/lab.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic {

TEST_CASE("a prefix is an address and a length, without bits beyond it", "[lab]") {
  for (const char* good :
       {"127.77.0.0/16", "0.0.0.0/0", "192.0.2.1/32", "::/0", "2001:db8::/32", "::1/128", "fe80::/10"}) {
    INFO(good);
    const auto prefix = Prefix::parse(good);
    REQUIRE(prefix);
    CHECK(prefix->text() == good);
  }
  for (const char* bad :
       {"", "/", "127.0.0.1", "127.0.0.1/", "127.0.0.0/33", "127.0.0.0/-1", "127.0.0.0/8x", "127.0.0.0/ 8",
        "127.77.0.1/16", "::1/129", "2001:DB8::/32", "fe80::/8", "/8", "256.0.0.0/8", "127.0.0.0/264"}) {
    INFO(bad);
    CHECK_FALSE(Prefix::parse(bad));
  }
}

TEST_CASE("a prefix contains what shares its bits, in its family", "[lab]") {
  const auto contains = [](const char* prefix, const char* address) {
    return Prefix::parse(prefix)->contains(test::ip(address));
  };
  CHECK(contains("127.77.0.0/16", "127.77.255.255"));
  CHECK_FALSE(contains("127.77.0.0/16", "127.78.0.0"));
  CHECK(contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(contains("192.0.2.1/32", "192.0.2.1"));
  CHECK_FALSE(contains("192.0.2.1/32", "192.0.2.0"));
  CHECK(contains("0.0.0.0/0", "255.255.255.255"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
  CHECK_FALSE(contains("::/0", "0.0.0.1"));
  CHECK(contains("fe80::/10", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  CHECK_FALSE(contains("fe80::/10", "fec0::1"));
}

TEST_CASE("relaxations are described in one stable way", "[lab]") {
  LabRelaxations lab;
  CHECK_FALSE(lab.any());
  CHECK(lab.describe().empty());
  lab.addresses = {*Prefix::parse("::1/128"), *Prefix::parse("127.77.0.0/16")};
  lab.ports = {{443, 18'443}, {80, 18'080}};
  lab.top_level_domains = {"test", "lab"};
  lab.foreign_trust_anchor = true;
  lab.records_nowhere = true;
  lab.policy_clock = TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 12 / 15));
  CHECK(lab.any());
  const std::vector<std::string> stamps = lab.describe();
  CHECK(stamps == std::vector<std::string>{"addresses 127.77.0.0/16,::1/128", "foreign-trust-anchor",
                                           "policy-clock 2026-12-15T00:00:00Z", "ports 443=18443,80=18080",
                                           "records-nowhere", "top-level-domains lab,test"});
  CHECK(std::is_sorted(stamps.begin(), stamps.end()));
  for (const char* kind :
       {"addresses", "foreign-trust-anchor", "policy-clock", "ports", "records-nowhere", "top-level-domains"}) {
    CHECK(stamped(stamps, kind));
  }
  CHECK_FALSE(stamped(stamps, "port"));
  CHECK_FALSE(stamped(stamps, "addresses 127.77.0.0/16,"));
  CHECK_FALSE(stamped({}, "ports"));
}

TEST_CASE("each relaxation by itself counts", "[lab]") {
  const auto counts = [](auto relax) {
    LabRelaxations lab;
    relax(lab);
    return lab.any() && lab.describe().size() == 1;
  };
  CHECK(counts([](LabRelaxations& lab) { lab.addresses = {*Prefix::parse("127.0.0.0/8")}; }));
  CHECK(counts([](LabRelaxations& lab) { lab.ports = {{80, 81}}; }));
  CHECK(counts([](LabRelaxations& lab) { lab.top_level_domains = {"test"}; }));
  CHECK(counts([](LabRelaxations& lab) { lab.foreign_trust_anchor = true; }));
  CHECK(counts([](LabRelaxations& lab) { lab.policy_clock = TimePoint{}; }));
  CHECK(counts([](LabRelaxations& lab) { lab.records_nowhere = true; }));
}

TEST_CASE("stamps allow what they name and nothing else", "[lab]") {
  const std::vector<std::string> stamps = {"addresses 127.77.0.0/16,nonsense,::1/128", "ports 80=18080,443=x,99999=1"};
  const auto prefixes = stamped_addresses(stamps);
  REQUIRE(prefixes.size() == 2);
  CHECK(prefixes[0].text() == "127.77.0.0/16");
  CHECK(prefixes[1].text() == "::1/128");
  CHECK(stamped_port(stamps, 80) == 18'080);
  CHECK(stamped_port(stamps, 443) == 443);
  CHECK(stamped_port({}, 80) == 80);
  CHECK(stamped_redirects({"redirects 20"}) == 20);
  CHECK(stamped_redirects({"redirects 2"}) == 2);
  for (const char* bad : {"redirects 21", "redirects -1", "redirects 20,20", "redirects", "redirect 20"}) {
    INFO(bad);
    CHECK(stamped_redirects({bad}) == kMaxHops - 1);
  }
  CHECK(stamped_addresses({"addresses"}).empty());
  CHECK(stamped_addresses({"addressesx 127.0.0.0/8"}).empty());
}

}  // namespace mpic
