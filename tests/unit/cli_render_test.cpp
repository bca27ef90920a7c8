#include <google/protobuf/text_format.h>

#include "cli/json.hpp"
#include "cli/policy_view.hpp"
#include "cli/render.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace mpic;
using namespace mpic::cli;

template <class Message>
Message message(const std::string& text) {
  Message result;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &result));
  return result;
}

constexpr const char* kFiveOfSix = R"(
  record_id: "01J" trace_id: "order 7" identifier: "www.example.com"
  verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_CORROBORATED
  not_enforceable_because: "lab relaxation: ports 80=18080" not_enforceable_because: "mode MONITOR was asked"
  findings: "only ap-southeast sees other content: its route may be hijacked"
  started { seconds: 1795766390 } decided { seconds: 1795766391 nanos: 250000000 } attempts: 1
  policy { profile: "cabf-tls-br" br_version: "2.3.1" table_date: "2026-10-04" evaluated_at { seconds: 1795766390 } }
  checks {
    kind: CHECK_KIND_DCV verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_CORROBORATED
    quorum { corroborated: 5 attempted: 6 fraction: "5/6" }
    clause: "BR 3.2.2.9" explanation: "5 of 6 remote perspectives in 4 RIRs corroborate; 2 may fail"
    dcv { method: DCV_METHOD_ACME_HTTP_01 authorization_domain: "www.example.com" }
    usable_until { seconds: 1795766399 }
    explanations {
      code: PROBLEM_CODE_CHALLENGE_MISMATCH meaning: "There was an answer, but not the expected value."
      advice: "Publish exactly the value given for this validation, with nothing before or after it. An old value is the usual cause."
      perspectives: "ap-southeast" perspectives: "eu-north"
    }
    perspectives {
      perspective: "primary" role: ROLE_PRIMARY rir: RIR_RIPE outcome: OUTCOME_CORROBORATES elapsed_ms: 24
      saw: "200 from 192.0.2.1" dnssec_authenticated: true place: "Zürich"
    }
    perspectives {
      perspective: "ap-southeast" role: ROLE_REMOTE rir: RIR_APNIC outcome: OUTCOME_CONTRADICTS elapsed_ms: 131
      saw: "200 from 192.0.2.66" place: "Singapore"
      problem {
        code: PROBLEM_CODE_CHALLENGE_MISMATCH where: "http://www.example.com/.well-known/acme-challenge/t"
        detail: "the body is \033]0;owned\007 not the key authorization"
      }
    }
    perspectives {
      perspective: "eu-north" role: ROLE_REMOTE rir: RIR_RIPE outcome: OUTCOME_CONTRADICTS elapsed_ms: 132
      saw: "200 from 192.0.2.66" place: "Oslo"
      problem {
        code: PROBLEM_CODE_CHALLENGE_MISMATCH where: "http://www.example.com/.well-known/acme-challenge/t"
        detail: "the body is \033]0;owned\007 not the key authorization"
      }
    }
    perspectives {
      perspective: "af-south" role: ROLE_REMOTE rir: RIR_AFRINIC outcome: OUTCOME_UNREACHABLE place: "東京"
      problem { code: PROBLEM_CODE_UNREACHABLE where: "af-south" detail: "no connection to 192.0.2.7:7443" }
    }
  })";

Style plain(std::size_t width) {
  Style style;
  style.width = width;
  return style;
}

TimePoint day(const char* text) {
  const auto when = day_from(text);
  REQUIRE(when);
  return *when;
}

}  // namespace

TEST_CASE("cli: a verdict as people see it", "[cli]") {
  const auto response = message<v1::CorroborateResponse>(kFiveOfSix);
  CHECK(render(response, false, plain(132)) ==
        R"(? NOT_DETERMINED, would be CORROBORATED 5/6  www.example.com
  No basis for issuance.

DCV by acme-http-01: NOT_DETERMINED, would be CORROBORATED 5/6
  PERSPECTIVE   PLACE      RIR      ROLE     OUTCOME           TIME  DNSSEC  WHAT IT SAW
  primary       Zürich     RIPE     primary  ✓ corroborates   24 ms  yes     200 from 192.0.2.1
  ap-southeast  Singapore  APNIC    remote   ✗ contradicts   131 ms  no      CHALLENGE_MISMATCH, saw 200 from 192.0.2.66
  eu-north      Oslo       RIPE     remote   ✗ contradicts   132 ms  no      CHALLENGE_MISMATCH, saw 200 from 192.0.2.66
  af-south      東京       AFRINIC  remote   ? unreachable        -  -       UNREACHABLE

  Problem       ap-southeast, eu-north: CHALLENGE_MISMATCH at http://www.example.com/.well-known/acme-challenge/t: the body is
                \x1b]0;owned\x07 not the key authorization
  What it means There was an answer, but not the expected value.
  What to do    Publish exactly the value given for this validation, with nothing before or after it. An old value is the usual
                cause.
  Problem       af-south: UNREACHABLE: no connection to 192.0.2.7:7443
  Decided by    BR 3.2.2.9: 5 of 6 remote perspectives in 4 RIRs corroborate; 2 may fail
  Usable until  2026-11-27 07:59:59 UTC

Not enforceable: lab relaxation: ports 80=18080; mode MONITOR was asked

Findings
  - only ap-southeast sees other content: its route may be hijacked

  Record        01J
  Trace         order 7
  Policy        cabf-tls-br, BR 2.3.1, table of 2026-10-04, evaluated at 2026-11-27 07:59:50 UTC (a clock set by configuration, not
                the real one)
  Took          1250 ms, 1 attempt
)");
}

TEST_CASE("cli: no line is wider than the terminal, in any width", "[cli]") {
  const auto response = message<v1::CorroborateResponse>(kFiveOfSix);
  for (std::size_t width = 60; width <= 140; ++width) {
    const std::string text = render(response, false, plain(width));
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
      const std::string line = text.substr(begin, end - begin);
      INFO(width << ": " << line);
      // The columns before the last are never cut: they alone take 75.
      CHECK(display_width(line) <= std::max<std::size_t>(width, 75));
    }
  }
}

TEST_CASE("cli: headline and exit status follow would_be when asked to", "[cli]") {
  struct Row {
    const char* verdict;
    const char* would_be;
    int status;
    int status_would_be;
    const char* headline;
    const char* headline_would_be;
  };
  const Row rows[] = {
      {"CORROBORATED", "UNSPECIFIED", 0, 0, "✓ CORROBORATED 6/6  a.example", "✓ CORROBORATED 6/6  a.example"},
      {"NOT_CORROBORATED", "UNSPECIFIED", 1, 1, "✗ NOT_CORROBORATED 6/6  a.example",
       "✗ NOT_CORROBORATED 6/6  a.example"},
      {"NOT_DETERMINED", "UNSPECIFIED", 2, 2, "? NOT_DETERMINED 6/6  a.example", "? NOT_DETERMINED 6/6  a.example"},
      {"NOT_DETERMINED", "NOT_DETERMINED", 2, 2, "? NOT_DETERMINED 6/6  a.example", "? NOT_DETERMINED 6/6  a.example"},
      {"NOT_DETERMINED", "CORROBORATED", 2, 0, "? NOT_DETERMINED, would be CORROBORATED 6/6  a.example",
       "✓ CORROBORATED 6/6 (would be; verdict NOT_DETERMINED)  a.example"},
      {"NOT_DETERMINED", "NOT_CORROBORATED", 2, 1, "? NOT_DETERMINED, would be NOT_CORROBORATED 6/6  a.example",
       "✗ NOT_CORROBORATED 6/6 (would be; verdict NOT_DETERMINED)  a.example"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.verdict << ", would be " << row.would_be) {
      const auto response = message<v1::CorroborateResponse>(
          std::string("identifier: \"a.example\" checks { quorum { attempted: 6 fraction: \"6/6\" } } "
                      "verdict: VERDICT_") +
          row.verdict + " would_be: VERDICT_" + row.would_be);
      CHECK(exit_status(response, false) == row.status);
      CHECK(exit_status(response, true) == row.status_would_be);
      const std::string text = render(response, false, plain(100));
      CHECK(text.substr(0, text.find('\n')) == row.headline);
      const std::string would_be = render(response, true, plain(100));
      CHECK(would_be.substr(0, would_be.find('\n')) == row.headline_would_be);
    }
}

TEST_CASE("cli: what newer coordinators may say is shown, not guessed", "[cli]") {
  v1::CorroborateResponse response;
  response.set_verdict(static_cast<v1::Verdict>(77));
  auto& row = *response.add_checks()->add_perspectives();
  row.set_outcome(static_cast<v1::Outcome>(78));
  row.mutable_problem()->set_code(static_cast<v1::ProblemCode>(79));
  const std::string text = render(response, false, plain(100));
  CHECK(exit_status(response, false) == 2);
  CHECK_THAT(text, Catch::Contains("unknown (77)"));
  CHECK_THAT(text, Catch::Contains("unknown (78)"));
  CHECK_THAT(text, Catch::Contains("unknown (79)"));
}

TEST_CASE("cli: CAA shows what was found, and whom to tell", "[cli]") {
  const auto response = message<v1::CorroborateResponse>(R"(
    identifier: "a.b.example" verdict: VERDICT_NOT_CORROBORATED
    checks {
      kind: CHECK_KIND_CAA verdict: VERDICT_NOT_CORROBORATED quorum { fraction: "0/0" }
      clause: "RFC 8659 4.2" explanation: "the CAA records at b.example name other issuers"
      caa { found_at: "b.example" relevant: "0 issue \"other.example\"" ttl: 300 iodef: "mailto:caa@b.example" }
    })");
  // The Primary ended it, so there is no fraction to speak of.
  CHECK_THAT(render(response, false, plain(100)), Catch::StartsWith("✗ NOT_CORROBORATED  a.b.example\n"));
  CHECK_THAT(render(response, false, plain(100)),
             Catch::Contains("  Decided by    RFC 8659 4.2: the CAA records at b.example name other issuers\n"
                             "  CAA           0 issue \"other.example\" at b.example (TTL 300 s)\n"
                             "  Report to     mailto:caa@b.example\n"));
}

TEST_CASE("cli: half a validation by a method that ends, with one problem in two words", "[cli]") {
  const auto response = message<v1::CorroborateResponse>(R"text(
    identifier: "*.b.example" verdict: VERDICT_CORROBORATED
    findings: "DCV: old value still served by some name servers"
    checks {
      kind: CHECK_KIND_DCV verdict: VERDICT_CORROBORATED quorum { attempted: 3 fraction: "1/3" }
      clause: "BR 3.2.2.9" explanation: "1 of 3; lookup corroborated, validation not complete: an e-mail is missing"
      dcv { method: DCV_METHOD_CONTACT_EMAIL_TXT authorization_domain: "b.example" half_validation: true }
      warnings: "contact-email-txt (BR 3.2.2.4.14) MUST NOT be used from 2028-03-15 on"
      explanations { code: PROBLEM_CODE_DNS_NO_RECORD meaning: "It is not there." advice: "Publish it." }
      explanations { code: PROBLEM_CODE_DNS_TIMEOUT meaning: "Nobody answered." advice: "Let packets through.\033[2J" }
      perspectives { perspective: "a" outcome: OUTCOME_CONTRADICTS
                     problem { code: PROBLEM_CODE_DNS_NO_RECORD where: "b.example" detail: "none" } }
      perspectives { perspective: "b" outcome: OUTCOME_COULD_NOT_LOOK
                     problem { code: PROBLEM_CODE_DNS_TIMEOUT where: "b" detail: "too late" } }
      perspectives { perspective: "c" outcome: OUTCOME_CONTRADICTS
                     problem { code: PROBLEM_CODE_DNS_NO_RECORD where: "b.example" detail: "another" } }
      usable_until { seconds: 1795766399 }
    })text");
  const std::string text = render(response, false, plain(120));
  CHECK_THAT(text, Catch::StartsWith("✓ CORROBORATED 1/3  *.b.example\n  No basis for issuance.\n"));
  CHECK_THAT(text, Catch::Contains("DCV by contact-email-txt at b.example: CORROBORATED 1/3\n"));
  CHECK_THAT(text, Catch::Contains(R"(
  Problem       a: DNS_NO_RECORD at b.example: none
  Problem       b: DNS_TIMEOUT: too late
  What it means Nobody answered.
  What to do    Let packets through.\x1b[2J
  Problem       c: DNS_NO_RECORD at b.example: another
  What it means It is not there.
  What to do    Publish it.
  Decided by    BR 3.2.2.9: 1 of 3; lookup corroborated, validation not complete: an e-mail is missing
  Note          half a validation, which is no basis for issuance by itself
  Warning       contact-email-txt (BR 3.2.2.4.14) MUST NOT be used from 2028-03-15 on
  Usable until  2026-11-27 07:59:59 UTC

Findings
  - DCV: old value still served by some name servers
)"));
}

TEST_CASE("cli: perspectives as people see them", "[cli]") {
  const auto response = message<v1::ListPerspectivesResponse>(R"(
    perspectives { id: "eu-west" role: ROLE_PRIMARY rir: RIR_RIPE place { name: "Dublin" } provider: "cloud"
                   connected: true ready: true keys { key_id: "0123456789abcdef" } egress: "192.0.2.1" egress: "2001:db8::1" }
    perspectives { id: "us-east" role: ROLE_REMOTE rir: RIR_ARIN place { name: "Ashburn" } provider: "cloud"
                   last_error: "connection refused" })");
  CHECK(render(response, plain(120)) ==
        R"(1 of 2 perspectives connected

PERSPECTIVE  ROLE     RIR   PLACE    PROVIDER  STATE            KEY               REMARKS
eu-west      primary  RIPE  Dublin   cloud     ✓ ready          0123456789abcdef  192.0.2.1, 2001:db8::1
us-east      remote   ARIN  Ashburn  cloud     ✗ not connected                    connection refused
)");
}

TEST_CASE("cli: days are read strictly", "[cli]") {
  CHECK(day_from("2026-12-15"));
  CHECK(day_from("2028-02-29"));
  for (const char* text : {"2026-02-29", "2026-12-32", "2026-13-01", "2026-1-1", "26-12-15", "2026/12/15", "1999-12-31",
                           "2200-01-01", "2026-12-15T", "", "tomorrow", "2026-+1-01"}) {
    INFO(text);
    CHECK_FALSE(day_from(text));
  }
}

TEST_CASE("cli: the policy of a day", "[cli]") {
  PolicyView view;
  view.at = day("2026-12-14");
  CHECK(render(view, plain(120)) == R"(CA/Browser Forum TLS Baseline Requirements 2.3.1
table of 2026-10-04, read for 2026-12-14

  FROM        REMOTES  MAY FAIL  RIRS  STANDING    CLAUSE
  2025-03-15        2         1     1  past        BR 3.2.2.9
  2025-09-15        2         1     1  past        BR 3.2.2.9
  2026-03-15        3         1     2  past        BR 3.2.2.9
  2026-06-15        4         1     2  ◀ in force  BR 3.2.2.9
  2026-12-15        5         1     2  in 1 day    BR 3.2.2.9

With 6 or more remotes 2 may fail. Any two perspectives lie at least 500 km apart; under 505 km is refused here.

A validation may be this old when a certificate is issued (dns-persistent: 10 days at most)

  ISSUED FROM    DAYS  STANDING     CLAUSE
  the beginning   398  past         BR 4.2.1
  2026-03-15      200  ◀ in force   BR 4.2.1
  2027-03-15      100  in 91 days   BR 4.2.1
  2029-03-15       10  in 822 days  BR 4.2.1

Methods that end, and with them what they showed before

  METHOD                  SHOULD NOT SINCE  MUST NOT FROM  STANDING          CLAUSE
  ip-address              -                 2026-03-15     ended             BR 3.2.2.4.8
  contact-email-caa       2026-03-15        2028-03-15     ends in 457 days  BR 3.2.2.4.13
  contact-email-txt       2026-03-15        2028-03-15     ends in 457 days  BR 3.2.2.4.14
  contact-phone-txt       2026-03-15        2027-03-15     ends in 91 days   BR 3.2.2.4.16
  contact-phone-caa       2026-03-15        2027-03-15     ends in 91 days   BR 3.2.2.4.17
  reverse-address-lookup  -                 2027-03-15     ends in 91 days   BR 3.2.2.5.3

What changes next, and what is known of later

  FROM        STANDING     CLAUSE         WHAT
  2026-12-15  in 1 day     BR 3.2.2.9     5 remote perspectives in 2 RIR regions are needed
  2027-03-15  in 91 days   BR 3.2.2.4.16  contact-phone-txt MUST NOT be used any more, nor what it showed before
  2027-03-15  in 91 days   BR 3.2.2.4.17  contact-phone-caa MUST NOT be used any more, nor what it showed before
  2027-03-15  in 91 days   BR 3.2.2.5.3   reverse-address-lookup MUST NOT be used any more, nor what it showed before
  2027-03-15  in 91 days   BR 4.2.1       a validation is at most 100 days old when a certificate is issued
  2027-03-15  in 91 days   BR 6.3.2       a TLS server certificate is valid for 100 days at most
  2027-03-15  in 91 days   BR 4.2.2.1.2   accounturi and validationmethods of CAA (RFC 8657) must be obeyed
  2028-03-15  in 457 days  BR 3.2.2.4.13  contact-email-caa MUST NOT be used any more, nor what it showed before
  2028-03-15  in 457 days  BR 3.2.2.4.14  contact-email-txt MUST NOT be used any more, nor what it showed before
  2029-03-15  in 822 days  BR 4.2.1       a validation is at most 10 days old when a certificate is issued
  2029-03-15  in 822 days  BR 6.3.2       a TLS server certificate is valid for 47 days at most
)");
  view.at = day("2029-03-15");
  CHECK_THAT(render(view, plain(100)), Catch::EndsWith("\nNo later change is known.\n") &&
                                           Catch::Contains("\n  ! this program's table of the TLS Baseline"));
  view.profile = coordinator::Profile::kSmime;
  view.at = day("2026-12-14");
  const std::string smime = render(view, plain(120));
  CHECK_THAT(smime,
             Catch::StartsWith("CA/Browser Forum S/MIME Baseline Requirements 1.0.10\n") &&
                 Catch::Contains("  ! this program's table is of the S/MIME Baseline Requirements 1.0.10;") &&
                 Catch::Contains("  2025-05-15        2         1     1  past        SBR 4.2.2.2 with BR 3.2.2.9\n") &&
                 Catch::Contains("  the beginning   398  ◀ in force  SBR 4.2.1\n") &&
                 !Catch::Contains("reverse-address-lookup") && !Catch::Contains("TLS server certificate"));
  view.profile = coordinator::Profile::kCustom;
  CHECK_THAT(render(view, plain(120)),
             Catch::Contains("\nThe profile custom takes more than these allow, for trials.\n"));
  view.profile = coordinator::Profile::kTls;
  view.at = day("2025-01-01");
  CHECK_THAT(render(view, plain(100)), Catch::Contains("At that date no quorum was required yet."));
  view.at = day("2026-12-14");
  view.deployment = message<v1::GetPolicyResponse>(R"text(
    stamp { profile: "cabf-tls-br" br_version: "2.3.1" table_date: "2026-10-04" clock_is_real: true }
    next { effective: "2026-12-15" } complies_now: true
    upcoming: "from 2026-12-15 five remotes are needed, this deployment has four (BR 3.2.2.9)"
    warnings: "the table is old")text");
  CHECK_THAT(render(view, plain(100)), Catch::EndsWith(R"(
This deployment
  profile cabf-tls-br, BR 2.3.1, table of 2026-10-04
  ✓ complies at that date
  ✗ does not comply from 2026-12-15
    - from 2026-12-15 five remotes are needed, this deployment has four (BR 3.2.2.9)
  ! the table is old
)"));
}

TEST_CASE("cli: JSON keeps the contract's field names, and says what is false", "[cli]") {
  const auto response = message<v1::CorroborateResponse>(kFiveOfSix);
  const std::string json = to_json(response);
  CHECK(json.find('\n') == std::string::npos);
  CHECK_THAT(json, Catch::Contains("\"would_be\":\"VERDICT_CORROBORATED\""));
  CHECK_THAT(json, Catch::Contains("\"basis_for_issuance\":false"));
  CHECK(json.find('\x1b') == std::string::npos);
  PolicyView view;
  view.at = day("2026-12-15");
  CHECK_THAT(policy_json(view), Catch::StartsWith("{\"profile\":\"cabf-tls-br\",\"br_version\":\"2.3.1\",") &&
                                    Catch::EndsWith("\"min_distance_km\":505,\"deployment\":null}"));
  CHECK_THAT(policy_json(view),
             Catch::Contains("{\"effective\":\"2026-03-15\",\"days\":200,\"clause\":\"BR 4.2.1\",\"in_force\":true}"));
  CHECK_THAT(policy_json(view),
             Catch::Contains("{\"method\":\"ip-address\",\"for_ip_address\":false,\"should_not_since\":null,"
                             "\"must_not_from\":\"2026-03-15\",\"clause\":\"BR 3.2.2.4.8\",\"allowed\":false}"));
  CHECK_THAT(policy_json(view),
             Catch::Contains("\"changes\":[{\"from\":\"2027-03-15\",\"what\":\"contact-phone-txt ") &&
                 Catch::Contains("\"warnings\":[],"));
  view.deployment = v1::GetPolicyResponse();
  CHECK_THAT(policy_json(view), Catch::Contains("\"deployment\":{\"complies_now\":false"));
}
