#include "common/rules/dcv_http.hpp"
#include "common/rules/http_ask.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

using test::fetched;
using test::hop;
using test::identifier;
using test::ip;

const std::string kValue = "0123456789abcdef0123456789abcdef";
constexpr const char* kSite = "93.184.216.34";
constexpr const char* kSite6 = "2606:2800:220:1::1";
const std::string kPage = "http://example.com/.well-known/pki-validation/file.txt";

WebsiteChange change(std::string regex = "") { return {"file.txt", kValue, false, std::move(regex)}; }

DcvSubject subject(const char* validated) { return {identifier(validated), identifier(validated)}; }

HttpHop first(std::uint16_t status = 200, std::string location = "") {
  return hop(kPage, "example.com", {kSite}, status, std::move(location));
}
HttpHop first_of_address(std::uint16_t status = 200, std::string location = "") {
  HttpHop out;
  out.url = "http://[2606:2800:220:1::1]/.well-known/pki-validation/file.txt";
  out.addresses = {ip(kSite6)};
  out.tried = {{ip(kSite6), 80, std::nullopt}};
  out.status = status;
  out.location = std::move(location);
  return out;
}

Judgement judged(const HttpObservation& seen, const WebsiteChange& question = change()) {
  return judge_http(subject("example.com"), {question}, seen, {});
}

// As an agent keeps a page that it takes for no proof.
HttpObservation cut_to(std::size_t kept, HttpObservation seen) {
  seen.body.resize(kept);
  seen.body_cut = true;
  return seen;
}

}  // namespace

TEST_CASE("what is asked for, by method and kind of identifier", "[http][ask]") {
  struct Row {
    const char* rule;
    const char* validated;
    DcvQuestion question;
    std::string url;
    const char* host;
    std::size_t redirects;
    std::size_t body_limit;
    std::string secret;
  };
  const std::string token(22, 't');
  const AcmeHttp01 http_01{token, token + "." + std::string(43, 'k')};
  WebsiteChange https = change();
  https.https = true;
  https.path = "sub/file.html";
  const std::size_t limit = http_01_body_limit(http_01);
  const Row rows[] = {
      {"http-01 of a name",
       "example.com",
       {http_01},
       "http://example.com/.well-known/acme-challenge/" + token,
       "example.com",
       10,
       limit,
       ""},
      {"http-01 of an address: Host is the address (RFC 8738 4)",
       "8.8.8.8",
       {http_01},
       "http://8.8.8.8/.well-known/acme-challenge/" + token,
       "8.8.8.8",
       10,
       limit,
       ""},
      {"http-01 of an IPv6 address: in brackets",
       kSite6,
       {http_01},
       "http://[2606:2800:220:1::1]/.well-known/acme-challenge/" + token,
       "[2606:2800:220:1::1]",
       10,
       limit,
       ""},
      {"website-change of a name", "example.com", {change()}, kPage, "example.com", 10, kMaxBody, kValue},
      {"website-change by https",
       "example.com",
       {https},
       "https://example.com/.well-known/pki-validation/sub/file.html",
       "example.com",
       10,
       kMaxBody,
       kValue},
      {"website-change of an address follows none (BR 3.2.2.5.1)",
       kSite6,
       {change()},
       "http://[2606:2800:220:1::1]/.well-known/pki-validation/file.txt",
       "[2606:2800:220:1::1]",
       0,
       kMaxBody,
       kValue},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const HttpAsk ask = http_ask(subject(row.validated), row.question);
      CHECK(ask.first.url() == row.url);
      CHECK(ask.first.host_header() == row.host);
      CHECK(ask.first.port == (ask.first.https ? 443 : 80));
      CHECK(ask.redirects == row.redirects);
      CHECK(ask.body_limit == row.body_limit);
      CHECK(ask.secret == row.secret);
    }
}

TEST_CASE("the value must not be in a request, however it is written (BR 3.2.2.4.18)", "[http][ask][hostile]") {
  struct Row {
    const char* rule;
    const char* url;
    const char* secret;
    bool held;
  };
  const Row rows[] = {
      {"elsewhere", "http://example.com/other", "s3cret", false},
      {"in the path", "http://example.com/a/s3cret/b", "s3cret", true},
      {"in the query", "http://example.com/?x=s3cret", "s3cret", true},
      {"in the host", "http://s3cret.example.com/", "s3cret", true},
      {"as a part of a word", "http://example.com/as3cretb", "s3cret", true},
      {"in another case, which no page can make good", "http://example.com/S3CRET", "s3cret", false},
      {"one letter percent-encoded", "http://example.com/s3%63ret", "s3cret", true},
      {"all letters percent-encoded", "http://example.com/%73%33%63%72%65%74", "s3cret", true},
      {"percent-encoded by small digits", "http://example.com/a%2fb%2f", "a/b/", true},
      {"percent-encoded by large digits", "http://example.com/a%2Fb%2F", "a/b/", true},
      {"encoded twice", "http://example.com/s3%2563ret", "s3cret", true},
      {"encoded three times", "http://example.com/s3%252563ret", "s3cret", true},
      {"a plus for a blank", "http://example.com/?x=two+words", "two words", true},
      {"an encoded blank", "http://example.com/?x=two%20words", "two words", true},
      {"a plus for a plus", "http://example.com/?x=a+b", "a+b", true},
      {"a value with a percent sign", "http://example.com/?x=a%41b", "a%41b", true},
      {"its beginning only", "http://example.com/s3cre", "s3cret", false},
      {"a broken encoding at the end", "http://example.com/s3cre%7", "s3cret", false},
      {"a lone percent sign", "http://example.com/s3cret%", "s3cret", true},
      {"nothing to hide", "http://example.com/", "", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(holds_secret(row.url, row.secret) == row.held);
    }
}

TEST_CASE("where a redirect of this method leads, and where not", "[http][ask]") {
  const HttpAsk ask = http_ask(subject("example.com"), {change()});
  const auto led = [&](const std::string& location, unsigned status = 302) {
    return next_target(ask, ask.first, status, location);
  };
  CHECK(led("/other?x=y")->url() == "http://example.com/other?x=y");
  CHECK(led("//www.example.net/" + kValue.substr(1))->host_text() == "www.example.net");
  CHECK_THAT(led("/other", 303).error().detail, Catch::Contains("303"));
  for (const std::string& location :
       {"/" + kValue, "/?v=" + kValue, "http://" + kValue + ".example.com/", "/%30" + kValue.substr(1)}) {
    INFO(location);
    const auto next = led(location);
    REQUIRE_FALSE(next);
    CHECK(next.error().code == ProblemCode::kRedirectForbidden);
    CHECK(next.error().where == kPage);
    CHECK_THAT(next.error().detail, Catch::Contains("holds the challenge value"));
  }
  // A fragment is not sent.
  CHECK(led("/x#" + kValue)->url() == "http://example.com/x");

  const HttpAsk of_address = http_ask(subject("8.8.8.8"), {change()});
  for (const unsigned status : {301U, 302U, 307U, 308U, 303U}) {
    const auto next = next_target(of_address, of_address.first, status, "/other");
    REQUIRE_FALSE(next);
    CHECK(next.error().code == ProblemCode::kRedirectForbidden);
    CHECK_THAT(next.error().detail, Catch::Contains("BR 3.2.2.5.1"));
  }
}

TEST_CASE("a page that holds the value corroborates (BR 3.2.2.4.18)", "[website-change][judge]") {
  for (const std::string& body :
       {kValue, "<html><p>" + kValue + "</p></html>", "x" + kValue + "y", std::string(kMaxBody - 32, 'x') + kValue}) {
    const Judgement judgement = judged(fetched({first()}, body));
    CHECK(judgement.outcome == Outcome::kCorroborates);
    CHECK(judgement.key == kValue);
    CHECK(judgement.saw == "200 from 93.184.216.34");
  }
  for (const std::uint16_t status : {200, 201, 299}) {
    CHECK(judged(fetched({first(status)}, kValue)).outcome == Outcome::kCorroborates);
  }
  const Judgement redirected =
      judged(fetched({first(301, "/x"), hop("http://example.com/x", "example.com", {kSite6, kSite}, 200)}, kValue));
  CHECK(redirected.outcome == Outcome::kCorroborates);
  CHECK(redirected.ipv6_failed == ip(kSite6));
  WebsiteChange https = change();
  https.https = true;
  const std::string url = "https://example.com/.well-known/pki-validation/file.txt";
  CHECK(judged(fetched({hop(url, "example.com", {kSite}, 200)}, kValue), https).outcome == Outcome::kCorroborates);
  CHECK(judged(fetched({first()}, kValue), https).outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("a page must match the regular expression too", "[website-change][judge]") {
  const auto outcome = [](const std::string& body, const char* regex) {
    return judged(fetched({first()}, body), change(regex)).outcome;
  };
  CHECK(outcome("id: " + kValue, "^id: [0-9a-f]{32}$") == Outcome::kCorroborates);
  CHECK(outcome(kValue, "(?i)ABCDEF") == Outcome::kCorroborates);
  CHECK(outcome(kValue + "\xFF", "\\xFF") == Outcome::kCorroborates);
  CHECK(outcome("x" + kValue, "^id: ") == Outcome::kContradicts);
  CHECK(outcome("id: " + kValue.substr(1), "^id: ") == Outcome::kContradicts);
  CHECK(outcome(kValue, "(") == Outcome::kContradicts);  // no question has one; nothing matches it
}

TEST_CASE("what a site answers otherwise contradicts, and says how it begins", "[website-change][judge]") {
  struct Row {
    const char* rule;
    HttpObservation seen;
    WebsiteChange question;
    ProblemCode code;
    const char* says;
  };
  const Row rows[] = {
      {"another page", fetched({first()}, "hello"), change(), ProblemCode::kChallengeMismatch,
       "in the page, got \"hello\""},
      {"nothing", fetched({first()}, ""), change(), ProblemCode::kChallengeMismatch, "got nothing"},
      {"the value in another case", fetched({first()}, "0123456789ABCDEF0123456789ABCDEF"), change(),
       ProblemCode::kChallengeMismatch, "expected the challenge value"},
      {"the value broken into lines", fetched({first()}, kValue.substr(0, 16) + "\n" + kValue.substr(16)), change(),
       ProblemCode::kChallengeMismatch, "\\x0a"},
      {"a page that does not match", fetched({first()}, kValue), change("nothing of the kind"),
       ProblemCode::kChallengeMismatch, "a page that matches \"nothing of the kind\""},
      {"printf verbs and octets that are no UTF-8", fetched({first()}, "%s%n\xFF"), change(),
       ProblemCode::kChallengeMismatch, "%s%n\\xff"},
      {"a page over the limit", fetched({first()}, kValue + std::string(kMaxBody, 'x')), change(),
       ProblemCode::kHttpBodyTooLarge, "over 16384 octets and begins \"0123"},
      {"404 with the value", fetched({first(404)}, kValue), change(), ProblemCode::kHttpStatus, "404"},
      {"303", fetched({first(303, "/x")}, ""), change(), ProblemCode::kRedirectForbidden, "303"},
      {"a redirect that holds the value, where the agent stopped", fetched({first(302, "/" + kValue)}, ""), change(),
       ProblemCode::kRedirectForbidden, "holds the challenge value"},
      {"a redirect that holds it percent-encoded", fetched({first(302, "/%30" + kValue.substr(1))}, ""), change(),
       ProblemCode::kRedirectForbidden, "holds the challenge value"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judged(row.seen, row.question);
      CHECK(judgement.outcome == Outcome::kContradicts);
      REQUIRE(judgement.problem);
      CHECK(judgement.problem->code == row.code);
      CHECK_THAT(judgement.problem->detail, Catch::Contains(row.says));
      CHECK(judgement.problem->detail.size() <= 2'048);
      CHECK(judgement.key.empty());
    }
}

TEST_CASE("a page of which only the beginning was kept proves nothing, and accuses nobody", "[website-change][judge]") {
  const HttpObservation other = cut_to(kBodyPrefix, fetched({first()}, std::string(5'000, 'x')));
  CHECK(judged(other).outcome == Outcome::kContradicts);
  CHECK(judged(other).problem->code == ProblemCode::kChallengeMismatch);
  // The expression matched the beginning, not the whole.
  const HttpObservation begins = cut_to(kBodyPrefix, fetched({first()}, kValue + std::string(5'000, 'x')));
  CHECK(judged(begins, change("x$")).outcome == Outcome::kContradicts);
  CHECK_THAT(judged(begins).problem->detail, Catch::Contains("its beginning, which was kept, would"));
  // Too many addresses was the agent's reason.
  HttpObservation many = begins;
  many.hops[0].lookups[0].records_cut = true;
  CHECK(judged(many).problem->code == ProblemCode::kDnsTooManyRecords);
  CHECK(judged(many).outcome == Outcome::kCouldNotLook);
}

TEST_CASE("a page that cannot be what was seen is no evidence", "[website-change][judge]") {
  struct Row {
    const char* rule;
    HttpObservation seen;
    const char* says;
  };
  const HttpHop with_value = hop("http://example.com/" + kValue, "example.com", {kSite}, 200);
  const HttpHop encoded = hop("http://example.com/%30" + kValue.substr(1), "example.com", {kSite}, 200);
  HttpObservation size = fetched({first()}, kValue), digest = size;
  ++size.body_size;
  digest.body_sha256[0] ^= 1U;
  const Row rows[] = {
      {"a redirect that holds the value was followed", fetched({first(302, "/" + kValue), with_value}, kValue),
       "was followed that must not be: Location holds"},
      {"one that holds it percent-encoded", fetched({first(302, "/%30" + kValue.substr(1)), encoded}, kValue),
       "was followed that must not be: Location holds"},
      {"a body of another size", size, "not whole"},
      {"a body of another digest", digest, "not whole"},
      {"the URL of another method",
       fetched({hop("http://example.com/.well-known/acme-challenge/file.txt", "example.com", {kSite}, 200)}, kValue),
       "the rules lead to http://example.com/.well-known/pki-validation/file.txt"},
      {"eleven redirects", fetched(std::vector<HttpHop>(12, first(302, "/x")), kValue),
       "more requests than redirects allow"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Judgement judgement = judged(row.seen);
      CHECK(judgement.outcome == Outcome::kEvidenceInvalid);
      REQUIRE(judgement.problem);
      CHECK_THAT(judgement.problem->detail, Catch::Contains(row.says));
    }
}

TEST_CASE("for an address the value is in a meta tag, and no redirect is followed (BR 3.2.2.5.1)",
          "[website-change][judge]") {
  const auto judge = [](const HttpObservation& seen, const WebsiteChange& question = change()) {
    return judge_http(subject(kSite6), {question}, seen, {});
  };
  const std::string page = "<html><meta name=\"ca\" content=\"" + kValue + "\"></html>";
  const Judgement good = judge(fetched({first_of_address()}, page));
  CHECK(good.outcome == Outcome::kCorroborates);
  CHECK(good.key == kValue);
  CHECK_FALSE(good.dnssec_authenticated);
  CHECK(judge(fetched({first_of_address()}, page), change("<html>")).outcome == Outcome::kCorroborates);
  CHECK(judge(fetched({first_of_address()}, page), change("<HTML>")).outcome == Outcome::kContradicts);
  CHECK(judge(fetched({first_of_address(404)}, page)).outcome == Outcome::kContradicts);

  const Judgement as_text = judge(fetched({first_of_address()}, kValue));
  CHECK(as_text.outcome == Outcome::kContradicts);
  CHECK_THAT(as_text.problem->detail, Catch::Contains("a meta tag in the page") && Catch::Contains("BR 3.2.2.5.1"));

  const Judgement stopped = judge(fetched({first_of_address(302, "/x")}, ""));
  CHECK(stopped.outcome == Outcome::kContradicts);
  CHECK(stopped.problem->code == ProblemCode::kRedirectForbidden);
  HttpHop followed = first_of_address();
  followed.url = "http://[2606:2800:220:1::1]/x";
  CHECK(judge(fetched({first_of_address(302, "/x"), followed}, page)).outcome == Outcome::kEvidenceInvalid);
  HttpHop too_many = first_of_address(302, "/x");
  too_many.problem = Problem(ProblemCode::kTooManyRedirects, "", "as the agent said");
  CHECK(judge(fetched({too_many}, "")).outcome == Outcome::kEvidenceInvalid);
}

TEST_CASE("a value that is in the name itself proves nothing", "[website-change][judge]") {
  WebsiteChange question = change();
  question.challenge_value = "a-name-of-many-letters.example.com";
  const std::string host = "www." + question.challenge_value;
  const HttpObservation seen = fetched(
      {hop("http://" + host + "/.well-known/pki-validation/file.txt", host, {kSite}, 200)}, "welcome to " + host);
  const Judgement judgement = judge_http(subject(host.c_str()), {question}, seen, {});
  CHECK(judgement.outcome == Outcome::kContradicts);
  CHECK_THAT(judgement.problem->detail, Catch::Contains("in the URL that is asked for"));
}

TEST_CASE("website-change validates no wildcard (BR 3.2.2.4.18)", "[website-change][judge]") {
  const DcvSubject wildcard{identifier("*.example.com"), identifier("example.com")};
  CHECK(judge_http(wildcard, {change()}, fetched({first()}, kValue), {}).outcome == Outcome::kEvidenceInvalid);
}

}  // namespace mpic::rules
