// What of one target, and which request ids, may be in progress at a time.
#include "coordinator/pipeline/admission.hpp"

#include "common/rules/namespace_policy.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using coordinator::Admission;

namespace {

Identifier id(const char* text) { return Identifier::parse(text).value(); }

std::set<std::string> at(const char* name) { return rules::targets_of({id(name), id(name)}); }

}  // namespace

TEST_CASE("a target is the registrable domain above a name, or an address", "[admission][rules]") {
  struct Row {
    const char* identifier;
    const char* target;
  };
  const Row rows[] = {{"www.example.com", "example.com"},
                      {"example.com", "example.com"},
                      {"*.a.b.example.com", "example.com"},
                      {"shop.example.co.uk", "example.co.uk"},
                      {"www.example.notatld", "example.notatld"},
                      {"example.notatld", "example.notatld"},
                      {"192.0.2.1", "192.0.2.1"},
                      {"2001:db8::1", "2001:db8::1"}};
  for (const Row& row : rows) CHECK(rules::target_of(id(row.identifier)) == row.target);
}

TEST_CASE("one target gets its share, and no more", "[admission]") {
  Admission admission({.open_requests_per_target = 2});
  const auto first = admission.enter(at("a.example.com"), "pipeline", "");
  REQUIRE(first);
  {
    const auto second = admission.enter(at("b.example.com"), "pipeline", "");
    REQUIRE(second);
    const auto third = admission.enter(at("c.example.com"), "pipeline", "");
    REQUIRE_FALSE(third);
    CHECK(third.error().code == ProblemCode::kOverloaded);
    CHECK_THAT(third.error().detail, Catch::Matchers::Contains("example.com"));
    CHECK(admission.enter(at("c.example.org"), "pipeline", ""));
  }
  CHECK(admission.enter(at("c.example.com"), "pipeline", ""));
}

TEST_CASE("a validation by an alias takes a place at both domains that it visits", "[admission][rules]") {
  const std::set<std::string> both = rules::targets_of({id("www.example.com"), id("hosted.example.net")});
  CHECK(both == std::set<std::string>{"example.com", "example.net"});
  CHECK(rules::targets_of({id("*.www.example.com"), id("example.com")}) == std::set<std::string>{"example.com"});
  Admission admission({.open_requests_per_target = 1});
  {
    const auto by_alias = admission.enter(both, "pipeline", "");
    REQUIRE(by_alias);
    CHECK_FALSE(admission.enter(at("a.example.com"), "pipeline", ""));
    CHECK_FALSE(admission.enter(at("a.example.net"), "pipeline", ""));
    // What is refused for one of them holds nothing of the other.
    CHECK_FALSE(admission.enter(rules::targets_of({id("example.org"), id("example.net")}), "pipeline", "7"));
    CHECK(admission.enter(at("example.org"), "pipeline", "7"));
  }
  CHECK(admission.enter(at("a.example.net"), "pipeline", ""));
}

TEST_CASE("a request id is in progress once for each client", "[admission]") {
  Admission admission({.open_requests_per_target = 10});
  {
    const auto first = admission.enter(at("a.example.com"), "pipeline", "7");
    REQUIRE(first);
    CHECK_FALSE(admission.enter(at("a.example.com"), "pipeline", "7"));
    CHECK(admission.enter(at("a.example.com"), "other", "7"));
    CHECK(admission.enter(at("a.example.com"), "pipeline", ""));
  }
  CHECK(admission.enter(at("a.example.com"), "pipeline", "7"));
}
