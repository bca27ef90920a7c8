#include "common/rules/dcv_subject.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

Assignment assigned(std::string_view identifier, std::string_view adn) {
  Assignment out{.log_origin = "log",
                 .perspective = *PerspectiveId::parse("ams-1"),
                 .identifier = test::identifier(identifier),
                 .authorization_domain = std::nullopt,
                 .dcv = std::nullopt,
                 .caa = std::nullopt};
  if (!adn.empty()) out.authorization_domain = test::dns_name(adn);
  return out;
}

}  // namespace

TEST_CASE("what is validated is the ADN, else the name without \"*.\", else the address", "[dcv]") {
  struct Row {
    const char* identifier;
    const char* adn;
    const char* validated;
  };
  const Row rows[] = {
      {"www.example.com", "", "www.example.com"},
      {"www.example.com", "example.com", "example.com"},
      {"*.example.com", "", "example.com"},
      {"*.www.example.com", "example.com", "example.com"},
      {"192.0.2.1", "", "192.0.2.1"},
      {"2001:db8::1", "", "2001:db8::1"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.identifier << " by " << row.adn) {
      const DcvSubject subject = subject_of(assigned(row.identifier, row.adn));
      CHECK(subject.applied_for.text() == row.identifier);
      CHECK(subject.validated.text() == row.validated);
      CHECK_FALSE(subject.validated.is_wildcard());
    }
}

TEST_CASE("an address has one name in the reverse tree (RFC 1035 3.5, RFC 3596 2.5)", "[dcv]") {
  CHECK(reverse_name(test::ip("127.0.0.1")) == "1.0.0.127.in-addr.arpa");
  CHECK(reverse_name(test::ip("192.0.2.254")) == "254.2.0.192.in-addr.arpa");
  CHECK(reverse_name(test::ip("::1")) == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa");
  CHECK(reverse_name(test::ip("2001:db8::567:89ab")) ==
        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

}  // namespace mpic::rules
