// What of fetching a page is the check's own affair: resolution, addresses, limits. Redirects: http_redirects_test.cpp.
#include "tests/support/fetched_site.hpp"

using namespace mpic;
using namespace mpic::test;

TEST_CASE("addresses are candidates of both families, IPv6 first", "[agent][http]") {
  struct Row {
    const char* what;
    std::vector<std::string> records;
    std::vector<std::string> candidates;
  };
  const Row rows[] = {
      {"only v4", {kV4}, {kV4}},
      {"only v6", {kV6}, {kV6}},
      {"both", {kV4, kV6}, {kV6, kV4}},
      {"by turns (RFC 8305 4)",
       {kV4, kOtherV4, kV6, "2a02:6b8::2", "2a02:6b8::3"},
       {kV6, kV4, "2a02:6b8::2", kOtherV4, "2a02:6b8::3"}},
      {"however many there are of one",
       {kV4, "2a02:6b8::1", "2a02:6b8::2", "2a02:6b8::3", "2a02:6b8::4"},
       {kV6, kV4, "2a02:6b8::2", "2a02:6b8::3", "2a02:6b8::4"}},
      {"several, repeats once", {kV4, kOtherV4, kV4}, {kV4, kOtherV4}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      Site site;
      site.dns.addresses("example.com", row.records);
      site.http.serve(row.candidates.front(), http_reply(200, "ok"));
      const auto result = site.fetch();
      CHECK(texts(result.hops[0].addresses) == row.candidates);
      CHECK(result.hops[0].status == 200);
      CHECK(result.body == "ok");
      CHECK_FALSE(result.hops[0].problem);
      REQUIRE(result.hops[0].lookups.size() == 2);
      CHECK(site.dns.most_at_once == 2);
    }
}

TEST_CASE("a literal address is its own candidate, without lookups", "[agent][http]") {
  for (const std::string text : {kV4, kV6}) DYNAMIC_SECTION(text) {
      Site site;
      site.http.serve(text, http_reply(200, "ok"));
      const auto result = site.fetch(10s, text == kV6 ? "http://[" + text + "]/x" : "http://" + text + "/x");
      CHECK(result.hops[0].lookups.empty());
      CHECK(texts(result.hops[0].addresses) == std::vector<std::string>{text});
      CHECK(result.hops[0].status == 200);
    }
}

TEST_CASE("without an address, the lookups say why", "[agent][http]") {
  Site site;
  SECTION("the name does not exist") { CHECK(problem_of(site.fetch()) == ProblemCode::kDnsNxdomain); }
  SECTION("it has neither A nor AAAA") {
    site.dns.addresses("example.com", {});
    CHECK(problem_of(site.fetch()) == ProblemCode::kDnsNoAddresses);
  }
  SECTION("one family is empty, the other fails: the failure tells more") {
    site.dns.answer("example.com", RecordType::kA, {});
    site.dns.fail("example.com", RecordType::kAaaa, kServfail);
    CHECK(problem_of(site.fetch()) == ProblemCode::kDnsServfail);
  }
  SECTION("the resolver is too slow") {
    site.dns.delay("example.com", 1h);
    CHECK(problem_of(site.fetch(1s)) == ProblemCode::kDnsTimeout);
    CHECK(site.time.elapsed() < 1s);
  }
  CHECK(site.http.requested.empty());
}

TEST_CASE("one family failing does not affect the other", "[agent][http]") {
  Site site;
  site.dns.answer("example.com", RecordType::kA, {address_record(kV4)});
  site.dns.fail("example.com", RecordType::kAaaa, kServfail);
  site.http.serve(kV4, http_reply(200, "ok"));
  CHECK(site.fetch().hops[0].status == 200);
}

TEST_CASE("one forbidden address refuses the name before any connection", "[agent][http]") {
  Site site;
  site.http.serve(kV4, http_reply(200, "ok"));
  SECTION("alone") { site.dns.addresses("example.com", {"10.0.0.1"}); }
  SECTION("among others") { site.dns.addresses("example.com", {kV4, "169.254.169.254"}); }
  SECTION("in the other family") { site.dns.addresses("example.com", {kV4, "::1"}); }
  const auto result = site.fetch();
  CHECK(problem_of(result) == ProblemCode::kAddressForbidden);
  CHECK(result.hops[0].addresses.empty());
  CHECK(result.hops[0].lookups.size() == 2);
  CHECK(site.http.requested.empty());
}

TEST_CASE("a lab range and a lab port map are obeyed", "[agent][http]") {
  Site site;
  site.lab.addresses.push_back(Prefix::parse("127.77.0.0/16").value());
  site.lab.ports = {{80, 17380}};
  site.dns.addresses("example.com", {"127.77.4.1"});
  site.http.serve("127.77.4.1", http_reply(200, "ok"));
  const auto result = site.fetch();
  CHECK(result.hops[0].status == 200);
  CHECK(result.hops[0].tried[0].port == 17380);
  CHECK(site.http.requested[0] == "http://example.com/x 127.77.4.1:17380");
}

TEST_CASE("another address is tried only where no connection was made", "[agent][http]") {
  struct Row {
    ProblemCode code;
    bool falls_back;
  };
  const Row rows[] = {
      {ProblemCode::kConnectionRefused, true},   {ProblemCode::kConnectionTimeout, true},
      {ProblemCode::kNetworkUnreachable, true},  {ProblemCode::kNoIpv6Egress, true},
      {ProblemCode::kReadTimeout, false},        {ProblemCode::kConnectionReset, false},
      {ProblemCode::kConnectionClosed, false},   {ProblemCode::kTlsFailed, false},
      {ProblemCode::kHttpMalformed, false},      {ProblemCode::kHttpVersion, false},
      {ProblemCode::kHttpHeaderTooLarge, false}, {ProblemCode::kHttpEncoding, false},
      {ProblemCode::kInternal, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(row.code)) {
      Site site;
      site.dns.addresses("example.com", {kV4, kV6});
      site.http.fail(kV6, row.code);
      site.http.serve(kV4, http_reply(200, "ok"));
      const auto result = site.fetch();
      const HttpHop& hop = result.hops[0];
      REQUIRE(hop.tried.size() == (row.falls_back ? 2 : 1));
      CHECK(hop.tried[0].problem->code == row.code);
      CHECK(hop.status == (row.falls_back ? 200 : 0));
      CHECK(hop.problem.has_value() != row.falls_back);
    }
}

TEST_CASE("an answer that came is final, whatever it says", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4, kV6});
  site.http.serve(kV6, http_reply(404, "not here"));
  site.http.serve(kV4, http_reply(200, "ok"));
  const auto result = site.fetch();
  CHECK(result.hops[0].status == 404);
  CHECK(result.hops[0].tried.size() == 1);
  CHECK(result.body == "not here");
}

TEST_CASE("fallback works over every address and at every hop", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4, kOtherV4, kV6, "2a02:6b8::2"});
  site.http.serve(kOtherV4, redirecting([](const std::string&) { return "http://next.example.com/y"; }));
  site.dns.addresses("next.example.com", {kV6, "203.113.7.9"});
  site.http.serve("203.113.7.9", http_reply(200, "ok"));
  const auto result = site.fetch();
  REQUIRE(result.hops.size() == 2);
  CHECK(result.hops[0].tried.size() == 4);
  CHECK(result.hops[1].tried.size() == 2);
  CHECK(result.hops[1].status == 200);
}

TEST_CASE("when no address answers, the last one's reason stands, and all are written down", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4, kV6});
  site.http.fail(kV6, ProblemCode::kNoIpv6Egress);
  site.http.fail(kV4, ProblemCode::kConnectionTimeout);
  const auto result = site.fetch();
  CHECK(problem_of(result) == ProblemCode::kConnectionTimeout);
  CHECK(result.hops[0].tried.size() == 2);
}

TEST_CASE("a site that has only IPv6 is reached, from where there is IPv6", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV6});
  SECTION("by whoever has it") {
    site.http.serve(kV6, http_reply(200, "ok"));
    CHECK(site.fetch().body == "ok");
    CHECK(site.http.requested == std::vector<std::string>{"http://example.com/x [2a02:6b8::1]:80"});
  }
  SECTION("who has not says so") {
    site.http.fail(kV6, ProblemCode::kNoIpv6Egress);
    CHECK(problem_of(site.fetch()) == ProblemCode::kNoIpv6Egress);
  }
}

TEST_CASE("IPv6 has a head start, and IPv4 its turn when that is over, at every hop", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4, kV6});
  site.dns.addresses("next.example.com", {kOtherV4, "2a02:6b8::2"});
  site.http.serve(kV4, redirect_to("http://next.example.com/y"));
  site.http.serve(kOtherV4, http_reply(200, "ok"));
  SECTION("dead IPv6 costs a head start for each hop") {
    site.http.serve(kV6, answering(http_reply(500, "never"), 1h));
    site.http.serve("2a02:6b8::2", answering(http_reply(500, "never"), 1h));
    const auto result = site.fetch();
    CHECK(result.body == "ok");
    CHECK(told(result.hops[0]) == "2a02:6b8::1 OUTPACED, 203.113.7.1 ok");
    CHECK(told(result.hops[1]) == "2a02:6b8::2 OUTPACED, 203.113.7.2 ok");
    CHECK(site.time.elapsed() < 2 * 250ms + 10ms);
  }
  SECTION("slow IPv6 is taken while IPv4 waits its turn") {
    site.http.serve(kV6, answering(redirect_to("http://next.example.com/y"), 240ms));
    site.http.serve("2a02:6b8::2", answering(http_reply(200, "six"), 240ms));
    const auto result = site.fetch();
    CHECK(result.body == "six");
    CHECK(told(result.hops[0]) == "2a02:6b8::1 ok");
    CHECK(told(result.hops[1]) == "2a02:6b8::2 ok");
  }
}

TEST_CASE("however many addresses of a family are dead, the other does not wait for them", "[agent][http]") {
  Site site;
  std::vector<std::string> addresses{kV4};
  for (int i = 1; i <= 15; ++i) {
    addresses.push_back("2a02:6b8::" + std::to_string(i));
    site.http.serve(addresses.back(), answering(http_reply(500, "never"), 1h));
  }
  site.dns.addresses("example.com", addresses);
  site.http.serve(kV4, http_reply(200, "ok"));
  CHECK(site.fetch().body == "ok");
  CHECK(site.time.elapsed() < 260ms);
}

TEST_CASE("what a connected address says or fails to say is final: no other address hides it", "[agent][http]") {
  struct Row {
    const char* what;
    FakeHttpClient::Server six;
    ProblemCode code;
  };
  FakeHttpClient::Server resets;
  resets.answer = [](const agent::HttpRequest&) { return fail(ProblemCode::kConnectionReset, kV6, "reset"); };
  const Row rows[] = {
      {"connected at once, but silent", answering(http_reply(200, "late"), 1ms, 1h), ProblemCode::kReadTimeout},
      {"connected late, but before IPv4, then silent", answering(http_reply(200, "late"), 260ms, 1h),
       ProblemCode::kReadTimeout},
      {"connected, then reset", resets, ProblemCode::kConnectionReset},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      Site site;
      site.dns.addresses("example.com", {kV4, kV6});
      site.http.serve(kV6, row.six);
      site.http.serve(kV4, answering(http_reply(200, "ok"), 100ms));
      const auto result = site.fetch(5s);
      CHECK(problem_of(result) == row.code);
      CHECK(result.hops[0].tried.back().address.text() == kV6);
      CHECK(result.hops[0].tried.back().problem->code == row.code);
      CHECK(site.http.requested.size() == 1);
      CHECK(result.body.empty());
    }
}

TEST_CASE("more addresses than are tried: neither family crowds the other out", "[agent][http]") {
  Site site;
  std::vector<std::string> many;
  for (int i = 1; i <= 20; ++i) {
    many.push_back("203.113.7." + std::to_string(i));
    many.push_back("2a02:6b8::" + std::to_string(i));
  }
  site.dns.addresses("example.com", many);
  const auto result = site.fetch();
  CHECK(result.hops[0].addresses.size() == kMaxAddresses);
  CHECK(result.hops[0].tried.size() == kMaxAddresses);
  CHECK_FALSE(result.hops[0].addresses.front().is_v4());
  CHECK(result.hops[0].addresses.back().is_v4());
  std::size_t v4 = 0;
  for (const IpAddress& address : result.hops[0].addresses) v4 += address.is_v4() ? 1 : 0;
  CHECK(v4 == kMaxAddresses / 2);
}

TEST_CASE("a body over the limit is a problem of its own; the page of an error is not", "[agent][http]") {
  for (const std::uint16_t status : {std::uint16_t{200}, std::uint16_t{404}}) DYNAMIC_SECTION(status) {
      Site site;
      site.dns.addresses("example.com", {kV4});
      auto reply = http_reply(status, std::string(1001, 'x'));
      reply.body_over_limit = true;
      site.http.serve(kV4, reply);
      const auto result = site.fetch();
      CHECK(result.hops[0].status == status);
      CHECK(result.body.size() == 1001);
      if (status == 200) {
        CHECK(problem_of(result) == ProblemCode::kHttpBodyTooLarge);
      } else {
        CHECK_FALSE(result.hops[0].problem);
      }
    }
}

TEST_CASE("every step ends before its caller's budget", "[agent][http]") {
  Site site;
  site.dns.addresses("example.com", {kV4});
  FakeHttpClient::Server slow;
  slow.answer = [](const agent::HttpRequest&) { return http_reply(200, "ok"); };
  slow.delay = 1h;
  SECTION("a server that is slow to answer") {
    site.http.serve(kV4, slow);
    const auto result = site.fetch(2s);
    CHECK(problem_of(result) == ProblemCode::kReadTimeout);
  }
  SECTION("an address that swallows everything") {
    slow.door.delay = 1h;
    site.http.serve(kV4, slow);
    const auto result = site.fetch(2s);
    CHECK(problem_of(result) == ProblemCode::kConnectionTimeout);
  }
  SECTION("redirects that eat the budget up") {
    int hop = 0;
    FakeHttpClient::Server server = redirecting([&hop](const std::string&) { return "/" + std::to_string(++hop); });
    server.delay = 700ms;
    site.http.serve(kV4, server);
    const auto result = site.fetch(2s);
    CHECK(result.hops.size() == 3);
    CHECK(problem_of(result) == ProblemCode::kReadTimeout);
  }
  CHECK(site.time.elapsed() < 2s);
  CHECK(site.time.elapsed() > 1900ms);
}
