// What a SIEM is told of one decision, and what it never is.
#include "coordinator/log/decision_events.hpp"

#include <google/protobuf/text_format.h>

#include "coordinator/log/request_secrets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kept_events.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using test::member;

namespace {

v1::RecordBody body_of(const std::string& text) {
  v1::RecordBody body;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &body));
  return body;
}

constexpr const char* kBody = R"(
  record_id: "fc91" log_origin: "mpic.ca.example/2026" client: "pipeline"
  request {
    request_id: "order-7" trace_id: "t-1" identifier: "*.example.com" authorization_domain: "example.com"
    dcv { dns_change { challenge_value: "random-value-of-at-least-112-bits" } }
    caa { issuer_domains: "ca.example" }
  }
  received { seconds: 1795766390 } decided { seconds: 1795766391 nanos: 250000000 }
  attempts { attempt_id: "\x01\x02" number: 0 }
  attempts { attempt_id: "\x01\x02" number: 0 }
  attempts { attempt_id: "\x03\x04" number: 1 }
  earlier {
    verdict: VERDICT_NOT_DETERMINED
    checks {
      kind: CHECK_KIND_DCV verdict: VERDICT_NOT_DETERMINED quorum { fraction: "0/0" }
      dcv { method: DCV_METHOD_DNS_CHANGE authorization_domain: "example.com" }
      perspectives { perspective: "ours" role: ROLE_PRIMARY rir: RIR_RIPE outcome: OUTCOME_EVIDENCE_INVALID
                     problem { code: PROBLEM_CODE_EVIDENCE_INVALID where: "nonce" detail: "another nonce was answered" } }
    }
    checks {
      kind: CHECK_KIND_CAA verdict: VERDICT_NOT_DETERMINED
      perspectives { perspective: "ours" role: ROLE_PRIMARY rir: RIR_RIPE outcome: OUTCOME_EVIDENCE_INVALID
                     problem { code: PROBLEM_CODE_EVIDENCE_INVALID where: "nonce" detail: "another nonce was answered" } }
    }
  }
  decision {
    verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_NOT_CORROBORATED not_enforceable_because: "lab: policy-clock"
    checks {
      kind: CHECK_KIND_DCV verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_CORROBORATED clause: "BR 3.2.2.9"
      quorum { corroborated: 5 attempted: 6 fraction: "5/6" rirs: RIR_ARIN rirs: RIR_RIPE }
      dcv { method: DCV_METHOD_DNS_CHANGE authorization_domain: "example.com" }
      perspectives { perspective: "ours" role: ROLE_PRIMARY rir: RIR_RIPE outcome: OUTCOME_CORROBORATES elapsed_ms: 12
                     saw: "TXT \"random-value-of-at-least-112-bits\"" dnssec_authenticated: true place: "Frankfurt" }
      perspectives { perspective: "us" role: ROLE_REMOTE rir: RIR_ARIN outcome: OUTCOME_CONTRADICTS elapsed_ms: 40
                     problem { code: PROBLEM_CODE_CHALLENGE_MISMATCH where: "example.com"
                               detail: "found \"random-value-of-at-least-112-bitt\"" } }
    }
    checks {
      kind: CHECK_KIND_CAA verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_NOT_CORROBORATED
      quorum { fraction: "0/0" }
      caa { found_at: "example.com" relevant: "0 issue \"other.example; x=random-value-of-at-least-112-bits\""
            relevant: "0 issuewild \";\"" ttl: 300 iodef: "mailto:security@example.com" }
      perspectives { perspective: "ours" role: ROLE_PRIMARY rir: RIR_RIPE outcome: OUTCOME_CONTRADICTS
                     problem { code: PROBLEM_CODE_CAA_FORBIDS where: "example.com"
                               detail: "issuewild \";\" at example.com names none of the issuers" } }
    }
  }
  policy { profile: "cabf-tls-br" br_version: "2.3.1" table_date: "2026-11-01" ruleset_version: "1"
           software_version: "0.1.0" }
)";

std::vector<telemetry::Event> of_kind(const std::vector<telemetry::Event>& events, std::string_view kind) {
  std::vector<telemetry::Event> out;
  for (const telemetry::Event& event : events) {
    if (event.kind == kind) out.push_back(event);
  }
  return out;
}

}  // namespace

TEST_CASE("a decision is one line with what BR 5.4.1 asks", "[events]") {
  const auto events = events_of(body_of(kBody), 17);
  const auto decisions = of_kind(events, "decision");
  REQUIRE(decisions.size() == 1);
  const telemetry::Event& told = decisions[0];
  CHECK(told.who == "pipeline");
  CHECK(told.what == "*.example.com: NOT_DETERMINED (dcv 5/6, caa 0/0)");
  CHECK(told.at.time_since_epoch() == std::chrono::milliseconds(1795766391250));
  const std::pair<const char*, const char*> members[] = {
      {"record_id", "fc91"},
      {"leaf", "17"},
      {"client", "pipeline"},
      {"request_id", "order-7"},
      {"trace_id", "t-1"},
      {"identifier", "*.example.com"},
      {"authorization_domain", "example.com"},
      {"method", "dns-change"},
      {"method_clause", "BR 3.2.2.4.7"},
      {"verdict", "NOT_DETERMINED"},
      {"would_be", "NOT_CORROBORATED"},
      {"basis_for_issuance", "false"},
      {"not_enforceable_because", "lab: policy-clock"},
      {"dcv_would_be", "CORROBORATED"},
      {"dcv_quorum", "5/6"},
      {"dcv_rirs", "ARIN, RIPE"},
      {"dcv_clause", "BR 3.2.2.9"},
      {"caa_verdict", "NOT_DETERMINED"},
      {"attempts", "2"},
      {"profile", "cabf-tls-br"},
      {"policy_version", "2.3.1"},
      {"log_origin", "mpic.ca.example/2026"},
  };
  for (const auto& [name, value] : members) {
    INFO(name);
    CHECK(member(told, name) == value);
  }
}

TEST_CASE("each perspective, check and attempt is one line", "[events]") {
  const auto rows = of_kind(events_of(body_of(kBody), 17), "observation");
  REQUIRE(rows.size() == 5);
  CHECK(member(rows[0], "attempt") == "1");
  CHECK(member(rows[0], "attempt_id") == "0102");
  CHECK(member(rows[0], "outcome") == "evidence_invalid");
  const telemetry::Event& us = rows[3];
  CHECK(us.who == "us");
  CHECK(member(us, "attempt") == "2");
  CHECK(member(us, "attempt_id") == "0304");
  CHECK(member(us, "role") == "remote");
  CHECK(member(us, "rir") == "ARIN");
  CHECK(member(us, "check") == "dcv");
  CHECK(member(us, "outcome") == "contradicts");
  CHECK(member(us, "problem") == "CHALLENGE_MISMATCH");
  CHECK(member(us, "method_clause") == "BR 3.2.2.4.7");
  CHECK(member(us, "leaf") == "17");
}

TEST_CASE("evidence that did not verify is told once for a perspective", "[events]") {
  const auto bad = of_kind(events_of(body_of(kBody), 17), "evidence_invalid");
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].who == "ours");
  CHECK_THAT(bad[0].what, Catch::Contains("another nonce was answered"));
  CHECK(member(bad[0], "attempt_id") == "0102");
}

TEST_CASE("CAA that prevents issuance is told with property and contacts (BR 4.2.2.1)", "[events]") {
  const auto told = of_kind(events_of(body_of(kBody), 17), "caa_prevents_issuance");
  REQUIRE(told.size() == 1);
  CHECK(member(told[0], "found_at") == "example.com");
  CHECK_THAT(member(told[0], "rrset"), Catch::Contains("0 issuewild \";\""));
  CHECK(member(told[0], "property") == "issuewild \";\" at example.com names none of the issuers");
  CHECK(member(told[0], "iodef") == "mailto:security@example.com");
  CHECK(member(told[0], "issuer_domains") == "ca.example");
  CHECK(member(told[0], "seen_by") == "ours");
  CHECK(member(told[0], "problem") == "CAA_FORBIDS");
}

TEST_CASE("CAA that permits, or could not be looked up, prevents nothing", "[events]") {
  v1::RecordBody body = body_of(kBody);
  v1::CheckResult& caa = *body.mutable_decision()->mutable_checks(1);
  SECTION("it permits") { caa.set_would_be(v1::VERDICT_CORROBORATED); }
  SECTION("nobody knows") { caa.set_would_be(v1::VERDICT_NOT_DETERMINED); }
  SECTION("the lookup failed") {
    caa.mutable_perspectives(0)->mutable_problem()->set_code(v1::PROBLEM_CODE_DNS_SERVFAIL);
  }
  CHECK(of_kind(events_of(body, 17), "caa_prevents_issuance").empty());
}

TEST_CASE("no line has a challenge value, wherever it stands", "[events]") {
  struct Row {
    const char* method;
    const char* question;
    std::vector<std::string> values;
  };
  const Row rows[] = {
      {"http-01",
       R"(acme_http_01 { token: "token-token-token-token" key_authorization: "token-token-token-token.print" })",
       {"token-token-token-token", ".print"}},
      {"dns-01", R"(acme_dns_01 { key_authorization: "authorization-by-key" })", {"authorization-by-key"}},
      {"dns-01 by its digest", R"(acme_dns_01 { key_authorization_digest: "digest-of-it" })", {"digest-of-it"}},
      {"tls-alpn-01", R"(acme_tls_alpn_01 { key_authorization: "authorization-by-key" })", {"authorization-by-key"}},
      {"dns-account-01",
       R"(acme_dns_account_01 { key_authorization: "authorization-by-key" account_uri: "https://a" })",
       {"authorization-by-key"}},
      {"website", R"(website_change { path: "p" challenge_value: "value-in-a-page" })", {"value-in-a-page"}},
      {"dns-change", R"(dns_change { challenge_value: "value-in-a-record" })", {"value-in-a-record"}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.method) {
      v1::RecordBody body = body_of(kBody);
      body.mutable_request()->clear_dcv();
      REQUIRE(google::protobuf::TextFormat::ParseFromString(row.question, body.mutable_request()->mutable_dcv()));
      // Where it could get into one: an id that the client chose, CAA that somebody serves, what a perspective saw.
      const std::string& value = row.values[0];
      body.mutable_request()->set_request_id("order of " + value);
      body.mutable_request()->set_trace_id(value);
      for (v1::CheckResult& check : *body.mutable_decision()->mutable_checks()) {
        check.mutable_caa()->add_relevant("0 issue \"" + value + "\"");
        check.mutable_caa()->add_iodef(value);
        for (v1::PerspectiveResult& seen : *check.mutable_perspectives()) {
          seen.set_saw(value);
          seen.set_outcome(v1::OUTCOME_EVIDENCE_INVALID);
          seen.mutable_problem()->set_detail("saw " + value + " and " + value);
        }
      }
      std::vector<telemetry::Event> events = events_of(body, 17);
      events.push_back(repeated_event(body, 17, TimePoint{}));
      events.push_back(no_result_event(body));
      for (const telemetry::Event& event : events) {
        const std::string line = to_json(event, "mpic-coordinator", "host1");
        for (const std::string& secret : row.values) CHECK_THAT(line, !Catch::Contains(secret));
      }
    }
}

TEST_CASE("what a request looks for is not taken for a secret when it is a name", "[events]") {
  v1::RecordBody body = body_of(kBody);
  body.mutable_request()->clear_dcv();
  body.mutable_request()->mutable_dcv()->mutable_reverse_address_lookup()->set_fqdn("host.example.com");
  body.mutable_request()->mutable_asserted()->set_corroboration_key("host.example.com");
  CHECK(RequestSecrets(body.request()).values().empty());
}

TEST_CASE("an answer that is told again says whose it is", "[events]") {
  const auto told = repeated_event(body_of(kBody), 17, TimePoint(std::chrono::hours(1)));
  CHECK(told.kind == "answer_repeated");
  CHECK(told.at == TimePoint(std::chrono::hours(1)));
  CHECK(member(told, "request_id") == "order-7");
  CHECK(member(told, "leaf") == "17");
}
