// What a client may send: every refusal names the field and the reason, before anybody is asked anything.
#include <functional>

#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
constexpr const char* kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";

Deployment deployment() {
  Deployment out{.log_origin = "mpic.test/unit", .profiles = {Profile::kTls, Profile::kSmime}};
  const auto add = [&](const char* id, Role role, Rir rir, double latitude, double longitude) {
    const Place place{id, latitude, longitude};
    out.perspectives.push_back({.where = {.id = PerspectiveId::parse(id).value(),
                                          .role = role,
                                          .rir = rir,
                                          .place = place,
                                          .resolver_place = place,
                                          .resolver_rir = rir}});
  };
  add("primary", Role::kPrimary, Rir::kArin, 39.0, -77.5);
  add("r1", Role::kRemote, Rir::kRipe, 53.3, -6.3);
  add("r2", Role::kRemote, Rir::kRipe, 50.1, 8.7);
  add("r3", Role::kRemote, Rir::kApnic, 35.7, 139.7);
  add("r4", Role::kRemote, Rir::kArin, 45.8, -119.7);
  return out;
}

v1::CorroborateRequest request() {
  v1::CorroborateRequest out;
  out.set_identifier("www.example.com");
  out.mutable_caa()->add_issuer_domains("ca.example");
  out.mutable_dcv()->mutable_acme_http_01()->set_token(kToken);
  out.mutable_dcv()->mutable_acme_http_01()->set_key_authorization(std::string(kToken) + "." + std::string(43, 'k'));
  return out;
}

}  // namespace

TEST_CASE("a good request is taken as it is", "[request]") {
  const auto checked = check_request(request(), deployment(), {}, nullptr, kNow);
  REQUIRE(checked);
  CHECK(checked->identifier.text() == "www.example.com");
  CHECK(checked->quorum.min_remotes == 4);
}

TEST_CASE("every refusal names the field and the reason", "[request]") {
  struct Row {
    const char* field;
    ProblemCode code;
    std::function<void(v1::CorroborateRequest&)> spoil;
  };
  using R = v1::CorroborateRequest;
  constexpr auto kBad = ProblemCode::kInvalidArgument;
  constexpr auto kForbidden = ProblemCode::kPolicy;
  const Row rows[] = {
      {"identifier", kBad, [](R& r) { r.clear_identifier(); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("www.example.com:443"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("www.example.com/path"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("user@example.com"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("www..example.com"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier(std::string(64, 'a') + ".example.com"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("010.0.0.1"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("2001:DB8::1"); }},
      {"identifier", kBad, [](R& r) { r.set_identifier("www.*.example.com"); }},
      {"identifier", kForbidden, [](R& r) { r.set_identifier("*.co.uk"); }},
      {"identifier", kForbidden, [](R& r) { r.set_identifier("10.0.0.1"); }},
      {"identifier", kForbidden, [](R& r) { r.set_identifier("server.internal"); }},
      {"identifier", kForbidden, [](R& r) { r.set_identifier("*.example.com"); }},  // http-01 validates no wildcard
      {"authorization_domain", kForbidden, [](R& r) { r.set_authorization_domain("example.com"); }},
      {"authorization_domain", kBad, [](R& r) { r.set_authorization_domain("exa mple.com"); }},
      {"caa", kBad, [](R& r) { r.set_identifier("128.0.0.1"); }},
      {"dcv", kBad, [](R& r) { r.clear_dcv(), r.clear_caa(); }},
      {"dcv", kBad, [](R& r) { r.mutable_dcv()->clear_acme_http_01(); }},
      {"dcv.acme_http_01.token", kBad,
       [](R& r) { r.mutable_dcv()->mutable_acme_http_01()->set_token(std::string(200, 'a')); }},
      {"caa.issuer_domains", kBad, [](R& r) { r.mutable_caa()->clear_issuer_domains(); }},
      {"caa.issuer_domains[1]", kBad, [](R& r) { r.mutable_caa()->add_issuer_domains("not a name"); }},
      {"caa.account_uris[0]", kBad, [](R& r) { r.mutable_caa()->add_account_uris("no-uri"); }},
      {"caa.validation_method", kBad,
       [](R& r) { r.mutable_caa()->set_validation_method("dns-01"); }},  // dcv is http-01
      {"caa.validation_method", kBad, [](R& r) { r.mutable_caa()->set_validation_method("HTTP-01"); }},
      {"identifier", kBad,
       [](R& r) {
         r.clear_dcv();
         r.set_identifier("*.example.com");
         r.mutable_caa()->set_certificate_type(v1::CERTIFICATE_TYPE_SMIME);
       }},
      {"dcv", kForbidden, [](R& r) { r.mutable_dcv()->mutable_ip_address()->set_address("198.51.100.1"); }},  // retired
      {"dcv.dns_change.challenge_value", kBad,
       [](R& r) { r.mutable_dcv()->mutable_dns_change()->set_challenge_value(std::string(27, 'a')); }},
      {"dcv.dns_change.challenge_value", kBad,
       [](R& r) {  // in a name, case carries nothing
         r.mutable_dcv()->mutable_dns_change()->set_challenge_value("aZ7-xYzxYzxYzxYzxYz");
         r.mutable_dcv()->mutable_dns_change()->set_record_type(v1::DNS_RECORD_TYPE_CNAME);
       }},
      {"dcv.website_change.challenge_value", kBad,
       [](R& r) {
         r.mutable_dcv()->mutable_website_change()->set_path("file.txt");
         r.mutable_dcv()->mutable_website_change()->set_challenge_value("0123456789abcdef");
       }},
      {"identifier", kForbidden,
       [](R& r) {
         r.clear_caa();
         r.set_identifier("128.0.0.1");
         r.mutable_dcv()->mutable_acme_dns_01()->set_key_authorization_digest(std::string(43, 'd'));
       }},
      {"trace_id", kBad, [](R& r) { r.set_trace_id("line\nbreak"); }},
      {"trace_id", kBad, [](R& r) { r.set_trace_id(std::string(129, 'x')); }},
      {"primary_agent", kBad, [](R& r) { r.set_primary_agent("r1"); }},
      {"deadline_ms", kBad, [](R& r) { r.set_deadline_ms(999); }},
      {"deadline_ms", kBad, [](R& r) { r.set_deadline_ms(120'001); }},
      {"mode", kBad, [](R& r) { r.set_mode(static_cast<v1::Mode>(9)); }},
      {"respond", kBad, [](R& r) { r.set_respond(static_cast<v1::Respond>(9)); }},
      {"stricter.min_rirs", kBad, [](R& r) { r.mutable_stricter()->set_min_rirs(1); }},
      {"request_id", kBad, [](R& r) { r.set_request_id("mi\nne"); }},
      {"request_id", kBad, [](R& r) { r.set_request_id(std::string(129, 'x')); }},
      {"max_attempts", kBad, [](R& r) { r.set_max_attempts(6); }},
      {"asserted", ProblemCode::kNoRight, [](R& r) { r.mutable_asserted(); }},
  };
  for (const Row& row : rows) {
    v1::CorroborateRequest spoilt = request();
    row.spoil(spoilt);
    INFO(row.field << ": " << spoilt.ShortDebugString());
    const auto checked = check_request(spoilt, deployment(), {}, nullptr, kNow);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().where == row.field);
    CHECK(checked.error().code == row.code);
    CHECK_THAT(checked.error().detail, Catch::Matchers::StartsWith(std::string(row.field) + ": "));
  }
}

TEST_CASE("a method is refused, warned of or taken by the date of the policy", "[request][methods]") {
  struct Row {
    const char* rule;
    std::chrono::sys_days day;
    std::function<void(v1::DcvQuestion&)> ask;
    const char* refused;  // a part of the reason; nullptr: taken
    const char* warning;  // a part; nullptr: none
  };
  using namespace std::chrono_literals;
  const auto http = [](v1::DcvQuestion&) {};
  const auto address = [](v1::DcvQuestion& q) { q.mutable_ip_address()->set_address("198.51.100.1"); };
  const auto phone = [](v1::DcvQuestion& q) {
    q.mutable_contact()->set_method(v1::DCV_METHOD_CONTACT_PHONE_TXT);
    q.mutable_contact()->set_contact("+15551234567");
  };
  const Row rows[] = {
      {"no end, no warning", 2026y / 11 / 23, http, nullptr, nullptr},
      {"retired", 2026y / 11 / 23, address, "ip-address (BR 3.2.2.4.8): retired 2026-03-15", nullptr},
      {"not retired yet", 2026y / 3 / 14, address, nullptr, "MUST NOT be used from 2026-03-15 on"},
      {"warned of", 2026y / 11 / 23, phone, nullptr, "SHOULD NOT be used since 2026-03-15"},
      {"ended", 2027y / 3 / 15, phone, "contact-phone-txt (BR 3.2.2.4.16): retired 2027-03-15", nullptr},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      v1::CorroborateRequest asked = request();
      row.ask(*asked.mutable_dcv());
      Deployment where = deployment();
      where.lab.policy_clock = TimePoint(row.day);  // the policy's date counts, not the clock on the wall
      where.perspectives.push_back(where.perspectives.back());
      where.perspectives.back().where.id = PerspectiveId::parse("r5").value();
      where.perspectives.back().where.place = where.perspectives.back().where.resolver_place = {"r5", -33.9, 18.4};
      where.perspectives.back().where.rir = where.perspectives.back().where.resolver_rir = Rir::kAfrinic;
      const auto checked = check_request(asked, where, {}, nullptr, kNow);
      REQUIRE(checked.has_value() == (row.refused == nullptr));
      if (!checked) {
        CHECK_THAT(checked.error().detail, Catch::StartsWith("dcv: ") && Catch::Contains(row.refused));
        return;
      }
      REQUIRE(checked->warnings.size() == (row.warning == nullptr ? 0 : 1));
      if (row.warning != nullptr) CHECK_THAT(checked->warnings.front(), Catch::Contains(row.warning));
    }
}

TEST_CASE("the profile custom takes what has ended and what is too short, and says so", "[request][policy]") {
  Deployment custom = deployment();
  custom.profiles = {Profile::kCustom};
  v1::CorroborateRequest retired = request();
  retired.mutable_dcv()->mutable_ip_address()->set_address("198.51.100.1");
  const auto checked = check_request(retired, custom, {}, nullptr, kNow);
  REQUIRE(checked);
  REQUIRE(checked->warnings.size() == 1);
  CHECK_THAT(checked->warnings.front(), Catch::Contains("retired 2026-03-15"));

  v1::CorroborateRequest brief = request();
  brief.mutable_dcv()->mutable_dns_change()->set_challenge_value("brief");
  CHECK(check_request(brief, custom, {}, nullptr, kNow));
  CHECK_FALSE(check_request(brief, deployment(), {}, nullptr, kNow));
}

TEST_CASE("CAA is asked with the label of the DCV method beside it (RFC 8657 4)", "[request][caa]") {
  struct Row {
    const char* rule;
    const char* given;
    bool with_dcv;
    const char* label;
  };
  const Row rows[] = {
      {"derived", "", true, "http-01"},
      {"given the same", "http-01", true, "http-01"},
      {"given the other label of the mechanism", "ca-tbr-19", true, "ca-tbr-19"},
      {"without DCV as given", "dns-01", false, "dns-01"},
      {"without DCV there may be none", "", false, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      v1::CorroborateRequest asked = request();
      asked.mutable_caa()->set_validation_method(row.given);
      if (!row.with_dcv) asked.clear_dcv();
      const auto checked = check_request(asked, deployment(), {}, nullptr, kNow);
      REQUIRE(checked);
      CHECK(checked->caa->validation_method == row.label);
      CHECK(checked->original.caa().validation_method() == row.given);  // what is recorded is what was sent
    }
}
