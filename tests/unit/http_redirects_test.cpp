// Where a fetch goes on to, and what is looked at again at each hop.
#include "tests/support/fetched_site.hpp"

using namespace mpic;
using namespace mpic::test;

TEST_CASE("redirects", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4});
  SECTION("to itself: a loop, after one request") {
    site.http.serve(kV4, redirecting([](const std::string& url) { return url; }));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kRedirectLoop);
    CHECK(result.hops.size() == 1);
    CHECK(result.hops[0].status == 302);
  }
  SECTION("without end: ten are followed, the eleventh is refused") {
    int hop = 0;
    site.http.serve(kV4, redirecting([&hop](const std::string&) { return "/" + std::to_string(++hop); }));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kTooManyRedirects);
    CHECK(result.hops.size() == kMaxHops);
    CHECK(site.http.requested.size() == 11);
  }
  SECTION("ten, then the answer") {
    int hop = 0;
    FakeHttpClient::Server server;
    server.answer = [&hop](const agent::HttpRequest&) -> Expected<agent::HttpReply> {
      if (++hop <= 10) return redirect_to("/" + std::to_string(hop), 301);
      return http_reply(200, "ok");
    };
    site.http.serve(kV4, std::move(server));
    const auto result = site.fetch();
    CHECK(result.hops.size() == kMaxHops);
    CHECK(result.body == "ok");
    CHECK_FALSE(result.hops.back().problem);
  }
  SECTION("another scheme, port or status") {
    struct Row {
      const char* location;
      std::uint16_t status;
    };
    for (const Row& row : {Row{"gopher://example.com/", 302}, Row{"http://example.com:1987/", 302}, Row{"/y", 303},
                           Row{"", 302}, Row{"/y", 300}}) {
      Site other;
      other.dns.addresses("example.com", {kV4});
      other.http.serve(kV4, redirect_to(row.location, row.status));
      const auto result = other.fetch();
      CHECK(problem_of(result) == ProblemCode::kRedirectForbidden);
      CHECK(result.hops.size() == 1);
      CHECK(result.hops[0].status == row.status);
    }
  }
  SECTION("to an internal name or address: refused before connecting") {
    for (const std::string target : {"http://inside.example.com/", "http://10.0.0.7/", "http://[::1]/"}) {
      Site other;
      other.dns.addresses("example.com", {kV4});
      other.dns.addresses("inside.example.com", {"10.0.0.7"});
      other.http.serve(kV4, redirect_to(target));
      const auto result = other.fetch();
      CHECK(problem_of(result) == ProblemCode::kAddressForbidden);
      CHECK(result.hops.size() == 2);
      CHECK(other.http.requested.size() == 1);
    }
  }
  SECTION("to a bare address: no lookups") {
    site.http.serve(kV4, redirect_to("http://" + std::string(kOtherV4) + "/y"));
    site.http.serve(kOtherV4, http_reply(200, "ok"));
    const auto result = site.fetch();
    CHECK(result.hops[1].lookups.empty());
    CHECK(result.hops[1].status == 200);
  }
  SECTION("the host is resolved anew at each hop") {
    int hop = 0;
    site.http.serve(kV4, redirecting([&hop](const std::string&) { return "/" + std::to_string(++hop); }));
    const auto result = site.fetch();
    CHECK(site.dns.asked.size() == 2 * kMaxHops);
  }
  SECTION("to https: port 443, mapped in a lab") {
    site.lab.ports = {{443, 17443}};
    site.http.serve(kV4, redirecting([](const std::string&) { return "https://example.com/x?q=1"; }));
    const auto result = site.fetch();
    CHECK(site.http.requested[1] == "https://example.com/x?q=1 203.113.7.1:17443");
  }
  SECTION("none, where the method provides for none (BR 3.2.2.5.1)") {
    site.redirects = 0;
    site.http.serve(kV4, redirect_to("/y"));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kRedirectForbidden);
    CHECK(site.http.requested.size() == 1);
  }
  SECTION("as many as the method allows") {
    site.redirects = 2;
    int hop = 0;
    site.http.serve(kV4, redirecting([&hop](const std::string&) { return "/" + std::to_string(++hop); }));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kTooManyRedirects);
    CHECK(result.hops.size() == 3);
  }
  SECTION("not to a URL that holds the secret: a page that echoes it would prove nothing (BR 3.2.2.4.18)") {
    site.secret = "s3cret";
    site.http.serve(kV4, redirect_to("/echo?q=s3cret"));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kRedirectForbidden);
    CHECK(site.http.requested.size() == 1);
  }
  SECTION("a Location that no record can hold is written down escaped") {
    site.http.serve(kV4, redirect_to("/\xff\x01"));
    const auto result = site.fetch();
    CHECK(problem_of(result) == ProblemCode::kRedirectForbidden);
    CHECK(result.hops[0].location.find('\xff') == std::string::npos);
  }
}
