#include "common/rules/reached.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

using test::ip;

constexpr const char* kV4 = "93.184.216.34";
constexpr const char* kOtherV4 = "93.184.216.35";
constexpr const char* kV6 = "2606:2800:220:1::1";
constexpr const char* kOtherV6 = "2606:2800:220:1::2";

AddressTried failed(const char* address, ProblemCode code, std::uint16_t port = 80) {
  return {ip(address), port, Problem(code, address, "as the agent said")};
}
AddressTried answered(const char* address, std::uint16_t port = 80) { return {ip(address), port, std::nullopt}; }

// example.com at four addresses, as its lookups say.
struct Seen {
  Host host = test::dns_name("example.com");
  std::vector<DnsLookup> lookups = test::address_lookups("example.com", {kV6, kOtherV6, kV4, kOtherV4});
  std::vector<IpAddress> addresses = {ip(kV6), ip(kV4)};
  std::vector<AddressTried> tried;
  bool answered = true;
  std::vector<std::string> lab;

  [[nodiscard]] tl::expected<Reached, std::string> check(std::uint16_t port = 80) const {
    return check_reach({host, port, lookups, addresses, tried, answered}, lab);
  }
};

}  // namespace

TEST_CASE("who answered is the last address tried, whatever became of the others", "[reached]") {
  struct Row {
    const char* rule;
    std::vector<AddressTried> tried;
    bool answered;
    const char* why;  // "" when it can be
  };
  using enum ProblemCode;
  const Row rows[] = {
      {"one address, which answered", {answered(kV4)}, true, ""},
      {"after one that refused", {failed(kV6, kConnectionRefused), answered(kV4)}, true, ""},
      {"after one that was outpaced", {failed(kV6, kOutpaced), answered(kV4)}, true, ""},
      {"after several",
       {failed(kV6, kConnectionTimeout), failed(kOtherV6, kOutpaced), failed(kOtherV4, kOutpaced), answered(kV4)},
       true,
       ""},
      {"an outpaced IPv4 address", {failed(kV4, kOutpaced), answered(kV6)}, true, ""},
      {"connected, then no answer", {failed(kV6, kOutpaced), failed(kV4, kReadTimeout)}, false, ""},
      {"none could be connected to", {failed(kV6, kConnectionTimeout), failed(kV4, kConnectionRefused)}, false, ""},
      {"nothing was tried", {}, false, ""},
      {"an answer of nobody", {}, true, "no address, or more than one"},
      {"an answer of one that failed", {failed(kV4, kReadTimeout)}, true, "no address, or more than one"},
      {"an answer of one that was outpaced", {failed(kV4, kOutpaced)}, true, "no address, or more than one"},
      {"two answers", {answered(kV6), answered(kV4)}, true, "no address, or more than one"},
      {"tried on after the answer", {answered(kV4), failed(kV6, kOutpaced)}, true, "no address, or more than one"},
      {"outpaced by none", {failed(kV6, kConnectionRefused), failed(kV4, kOutpaced)}, false, "outpaced by none"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Seen seen;
      seen.tried = row.tried;
      seen.answered = row.answered;
      const auto reached = seen.check();
      CHECK(reached.has_value() == (*row.why == '\0'));
      if (!reached) CHECK_THAT(reached.error(), Catch::Contains(row.why));
    }
}

TEST_CASE("only what was looked up and is allowed can have been dialled", "[reached]") {
  struct Row {
    const char* rule;
    void (*change)(Seen&);
    const char* why;  // "" when it can be
  };
  const Row rows[] = {
      {"as it is", [](Seen&) {}, ""},
      {"an address from nowhere", [](Seen& s) { s.tried = {answered("1.1.1.1")}; }, "1.1.1.1 is none of the addresses"},
      {"a candidate from nowhere", [](Seen& s) { s.addresses.push_back(ip("1.1.1.1")); },
       "1.1.1.1 is none of the addresses"},
      {"an outpaced address from nowhere",
       [](Seen& s) { s.tried.insert(s.tried.begin(), failed("1.1.1.1", ProblemCode::kOutpaced)); },
       "1.1.1.1 is none of the addresses"},
      {"a lookup of another name", [](Seen& s) { s.lookups[0].name = "example.org"; },
       "a lookup of A for \"example.org\""},
      {"a lookup of another type", [](Seen& s) { s.lookups[0].type = RecordType::kCaa; }, "a lookup of CAA"},
      {"a failed lookup gives no address", [](Seen& s) { s.lookups[0].status = DnsStatus::kTimeout; },
       "none of the addresses"},
      {"a record of a wrong size gives no address", [](Seen& s) { s.lookups[0].records[0].push_back(0); },
       "none of the addresses"},
      {"IPv4 in AAAA gives no address", [](Seen& s) { std::swap(s.lookups[0].records, s.lookups[1].records); },
       "none of the addresses"},
      {"another port", [](Seen& s) { s.tried[0].port = 443; }, "port 443 was dialled, not 80"},
      {"another port of one that was outpaced",
       [](Seen& s) { s.tried.insert(s.tried.begin(), failed(kV6, ProblemCode::kOutpaced, 81)); },
       "port 81 was dialled, not 80"},
      {"a lab's port map",
       [](Seen& s) {
         s.tried[0].port = 18'080;
         s.lab = {"ports 80=18080"};
       },
       ""},
      {"a port map that was not dialled by", [](Seen& s) { s.lab = {"ports 80=18080"}; },
       "port 80 was dialled, not 18080"},
      {"a literal address",
       [](Seen& s) {
         s.host = ip(kV4);
         s.lookups.clear();
         s.addresses = {ip(kV4)};
       },
       ""},
      {"a literal address and lookups",
       [](Seen& s) {
         s.host = ip(kV4);
         s.addresses = {ip(kV4)};
       },
       "lookups for a literal address"},
      {"another address than the literal one",
       [](Seen& s) {
         s.host = ip(kOtherV4);
         s.lookups.clear();
         s.addresses.clear();
       },
       "none of the addresses"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Seen seen;
      seen.tried = {answered(kV4)};
      row.change(seen);
      const auto reached = seen.check();
      CHECK(reached.has_value() == (*row.why == '\0'));
      if (!reached) CHECK_THAT(reached.error(), Catch::Contains(row.why));
    }
}

TEST_CASE("a forbidden address may be named, never dialled (BR 1.6.1)", "[reached]") {
  for (const char* address :
       {"10.0.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fd00::1", "::ffff:93.184.216.34"}) {
    INFO(address);
    Seen seen;
    seen.lookups = test::address_lookups("example.com", {address});
    seen.addresses = {ip(address)};
    for (const ProblemCode code : {ProblemCode::kConnectionRefused, ProblemCode::kConnectionTimeout}) {
      seen.tried = {failed(address, code)};
      seen.answered = false;
      REQUIRE_FALSE(seen.check());
      CHECK_THAT(seen.check().error(), Catch::Contains("an address was dialled that is in a special-purpose range"));
    }
    seen.tried = {failed(address, ProblemCode::kAddressForbidden, 0)};
    CHECK(seen.check());
    seen.tried = {answered(address)};
    seen.answered = true;
    CHECK_FALSE(seen.check());
    seen.lab = {"addresses 0.0.0.0/0,::/0"};
    CHECK(seen.check());
  }
}

TEST_CASE("an IPv6 address that fails beside an IPv4 address that answers is worth telling", "[reached]") {
  struct Row {
    const char* rule;
    std::vector<AddressTried> tried;
    bool answered;
    const char* failed;  // "" for none
  };
  using enum ProblemCode;
  const Row rows[] = {
      {"it refused", {failed(kV6, kConnectionRefused), answered(kV4)}, true, kV6},
      {"it timed out", {failed(kV6, kConnectionTimeout), answered(kV4)}, true, kV6},
      {"it lost its head start", {failed(kV6, kOutpaced), answered(kV4)}, true, kV6},
      {"no route led there", {failed(kV6, kNetworkUnreachable), answered(kV4)}, true, kV6},
      {"the first of two",
       {failed(kOtherV6, kConnectionRefused), failed(kV6, kOutpaced), answered(kV4)},
       true,
       kOtherV6},
      {"after an IPv4 address",
       {failed(kOtherV4, kConnectionRefused), failed(kV6, kOutpaced), answered(kV4)},
       true,
       kV6},
      {"the perspective has no IPv6", {failed(kV6, kNoIpv6Egress), answered(kV4)}, true, ""},
      {"it was not tried", {answered(kV4)}, true, ""},
      {"another IPv6 address answered", {failed(kV6, kConnectionRefused), answered(kOtherV6)}, true, ""},
      {"IPv4 failed and IPv6 answered", {failed(kV4, kConnectionRefused), answered(kV6)}, true, ""},
      {"neither answered", {failed(kV6, kConnectionRefused), failed(kV4, kConnectionRefused)}, false, ""},
      {"IPv4 connected and did not answer", {failed(kV6, kOutpaced), failed(kV4, kReadTimeout)}, false, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Seen seen;
      seen.tried = row.tried;
      seen.answered = row.answered;
      const auto reached = seen.check();
      REQUIRE(reached);
      CHECK((reached->ipv6_failed ? reached->ipv6_failed->text() : "") == row.failed);
      CHECK(ipv6_note(*reached).empty() == (*row.failed == '\0'));
    }
}

TEST_CASE("what the lookups tell beside addresses: AD of each that answered, and whether some were cut", "[reached]") {
  Seen seen;
  seen.tried = {answered(kV4)};
  const auto told = [&seen] { return seen.check().value(); };
  CHECK(told().looked_up);
  CHECK_FALSE(told().authenticated);
  for (DnsLookup& lookup : seen.lookups) lookup.authenticated = true;
  CHECK(told().authenticated);
  CHECK_FALSE(told().records_cut);
  seen.lookups[1].records_cut = true;
  CHECK(told().records_cut);
  seen.lookups[1].authenticated = false;
  CHECK_FALSE(told().authenticated);
  seen.lookups[1].rcode = kServfail;  // did not answer
  seen.addresses = {ip(kV4)};
  CHECK(told().authenticated);
  CHECK_FALSE(told().records_cut);
  seen.lookups[0].rcode = kServfail;
  seen.tried.clear();
  seen.addresses.clear();
  seen.answered = false;
  CHECK_FALSE(told().looked_up);
}

TEST_CASE("a family that was answered with nothing does not authenticate the failure of the other", "[reached]") {
  Seen seen;
  seen.tried.clear();
  seen.addresses.clear();
  seen.answered = false;
  for (DnsLookup& lookup : seen.lookups) lookup.authenticated = true;
  seen.lookups[0].rcode = kServfail;
  seen.lookups[1].records.clear();
  CHECK_FALSE(seen.check().value().authenticated);
  seen.lookups[0].rcode = kNxdomain;
  CHECK(seen.check().value().authenticated);
}

TEST_CASE("the host of an identifier is its name or its address", "[reached]") {
  CHECK(host_of(test::identifier("example.com")) == Host(test::dns_name("example.com")));
  CHECK(host_of(test::identifier(kV6)) == Host(ip(kV6)));
}

}  // namespace mpic::rules
