// http-01 and website-change (BR 3.2.2.4.18, .19; 3.2.2.5.1, 3.2.2.5.6) against real nginx: names and addresses, IPv4
// and IPv6.
#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

WebsiteChange website(const std::string& path = system_under_test().website_file) {
  WebsiteChange out;
  out.path = path;
  out.challenge_value = system_under_test().challenges.random_value;
  return out;
}

WebsiteChange over_https(WebsiteChange question) {
  question.https = true;
  return question;
}

WebsiteChange that_matches(WebsiteChange question, const std::string& regex) {
  question.match_regex = regex;
  return question;
}

WebsiteChange page_for_address(const std::string& path) { return website(path); }

const HttpObservation& pages(const Validation& validation) {
  return std::get<HttpObservation>(validation.seen.dcv->seen);
}

std::string answered_from(const Validation& validation) {
  return pages(validation).hops.back().tried.back().address.text();
}

bool without_ipv6() {
  if (system_under_test().ipv6) return false;
  WARN("left out: this machine has no IPv6");
  return true;
}

}  // namespace

TEST_CASE("website-change: the value in a file below /.well-known/pki-validation/", "[methods][website]") {
  struct Row {
    const char* rule;
    const char* name;
    WebsiteChange question;
    Ending ending;
    const char* words = "";
  };
  const Row rows[] = {
      {"the value is in the page", "website.demo.test", website(), {}},
      {"over https, whose certificate nobody vouches for", "website.demo.test", over_https(website()), {}},
      {"over a redirect to https and another host", "website-redirect.demo.test", website(), {}},
      {"and the page matches what else was asked", "website.demo.test", that_matches(website(), "site is [a-z]+"), {}},
      {"or it does not", "website.demo.test", that_matches(website(), "site is theirs"),
       ProblemCode::kChallengeMismatch, "theirs"},
      {"a page without the value", "website-wrong.demo.test", website(), ProblemCode::kChallengeMismatch, "This site"},
      {"no such file", "website.demo.test", website("another.txt"), ProblemCode::kHttpStatus, "404"},
      {"a redirect that carries the value, so that a page could echo it", "website-leaks.demo.test", website(),
       ProblemCode::kRedirectForbidden, "3.2.2.4.18"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Validation seen = Sightseer().validate(row.name, DcvQuestion{row.question});
      check_ending(seen, row.ending, row.words);
      if (!row.ending) CHECK(seen.judged.key == system_under_test().challenges.random_value);
      CHECK(seen.judged.dnssec_authenticated);
    }
}

TEST_CASE("website-change for an address: the value is a meta tag's content (BR 3.2.2.5.1)", "[methods][website][ip]") {
  struct Row {
    const char* rule;
    std::string path;
    Ending ending;
    const char* words = "";
  };
  const Row rows[] = {
      {"in a meta tag", system_under_test().meta_tag_file, {}},
      {"in the body only", "no-meta-tag.html", ProblemCode::kChallengeMismatch, "meta tag"},
      {"another value in the meta tag", "wrong.html", ProblemCode::kChallengeMismatch, "meta tag"},
      {"no redirect is followed", "moved.html", ProblemCode::kRedirectForbidden, "3.2.2.5.1"},
      {"no such file", "another.html", ProblemCode::kHttpStatus, "404"},
  };
  const auto check = [](const Row& row, const char* address) {
    check_ending(Sightseer().validate(address, DcvQuestion{page_for_address(row.path)}), row.ending, row.words);
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule << ", IPv4") { check(row, "127.77.4.1"); }
    DYNAMIC_SECTION(row.rule << ", IPv6") {
      if (!without_ipv6()) check(row, "::1");
    }
  }
}

TEST_CASE("http-01 for an address: it is asked for by the address itself (BR 3.2.2.5.6)", "[methods][http][ip]") {
  SECTION("IPv4") {
    const Validation seen = Sightseer().validate("127.77.4.1", http_01());
    check_ending(seen, {});
    CHECK(pages(seen).hops[0].lookups.empty());
    CHECK_FALSE(seen.judged.dnssec_authenticated);  // nothing was looked up
  }
  SECTION("IPv6") {
    if (without_ipv6()) return;
    const Validation seen = Sightseer().validate("::1", http_01());
    check_ending(seen, {});
    CHECK(pages(seen).hops[0].url.starts_with("http://[::1]/"));
  }
  SECTION("an address that is nobody's") {
    check_ending(Sightseer().validate("127.77.4.9", http_01()), ProblemCode::kConnectionRefused);
  }
}

TEST_CASE("http-01: an IPv6-only site", "[methods][http][ipv6]") {
  if (without_ipv6()) return;
  SECTION("validates") {
    const Validation seen = Sightseer().validate("ipv6-only.demo.test", http_01());
    check_ending(seen, {});
    CHECK(answered_from(seen) == "::1");
    CHECK(seen.judged.dnssec_authenticated);
  }
  SECTION("also over a redirect to https") {
    const Validation seen = Sightseer().validate("ipv6-redirect.demo.test", http_01());
    check_ending(seen, {});
    CHECK(pages(seen).hops.size() == 2);
  }
  SECTION("not from a perspective without IPv6, which says so") {
    Sightseer seer;
    seer.ipv6 = Ipv6::kNone;
    check_ending(seer.validate("ipv6-only.demo.test", http_01()), ProblemCode::kNoIpv6Egress);
  }
}

TEST_CASE("http-01: a site with addresses of both families", "[methods][http][ipv6]") {
  SECTION("IPv6 comes first") {
    if (without_ipv6()) return;
    const Validation seen = Sightseer().validate("dual.demo.test", http_01());
    check_ending(seen, {});
    CHECK(answered_from(seen) == "::1");
    CHECK_FALSE(seen.judged.ipv6_failed);
  }
  SECTION("a perspective without IPv6 takes IPv4") {
    Sightseer seer;
    seer.ipv6 = Ipv6::kNone;
    const Validation seen = seer.validate("dual.demo.test", http_01());
    check_ending(seen, {});
    CHECK(answered_from(seen) == "127.77.4.1");
    CHECK_FALSE(seen.judged.ipv6_failed);  // not the site's fault
  }
}

TEST_CASE("http-01: a dead IPv6 address beside IPv4 that works costs a moment, and is told", "[methods][http][ipv6]") {
  if (without_ipv6()) return;
  const auto start = std::chrono::steady_clock::now();
  const Validation seen = Sightseer().validate("dead-ipv6.demo.test", http_01());
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  check_ending(seen, {});
  CHECK(answered_from(seen) == "127.77.4.1");
  REQUIRE(seen.judged.ipv6_failed);
  CHECK(seen.judged.ipv6_failed->text() == "100::1");
}

TEST_CASE("http-01: only a dead IPv6 address", "[methods][http][ipv6]") {
  if (without_ipv6()) return;
  const Validation seen = Sightseer().validate("only-dead-ipv6.demo.test", http_01());
  REQUIRE(seen.judged.problem);
  // By the routes of this machine.
  CHECK((seen.judged.problem->code == ProblemCode::kNetworkUnreachable ||
         seen.judged.problem->code == ProblemCode::kConnectionTimeout));
  CHECK(seen.judged.outcome == Outcome::kCouldNotLook);
}
