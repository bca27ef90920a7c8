#include "common/rules/http_ask.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

using test::fetched;
using test::hop;
using test::identifier;
using test::ip;

const std::string kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
const AcmeHttp01 kQuestion{kToken, kToken + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"};
const std::string kFirst = "http://example.com/.well-known/acme-challenge/" + kToken;
const std::string kKey = kQuestion.key_authorization;
constexpr const char* kSite = "93.184.216.34";
constexpr const char* kSite6 = "2606:2800:220:1::1";

HttpHop first(std::uint16_t status = 200, std::string location = "") {
  return hop(kFirst, "example.com", {kSite}, status, std::move(location));
}
HttpObservation good() { return fetched({first()}, kKey + "\n"); }

// Of `validated`, which is also what is applied for.
Judgement judged_for(const char* validated, const HttpObservation& seen, const std::vector<std::string>& lab = {}) {
  return judge_http({identifier(validated), identifier(validated)}, {kQuestion}, seen, lab);
}
Judgement judged(const HttpObservation& seen, const std::vector<std::string>& lab = {}) {
  return judged_for("example.com", seen, lab);
}

// The good observation after a change.
template <class Change>
Judgement altered(Change change) {
  HttpObservation seen = good();
  change(seen);
  return judged(seen);
}

Problem problem(ProblemCode code) { return {code, "somewhere", "as the agent said"}; }

}  // namespace

TEST_CASE("a site that answers the key authorization corroborates (RFC 8555 8.3)", "[http-01][judge]") {
  const Judgement judgement = judged(good());
  CHECK(judgement.outcome == Outcome::kCorroborates);
  CHECK_FALSE(judgement.problem);
  CHECK(judgement.key == kKey);
  CHECK(judgement.saw == "200 from 93.184.216.34");
  CHECK_FALSE(judgement.dnssec_authenticated);
  for (const std::uint16_t status : {200, 201, 204, 299}) {  // BR 3.2.2.4.19: any 2xx
    CHECK(judged(fetched({first(status)}, kKey)).outcome == Outcome::kCorroborates);
  }
}

TEST_CASE("redirects are followed to the end, over every address of both families", "[http-01][judge]") {
  const HttpObservation seen =
      fetched({first(301, "https://www.example.com/x?y"),
               hop("https://www.example.com/x?y", "www.example.com", {kSite6, kSite}, 308, "//cdn.example.net/z"),
               hop("https://cdn.example.net/z", "cdn.example.net", {kSite6}, 200)},
              kKey);
  const Judgement judgement = judged(seen);
  CHECK(judgement.outcome == Outcome::kCorroborates);
  // At the second hop IPv4 answered, and not the IPv6 address.
  CHECK(judgement.saw == "200 from 2606:2800:220:1::1 after 2 redirects, IPv6 2606:2800:220:1::1 failed");
  const Judgement one =
      judged(fetched({first(302, "/x"), hop("http://example.com/x", "example.com", {kSite}, 200)}, kKey));
  CHECK(one.saw == "200 from 93.184.216.34 after 1 redirect");
}

TEST_CASE("a redirect may lead to an address, which is asked without a lookup", "[http-01][judge]") {
  const auto literal = [](const char* url, const char* address) {
    HttpHop out;
    out.url = url;
    out.addresses = {ip(address)};
    out.tried = {{ip(address), 80, std::nullopt}};
    out.status = 200;
    return out;
  };
  const auto judge = [&](const char* location, const HttpHop& last) {
    return judged(fetched({first(302, location), last}, kKey));
  };
  CHECK(judge("http://8.8.8.8/x", literal("http://8.8.8.8/x", "8.8.8.8")).outcome == Outcome::kCorroborates);
  CHECK(judge("http://[2606:2800:220:1::1]/", literal("http://[2606:2800:220:1::1]/", kSite6)).outcome ==
        Outcome::kCorroborates);
  CHECK(judge("http://8.8.8.8/x", literal("http://8.8.8.8/x", "8.8.4.4")).outcome == Outcome::kEvidenceInvalid);
  CHECK(judge("http://10.10.10.10", literal("http://10.10.10.10/", "10.10.10.10")).outcome ==
        Outcome::kEvidenceInvalid);
}

TEST_CASE("where a redirect leads is written in lower case", "[http-01][judge]") {
  const auto judge = [](std::string url) {
    return judged(
        fetched({first(302, "http://example.COM/ok"), hop(std::move(url), "example.com", {kSite}, 200)}, kKey));
  };
  CHECK(judge("http://example.com/ok").outcome == Outcome::kCorroborates);
  CHECK(judge("http://example.COM/ok").outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("an IPv6 address that fails beside IPv4 is told, and takes nothing away", "[http-01][judge]") {
  const Judgement judgement = judged(fetched({hop(kFirst, "example.com", {kSite6, kSite}, 200)}, kKey));
  CHECK(judgement.outcome == Outcome::kCorroborates);
  CHECK(judgement.saw == "200 from 93.184.216.34, IPv6 2606:2800:220:1::1 failed");
  CHECK(judgement.ipv6_failed == ip(kSite6));
  // At any hop.
  const Judgement later = judged(fetched({hop(kFirst, "example.com", {kSite6, kSite}, 302, "/x"),
                                          hop("http://example.com/x", "example.com", {kSite6}, 200)},
                                         kKey));
  CHECK(later.saw == "200 from 2606:2800:220:1::1 after 1 redirect, IPv6 2606:2800:220:1::1 failed");
  // A negative judgement has its own reason.
  const Judgement negative = judged(fetched({hop(kFirst, "example.com", {kSite6, kSite}, 404)}, ""));
  CHECK_FALSE(negative.ipv6_failed);
  CHECK(negative.saw == "404 from 93.184.216.34");
}

TEST_CASE("an address identifier is asked without a lookup (BR 3.2.2.5.6)", "[http-01][judge]") {
  HttpHop literal;
  literal.url = "http://[2606:2800:220:1::1]/.well-known/acme-challenge/" + kToken;
  literal.addresses = {ip(kSite6)};
  literal.tried = {{ip(kSite6), 80, std::nullopt}};
  literal.status = 200;
  const auto judge = [&] { return judged_for(kSite6, fetched({literal}, kKey)).outcome; };
  CHECK(judge() == Outcome::kCorroborates);
  literal.lookups = {test::answered(kSite6, RecordType::kAaaa)};
  CHECK(judge() == Outcome::kEvidenceInvalid);
}

TEST_CASE("what a site answers otherwise contradicts, and says how", "[http-01][judge]") {
  struct Row {
    const char* rule;
    HttpObservation seen;
    ProblemCode code;
    const char* says;
  };
  const Row rows[] = {
      {"404", fetched({first(404)}, ""), ProblemCode::kHttpStatus, "404"},
      {"410", fetched({first(410)}, kKey), ProblemCode::kHttpStatus, "410"},
      {"500", fetched({first(500)}, ""), ProblemCode::kHttpStatus, "500"},
      {"an informational status", fetched({first(199)}, kKey), ProblemCode::kHttpStatus, "199"},
      {"404 of the last URL", fetched({first(302, "/x"), hop("http://example.com/x", "example.com", {kSite}, 404)}, ""),
       ProblemCode::kHttpStatus, "404 from http://example.com/x"},
      {"303", fetched({first(303, "/x")}, ""), ProblemCode::kRedirectForbidden, "303"},
      {"a redirect without a Location", fetched({first(301)}, ""), ProblemCode::kRedirectForbidden, "without"},
      {"a redirect to another port", fetched({first(301, "http://example.com:1987/")}, ""),
       ProblemCode::kRedirectForbidden, "ports"},
      {"another text", fetched({first()}, "hello"), ProblemCode::kChallengeMismatch, "hello"},
      {"no text", fetched({first()}, ""), ProblemCode::kChallengeMismatch, "nothing"},
      {"more after the key authorization", fetched({first()}, kKey + "x"), ProblemCode::kChallengeMismatch, "expected"},
      {"a page", fetched({first()}, std::string(2'000, 'p')), ProblemCode::kHttpBodyTooLarge, "begins \"ppp"},
      {"white space without end", fetched({first()}, kKey + std::string(2'000, ' ')), ProblemCode::kHttpBodyTooLarge,
       "over"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judged(row.seen);
      CHECK(judgement.outcome == Outcome::kContradicts);
      REQUIRE(judgement.problem);
      CHECK(judgement.problem->code == row.code);
      CHECK_THAT(judgement.problem->detail, Catch::Contains(row.says));
      CHECK(judgement.key.empty());
    }
}

TEST_CASE("what an agent reports is believed as far as it corroborates nothing", "[http-01][judge]") {
  struct Row {
    ProblemCode code;
    Outcome outcome;
  };
  const Row rows[] = {
      {ProblemCode::kDnsNxdomain, Outcome::kContradicts},
      {ProblemCode::kDnsServfail, Outcome::kCouldNotLook},
      {ProblemCode::kAddressForbidden, Outcome::kContradicts},
      {ProblemCode::kConnectionRefused, Outcome::kCouldNotLook},
      {ProblemCode::kConnectionTimeout, Outcome::kCouldNotLook},
      {ProblemCode::kReadTimeout, Outcome::kCouldNotLook},
      {ProblemCode::kTlsFailed, Outcome::kCouldNotLook},
      {ProblemCode::kNoIpv6Egress, Outcome::kCouldNotLook},
      {ProblemCode::kBudgetExhausted, Outcome::kCouldNotLook},
      {ProblemCode::kHttpMalformed, Outcome::kContradicts},
      {ProblemCode::kHttpBodyTooLarge, Outcome::kContradicts},
      {ProblemCode::kResolverUnavailable, Outcome::kUnreachable},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(row.code)) {
      HttpHop none = first(0);
      none.problem = problem(row.code);
      const Judgement judgement = judged(fetched({none}, ""));
      CHECK(judgement.outcome == row.outcome);
      REQUIRE(judgement.problem);
      CHECK(judgement.problem->code == row.code);
      CHECK(judgement.saw == "no answer (" + std::string(to_string(row.code)) + ")");
      // Even beside an answer that would match.
      HttpHop matching = first(200);
      matching.problem = problem(row.code);
      CHECK(judged(fetched({matching}, kKey)).outcome == row.outcome);
    }
}

TEST_CASE("loops and too many redirects must follow from what was seen", "[http-01][judge]") {
  const auto chain = [](std::size_t hops, ProblemCode last) {
    std::vector<HttpHop> out;
    for (std::size_t i = 0; i < hops; ++i) {
      const std::string url = i == 0 ? kFirst : "http://example.com/" + std::to_string(i);
      out.push_back(hop(url, "example.com", {kSite}, 302, "/" + std::to_string(i + 1)));
    }
    out.back().problem = problem(last);
    return judged(fetched(out, ""));
  };
  CHECK(chain(kMaxHops, ProblemCode::kTooManyRedirects).problem->code == ProblemCode::kTooManyRedirects);
  CHECK(chain(kMaxHops, ProblemCode::kTooManyRedirects).outcome == Outcome::kContradicts);
  CHECK(chain(kMaxHops - 1, ProblemCode::kTooManyRedirects).outcome == Outcome::kEvidenceInvalid);
  CHECK(chain(kMaxHops + 1, ProblemCode::kTooManyRedirects).outcome == Outcome::kEvidenceInvalid);
  CHECK(chain(3, ProblemCode::kRedirectLoop).outcome == Outcome::kEvidenceInvalid);

  HttpHop itself = first(302, kFirst);
  itself.problem = problem(ProblemCode::kRedirectLoop);
  CHECK(judged(fetched({itself}, "")).problem->code == ProblemCode::kRedirectLoop);
  HttpHop back = hop("http://example.com/x", "example.com", {kSite}, 301, kFirst);
  back.problem = problem(ProblemCode::kRedirectLoop);
  CHECK(judged(fetched({first(302, "/x"), back}, "")).outcome == Outcome::kContradicts);
  HttpHop no_redirect = first(200);
  no_redirect.problem = problem(ProblemCode::kRedirectLoop);
  CHECK(judged(fetched({no_redirect}, kKey)).outcome == Outcome::kEvidenceInvalid);
  // Asked twice, although nothing may be.
  CHECK(judged(fetched({first(302, kFirst), first(200)}, kKey)).outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("ten redirects are followed and the tenth may answer", "[http-01][judge]") {
  std::vector<HttpHop> hops = {first(302, "/1")};
  for (std::size_t i = 1; i < kMaxHops; ++i) {
    const bool last = i + 1 == kMaxHops;
    hops.push_back(hop("http://example.com/" + std::to_string(i), "example.com", {kSite},
                       static_cast<std::uint16_t>(last ? 200 : 307), last ? "" : "/" + std::to_string(i + 1)));
  }
  const Judgement judgement = judged(fetched(hops, kKey));
  CHECK(judgement.outcome == Outcome::kCorroborates);
  CHECK(judgement.saw == "200 from 93.184.216.34 after 10 redirects");
}

TEST_CASE("a claim that the rules would not have led to is no evidence", "[http-01][judge]") {
  struct Row {
    const char* rule;
    Judgement judgement;
    const char* says;
  };
  const Row rows[] = {
      {"no request", altered([](HttpObservation& o) { o.hops.clear(); }), "no request"},
      {"another URL", altered([](HttpObservation& o) { o.hops[0].url += "x"; }),
       "the rules lead to http://example.com/.well-known"},
      {"another host", altered([](HttpObservation& o) { o.hops[0].url.replace(7, 11, "example.org"); }),
       "the rules lead to"},
      {"another scheme", altered([](HttpObservation& o) { o.hops[0].url.replace(0, 4, "https"); }),
       "the rules lead to"},
      {"another port", altered([](HttpObservation& o) { o.hops[0].tried[0].port = 8'080; }), "port 8080 was dialled"},
      {"port 443 for http", altered([](HttpObservation& o) { o.hops[0].tried[0].port = 443; }), "port 443 was dialled"},
      {"an address that was not resolved",
       altered([](HttpObservation& o) { o.hops[0].tried[0].address = ip("1.1.1.1"); }),
       "1.1.1.1 is none of the addresses"},
      {"a candidate that was not resolved",
       altered([](HttpObservation& o) { o.hops[0].addresses.push_back(ip("1.1.1.1")); }),
       "1.1.1.1 is none of the addresses"},
      {"no lookups", altered([](HttpObservation& o) { o.hops[0].lookups.clear(); }), "is none of the addresses"},
      {"lookups of another name", altered([](HttpObservation& o) { o.hops[0].lookups[0].name = "example.org"; }),
       "a lookup of A for \"example.org\""},
      {"lookups of another type", altered([](HttpObservation& o) { o.hops[0].lookups[0].type = RecordType::kTxt; }),
       "a lookup of TXT"},
      {"addresses from a failed lookup", altered([](HttpObservation& o) { o.hops[0].lookups[0].rcode = kServfail; }),
       "is none of the addresses"},
      {"an IPv4 address from AAAA",
       altered([](HttpObservation& o) { std::swap(o.hops[0].lookups[0].records, o.hops[0].lookups[1].records); }),
       "is none of the addresses"},
      {"an answer from no address", altered([](HttpObservation& o) { o.hops[0].tried.clear(); }),
       "no address, or more than one"},
      {"an answer from an address that failed",
       altered([](HttpObservation& o) { o.hops[0].tried[0].problem = problem(ProblemCode::kConnectionRefused); }),
       "no address, or more than one"},
      {"answers from two addresses", altered([](HttpObservation& o) { o.hops[0].tried.push_back(o.hops[0].tried[0]); }),
       "no address, or more than one"},
      {"outpaced by none", altered([](HttpObservation& o) {
         o.hops[0].status = 0;
         o.hops[0].problem = problem(ProblemCode::kConnectionTimeout);
         o.hops[0].tried[0].problem = problem(ProblemCode::kOutpaced);
       }),
       "outpaced by none"},
      {"tried on after the answer", altered([](HttpObservation& o) {
         o.hops[0].tried.push_back({ip(kSite), 80, problem(ProblemCode::kConnectionRefused)});
       }),
       "no address, or more than one"},
      {"neither an answer nor a problem", altered([](HttpObservation& o) { o.hops[0].status = 0; }),
       "neither an answer nor a problem"},
      {"a body that was cut", altered([](HttpObservation& o) { o.body_cut = true; }), "not whole"},
      {"a body of another size", altered([](HttpObservation& o) { ++o.body_size; }), "not whole"},
      {"a body of another digest", altered([](HttpObservation& o) { o.body_sha256[5] ^= 1U; }), "not whole"},
      {"a fetch that ended at a redirect that leads on", judged(fetched({first(302, "/x")}, kKey)),
       "ended at a redirect"},
      {"a hop that no redirect led to",
       judged(fetched({first(200), hop("http://example.com/x", "example.com", {kSite}, 200)}, kKey)),
       "followed that must not be: status 200"},
      {"a hop elsewhere than the redirect led to",
       judged(fetched({first(302, "/y"), hop("http://example.com/x", "example.com", {kSite}, 200)}, kKey)),
       "the rules lead to http://example.com/y"},
      {"a hop after a forbidden redirect",
       judged(fetched({first(303, "/x"), hop("http://example.com/x", "example.com", {kSite}, 200)}, kKey)),
       "followed that must not be: status 303"},
      {"a hop after a hop that failed", altered([](HttpObservation& o) {
         o.hops[0] = first(302, "/x");
         o.hops[0].problem = problem(ProblemCode::kAddressForbidden);
         o.hops.push_back(hop("http://example.com/x", "example.com", {kSite}, 200));
       }),
       "requests go on"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(row.judgement.outcome == Outcome::kEvidenceInvalid);
      REQUIRE(row.judgement.problem);
      CHECK(row.judgement.problem->code == ProblemCode::kEvidenceInvalid);
      CHECK_THAT(row.judgement.problem->detail, Catch::Contains(row.says));
      CHECK(row.judgement.key.empty());
    }
  const DcvSubject wildcard{identifier("*.example.com"), identifier("example.com")};
  CHECK(judge_http(wildcard, {kQuestion}, good(), {}).outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("a cut body that begins wrong contradicts, one that begins right proves nothing", "[http-01][judge]") {
  HttpObservation seen = fetched({first()}, kKey + " \n");
  seen.body_cut = true;
  CHECK(judged(seen).outcome == Outcome::kEvidenceInvalid);
  seen = fetched({first()}, "hello");
  seen.body_cut = true;
  seen.body_size = 300;
  CHECK(judged(seen).outcome == Outcome::kContradicts);
  CHECK(judged(seen).problem->code == ProblemCode::kChallengeMismatch);
}

TEST_CASE("no forbidden address is dialled, unless the lab's stamps name it", "[http-01][judge]") {
  const HttpObservation loopback = fetched({hop(kFirst, "example.com", {"127.77.0.1"}, 200)}, kKey);
  CHECK(judged(loopback).outcome == Outcome::kEvidenceInvalid);
  CHECK(judged(loopback, {"addresses 127.77.0.0/16"}).outcome == Outcome::kCorroborates);
  CHECK(judged(loopback, {"addresses 127.78.0.0/16"}).outcome == Outcome::kEvidenceInvalid);
  CHECK(judged(loopback, {"ports 80=18080"}).outcome == Outcome::kEvidenceInvalid);
  for (const char* address : {"10.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fd00::1", "::ffff:93.184.216.34",
                              "64:ff9b::5db8:d822", "2002:5db8:d822::1"}) {
    INFO(address);
    CHECK(judged(fetched({hop(kFirst, "example.com", {address}, 200)}, kKey)).outcome == Outcome::kEvidenceInvalid);
  }
  // Refused instead of dialled: the agent kept the rule.
  HttpHop refused = hop(kFirst, "example.com", {"10.0.0.1"}, 0);
  refused.tried[0].problem = refused.problem = problem(ProblemCode::kAddressForbidden);
  CHECK(judged(fetched({refused}, "")).outcome == Outcome::kContradicts);
}

TEST_CASE("a port map of the lab is dialled as it is stamped", "[http-01][judge]") {
  HttpObservation seen = good();
  seen.hops[0].tried[0].port = 18'080;
  CHECK(judged(seen).outcome == Outcome::kEvidenceInvalid);
  CHECK(judged(seen, {"ports 443=18443,80=18080"}).outcome == Outcome::kCorroborates);
  CHECK(judged(seen, {"ports 80=18081"}).outcome == Outcome::kEvidenceInvalid);
  CHECK(judged(good(), {"ports 80=18080"}).outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("a site is authenticated when every lookup that answered is", "[http-01][judge]") {
  HttpObservation seen = good();
  for (DnsLookup& lookup : seen.hops[0].lookups) lookup.authenticated = true;
  CHECK(judged(seen).dnssec_authenticated);
  seen.hops[0].lookups[1].authenticated = false;
  CHECK_FALSE(judged(seen).dnssec_authenticated);
  seen.hops[0].lookups[1].rcode = kServfail;  // did not count
  CHECK(judged(seen).dnssec_authenticated);
}

TEST_CASE("addresses that were cut are no basis for a positive judgement", "[http-01][judge]") {
  HttpObservation seen = good();
  seen.hops[0].lookups[0].records_cut = true;
  CHECK(judged(seen).outcome == Outcome::kCouldNotLook);
  CHECK(judged(seen).problem->code == ProblemCode::kDnsTooManyRecords);
}

}  // namespace mpic::rules
