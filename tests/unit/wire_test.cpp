// What enters a process as protobuf: whatever is wrong is refused with the field's name, and what is right survives.
#include "common/wire/convert.hpp"

#include <functional>

#include "tests/support/catch.hpp"
#include "tests/support/seen.hpp"

using namespace mpic;

namespace {

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

v1::Assignment assignment() {
  v1::Assignment out;
  out.set_attempt_id(std::string(16, 'a'));
  out.set_log_origin("mpic.test/unit");
  out.set_perspective_id("eu-west");
  out.set_role(v1::ROLE_REMOTE);
  out.set_nonce(std::string(16, 'n'));
  *out.mutable_issued() = wire::encode(kNow);
  out.set_budget_ms(5000);
  out.set_identifier("www.example.com");
  out.mutable_caa()->add_issuer_domains("ca.example");
  return out;
}

Observation observation() {
  Observation out{.perspective = PerspectiveId::parse("eu-west").value()};
  out.started = out.ended = kNow;
  out.resolver = "127.0.0.1:53";
  out.caa = test::caa_seen(DnsName::parse("www.example.com").value(), CaaQuestion{.issuer_domains = {"ca.example"}},
                           "yes", kNow);
  return out;
}

}  // namespace

TEST_CASE("an assignment survives the way there and back", "[wire]") {
  const auto decoded = wire::decode_assignment(assignment().SerializeAsString());
  REQUIRE(decoded);
  CHECK(decoded->identifier.text() == "www.example.com");
  CHECK(decoded->caa->issuer_domains == std::vector<std::string>{"ca.example"});
  CHECK(wire::encode(*decoded) == wire::encode(wire::decode_assignment(wire::encode(*decoded)).value()));
}

TEST_CASE("a bad assignment is refused, and the field is named", "[wire]") {
  struct Row {
    const char* field;
    std::function<void(v1::Assignment&)> spoil;
  };
  const Row rows[] = {
      {"attempt_id", [](v1::Assignment& a) { a.set_attempt_id("short"); }},
      {"log_origin", [](v1::Assignment& a) { a.set_log_origin("with blank"); }},
      {"log_origin", [](v1::Assignment& a) { a.set_log_origin(std::string(254, 'x')); }},
      {"perspective_id", [](v1::Assignment& a) { a.set_perspective_id("Not A Label"); }},
      {"role", [](v1::Assignment& a) { a.set_role(v1::ROLE_UNSPECIFIED); }},
      {"role", [](v1::Assignment& a) { a.set_role(static_cast<v1::Role>(77)); }},
      {"nonce", [](v1::Assignment& a) { a.set_nonce(std::string(17, 'n')); }},
      {"issued", [](v1::Assignment& a) { a.clear_issued(); }},
      {"issued", [](v1::Assignment& a) { a.mutable_issued()->set_seconds(-1); }},
      {"issued", [](v1::Assignment& a) { a.mutable_issued()->set_nanos(1'000'000'000); }},
      {"budget_ms", [](v1::Assignment& a) { a.set_budget_ms(99); }},
      {"budget_ms", [](v1::Assignment& a) { a.set_budget_ms(120'001); }},
      {"identifier", [](v1::Assignment& a) { a.set_identifier("https://example.com/"); }},
      {"dcv", [](v1::Assignment& a) { a.clear_caa(); }},
      {"caa", [](v1::Assignment& a) { a.set_identifier("203.0.113.1"); }},
      {"caa", [](v1::Assignment& a) { a.mutable_caa()->clear_issuer_domains(); }},
      {"caa", [](v1::Assignment& a) { a.mutable_caa()->set_issuer_domains(0, "ca.example."); }},
      {"caa", [](v1::Assignment& a) { a.mutable_caa()->add_account_uris("no-uri"); }},
      {"caa",
       [](v1::Assignment& a) {
         for (int i = 0; i < 17; ++i) a.mutable_caa()->add_account_uris("a:b");
       }},
      {"dcv", [](v1::Assignment& a) { a.mutable_dcv()->mutable_acme_http_01()->set_token("short"); }},
      {"dcv", [](v1::Assignment& a) { a.mutable_dcv()->mutable_acme_dns_01(); }},
  };
  for (const Row& row : rows) {
    v1::Assignment spoilt = assignment();
    row.spoil(spoilt);
    const auto decoded = wire::decode_assignment(spoilt.SerializeAsString());
    INFO(row.field << ": " << spoilt.ShortDebugString());
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ProblemCode::kAssignmentInvalid);
    CHECK(decoded.error().where == row.field);
  }
  CHECK_FALSE(wire::decode_assignment("\xff\xff\xff"));
  CHECK_FALSE(wire::decode_assignment(""));
  CHECK_FALSE(wire::decode_assignment(std::string(65 * 1024, 'x')));
}

TEST_CASE("an observation survives the way there and back", "[wire]") {
  const auto decoded = wire::decode_observation(wire::encode(observation()));
  REQUIRE(decoded);
  CHECK(decoded->caa->lookups.size() == 3);
  CHECK(decoded->caa->lookups[0].records == observation().caa->lookups[0].records);
  CHECK(decoded->started == kNow);
}

TEST_CASE("an observation over its bound is cut with a mark, never silently", "[wire]") {
  Observation large = observation();
  large.caa->lookups[0].records.assign(1000, test::caa_rdata(0, "issue", std::string(200, 'x')));
  const std::string octets = wire::encode(large);
  CHECK(octets.size() <= kMaxObservation);
  const auto decoded = wire::decode_observation(octets);
  REQUIRE(decoded);
  CHECK(decoded->cut);
  CHECK(decoded->caa->lookups[0].records_cut);
}

TEST_CASE("hostile observations are refused with the field's name", "[wire]") {
  struct Row {
    const char* says;
    std::function<void(v1::Observation&)> spoil;
  };
  const Row rows[] = {
      {"nonce", [](v1::Observation& o) { o.set_nonce(""); }},
      {"rir", [](v1::Observation& o) { o.set_rir(v1::RIR_UNSPECIFIED); }},
      {"lookup.type", [](v1::Observation& o) { o.mutable_caa()->mutable_lookups(0)->set_type(99); }},
      {"lookup.status",
       [](v1::Observation& o) { o.mutable_caa()->mutable_lookups(0)->set_status(static_cast<v1::DnsStatus>(9)); }},
      {"lookup.rcode", [](v1::Observation& o) { o.mutable_caa()->mutable_lookups(0)->set_rcode(70'000); }},
      {"lookups",
       [](v1::Observation& o) {
         for (int i = 0; i < 200; ++i) *o.mutable_caa()->add_lookups() = o.caa().lookups(0);
       }},
      {"lookup.chain",
       [](v1::Observation& o) {
         for (int i = 0; i < 17; ++i) o.mutable_caa()->mutable_lookups(0)->add_chain();
       }},
      {"lab_relaxations",
       [](v1::Observation& o) {
         for (int i = 0; i < 17; ++i) o.add_lab_relaxations("x");
       }},
      {"dcv.method", [](v1::Observation& o) { o.mutable_dcv(); }},
      {"http.hops",
       [](v1::Observation& o) {
         o.mutable_dcv()->set_method(v1::DCV_METHOD_ACME_HTTP_01);
         for (std::size_t i = 0; i <= kMaxHopsInLab; ++i) o.mutable_dcv()->mutable_http()->add_hops();
       }},
      {"http.body",
       [](v1::Observation& o) {
         o.mutable_dcv()->set_method(v1::DCV_METHOD_ACME_HTTP_01);
         o.mutable_dcv()->mutable_http()->set_body(std::string(kMaxBody + 1, 'x'));
       }},
  };
  v1::Observation good;
  REQUIRE(good.ParseFromString(wire::encode(observation())));
  for (const Row& row : rows) {
    v1::Observation spoilt = good;
    row.spoil(spoilt);
    const auto decoded = wire::decode_observation(spoilt.SerializeAsString());
    INFO(row.says);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ProblemCode::kEvidenceInvalid);
    CHECK(decoded.error().where == row.says);
  }
}

TEST_CASE("an unknown problem code is still a problem", "[wire]") {
  v1::Problem problem;
  problem.set_code(static_cast<v1::ProblemCode>(12'345));
  problem.set_detail("line\nbreak");
  CHECK(wire::decode(problem).code == ProblemCode::kInternal);
  CHECK(wire::decode(problem).detail.find('\n') == std::string::npos);
}

TEST_CASE("an agent's status is bounded and checked", "[wire]") {
  v1::AgentStatus status;
  status.set_agent_version("0.1.0");
  status.set_source_ipv4("192.0.2.7");
  status.set_source_ipv6("2001:db8::7");
  status.set_not_ready_because("line\nbreak");

  SECTION("what is good is made fit for people") {
    const auto decoded = wire::decode(status);
    REQUIRE(decoded);
    CHECK_FALSE(decoded->ready);
    CHECK(decoded->not_ready_because == "line\\x0abreak");
    CHECK(decoded->source_ipv6 == "2001:db8::7");
    CHECK(wire::decode(wire::encode(*decoded)).value() == *decoded);
  }
  SECTION("who is ready has no reason not to be, and who is not has one") {
    status.set_ready(true);
    CHECK(wire::decode(status).value().not_ready_because.empty());
    status.Clear();
    CHECK(wire::decode(status).value().not_ready_because == "it does not say why");
  }
  SECTION("an older agent tells nothing") { CHECK(wire::decode(v1::AgentStatus()).value().agent_version.empty()); }
  SECTION("what is bad is refused, and the field is named") {
    struct Row {
      const char* field;
      std::function<void(v1::AgentStatus&)> spoil;
    };
    const Row rows[] = {
        {"not_ready_because", [](v1::AgentStatus& s) { s.set_not_ready_because(std::string(1'025, 'x')); }},
        {"agent_version", [](v1::AgentStatus& s) { s.set_agent_version(std::string(65, '1')); }},
        {"agent_version", [](v1::AgentStatus& s) { s.set_agent_version("0.1 beta"); }},
        {"source_ipv4", [](v1::AgentStatus& s) { s.set_source_ipv4("localhost"); }},
        {"source_ipv4", [](v1::AgentStatus& s) { s.set_source_ipv4("2001:db8::7"); }},
        {"source_ipv6", [](v1::AgentStatus& s) { s.set_source_ipv6("192.0.2.7"); }},
        {"source_ipv6", [](v1::AgentStatus& s) { s.set_source_ipv6("2001:DB8::7"); }},
        {"source_ipv6", [](v1::AgentStatus& s) { s.set_source_ipv6(std::string(1'000, ':')); }},
    };
    for (const Row& row : rows) {
      v1::AgentStatus spoilt = status;
      row.spoil(spoilt);
      const auto decoded = wire::decode(spoilt);
      REQUIRE_FALSE(decoded);
      CHECK(decoded.error().where == row.field);
    }
  }
}
