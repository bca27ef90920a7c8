#include "common/wire/convert.hpp"
#include "tests/fuzz/seeds/seeds.hpp"
#include "tests/fuzz/signed_case.hpp"
#include "tests/support/seen.hpp"

namespace mpic::fuzz {
namespace {

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
constexpr const char* kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
constexpr const char* kThumbprint = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

Assignment assignment(const char* identifier) {
  Assignment out{.attempt = {1},
                 .log_origin = "mpic.test/fuzz",
                 .perspective = PerspectiveId::parse("eu-west").value(),
                 .role = Role::kRemote,
                 .nonce = {7},
                 .issued = kNow,
                 .budget = std::chrono::seconds(5),
                 .identifier = Identifier::parse(identifier).value()};
  return out;
}

DcvQuestion http_01() { return {AcmeHttp01{kToken, std::string(kToken) + '.' + kThumbprint}}; }

CaaQuestion caa() {
  CaaQuestion out;
  out.issuer_domains = {"ca.example"};
  return out;
}

void add_assignments(Seeds& out) {
  const auto add = [&](const char* name, const Assignment& value) {
    out.push_back({"assignment", name, wire::encode(value)});
  };
  Assignment both = assignment("www.example.com");
  both.dcv = http_01();
  both.caa = caa();
  add("both", both);
  both.authorization_domain = DnsName::parse("www.example.com").value();
  both.caa->account_uris = {"https://ca.example/acct/1", "urn:x"};
  both.caa->validation_method = "http-01";
  both.caa->certificate_type = CertificateType::kSmime;
  both.caa->allow_lookup_failure = true;
  add("everything", both);
  Assignment wildcard = assignment("*.example.com");
  wildcard.caa = caa();
  wildcard.role = Role::kPrimary;
  add("wildcard", wildcard);
  Assignment address = assignment("2600::1");
  address.dcv = http_01();
  address.role = Role::kShadow;
  add("address", address);
  v1::Assignment bad;
  (void)bad.ParseFromString(wire::encode(both));
  bad.set_identifier("10.0.0.1");
  bad.set_budget_ms(99);
  out.push_back({"assignment", "bad", bad.SerializeAsString()});
  bad.mutable_dcv()->mutable_acme_dns_01();  // without its digest
  out.push_back({"assignment", "another-method", bad.SerializeAsString()});
}

Observation observation(const Assignment& asked) {
  Observation out{.perspective = asked.perspective};
  out.nonce = asked.nonce;
  out.agent_version = "0.1.0";
  out.started = out.ended = kNow;
  out.source_ipv4 = "203.113.9.9";
  out.resolver = "127.0.0.1:53";
  out.lab_relaxations = {"addresses 127.77.0.0/16", "ports 443=21443,80=21380"};
  return out;
}

void add_observations(Seeds& out) {
  Assignment asked = assignment("www.example.com");
  asked.dcv = http_01();
  asked.caa = caa();
  for (const char* sees : {"yes", "no", "nothing", "timeout", "servfail", "forbidden-address"}) {
    Observation seen = observation(asked);
    seen.caa = test::caa_seen(asked.identifier.name(), *asked.caa, sees, kNow);
    seen.dcv = test::http_01_seen(asked, sees, kNow);
    out.push_back({"observation", std::string("sees-") + sees, wire::encode(seen)});
  }
  Observation chain = observation(asked);
  chain.caa = test::caa_seen(asked.identifier.name(), *asked.caa, "yes", kNow);
  DnsLookup& lookup = chain.caa->lookups.front();
  lookup.chain = {{"www.example.com", "a.example.net", 50}};
  lookup.end_of_chain = "a.example.net";
  lookup.extended_errors = {{7, "signature expired"}, {0, "caf\xc3\xa9"}};
  out.push_back({"observation", "chain", wire::encode(chain)});
  Observation handshake = observation(asked);
  TlsObservation tls;
  tls.server_name = "www.example.com";
  tls.version = "TLSv1.3";
  tls.alpn = "acme-tls/1";
  tls.certificate = {0x30, 0};
  tls.addresses = {IpAddress::parse("128.0.0.1").value()};
  tls.tried = {{tls.addresses.front(), 443, Problem(ProblemCode::kConnectionRefused, "128.0.0.1", "refused")}};
  DcvObservation dcv;
  dcv.method = DcvMethod::kAcmeTlsAlpn01;
  dcv.seen = tls;
  handshake.dcv = dcv;
  out.push_back({"observation", "tls", wire::encode(handshake)});
  dcv.method = DcvMethod::kAcmeDns01;
  dcv.seen = DnsObservation{{test::answered("_acme-challenge.www.example.com", RecordType::kTxt, {{1, 'x'}}, kNow)}};
  handshake.dcv = dcv;
  out.push_back({"observation", "dns", wire::encode(handshake)});
}

void add_requests(Seeds& out) {
  const auto add = [&](const char* name, const v1::CorroborateRequest& request, char deployment = 0) {
    out.push_back({"request", name, deployment + request.SerializeAsString()});
  };
  v1::CorroborateRequest request;
  request.set_identifier("www.example.com");
  wire::encode(caa(), *request.mutable_caa());
  add("caa", request);
  wire::encode(http_01(), *request.mutable_dcv());
  add("both", request);
  request.set_trace_id("order 4711");
  request.set_primary_agent("primary");
  request.set_authorization_domain("www.example.com");
  request.mutable_stricter()->set_min_remotes(5);
  request.mutable_stricter()->set_min_rirs(3);
  request.mutable_stricter()->set_unanimous(true);
  request.set_deadline_ms(5000);
  request.set_mode(v1::MODE_MONITOR);
  request.set_respond(v1::RESPOND_COMPLETE);
  request.mutable_caa()->add_account_uris("https://ca.example/acct/1");
  add("everything", request);
  request.set_max_attempts(3);
  request.set_request_id("mine");
  request.mutable_asserted()->set_primary_id("primary");
  add("another-primary", request);
  request.mutable_asserted()->set_dcv_passed(true);
  request.mutable_asserted()->set_caa_permits(true);
  *request.mutable_asserted()->mutable_determined() = wire::encode(kNow - std::chrono::minutes(1));
  request.set_parallel(true);
  request.set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  add("asserted", request);
  request.mutable_asserted()->set_corroboration_key("another");
  add("asserted-wrong-key", request);
  v1::CorroborateRequest wildcard;
  wildcard.set_identifier("*.example.test");
  wire::encode(caa(), *wildcard.mutable_caa());
  add("wildcard-in-lab", wildcard, 1);
  v1::CorroborateRequest address;
  address.set_identifier("128.0.0.1");
  wire::encode(http_01(), *address.mutable_dcv());
  add("address", address);
  address.set_identifier("10.0.0.1");
  add("reserved-address", address);
}

void add_forgeries(Seeds& out) {
  const SignedCase& known = signed_case();
  out.push_back({"envelope", "signed", known.message.SerializeAsString()});
  out.push_back({"envelope", "other-perspective", known.other.SerializeAsString()});
  v1::FromAgent mixed = known.message;
  *mixed.mutable_signed_root() = known.other.signed_root();
  out.push_back({"envelope", "mixed", mixed.SerializeAsString()});
  mixed.mutable_items(0)->mutable_refusal()->set_attempt_id("x");
  out.push_back({"envelope", "refusal", mixed.SerializeAsString()});
  out.push_back({"evidence", "untouched", ""});
  for (char kind = 0; kind < 9; ++kind) {
    // The kind of change, then what it takes: where, how, which bit.
    out.push_back({"evidence", "change-" + std::to_string(kind), std::string{kind, 0, 9, 1, 3}});
    out.push_back({"evidence", "insert-" + std::to_string(kind), std::string{kind, 1, 0, 3, 2, 'x', 'y'}});
  }
  out.push_back({"evidence", "there-and-back", std::string{7, 1, 7, 2}});
  for (const char size : {0, 1, 2, 6, 7, 12}) {
    out.push_back({"merkle", "tree-of-" + std::to_string(size + 1), std::string{size, 1, 0, 1, 2, 3, 0, 3, 5, 2}});
    out.push_back({"merkle", "true-in-" + std::to_string(size + 1), std::string{size, 1}});
  }
}

void add_issuances(Seeds& out) {
  out.push_back({"issuance", "untouched", ""});
  out.push_back({"issuance", "signed-again", "\x01"});
  for (char kind = 0; kind < 12; ++kind) {
    // Signed again; the statement or the issuance; the kind of change, then what it takes.
    out.push_back({"issuance", "statement-" + std::to_string(kind), std::string{1, 0, kind, 0, 1, 2, 3}});
    out.push_back({"issuance", "issuance-" + std::to_string(kind), std::string{1, 1, kind, 0, 1, 2, 3}});
  }
  out.push_back({"issuance", "both-by-another-name", std::string{1, 0, 0, 0, 2, 1, 0, 0, 2}});
  out.push_back({"issuance", "both-for-another-account", std::string{1, 0, 5, 0, 2, 1, 5, 0, 0, 2}});
  out.push_back({"issuance", "bit-of-the-payload", std::string{0, 0, 1, 0, 9, 0, 3}});
  out.push_back({"issuance", "bit-of-the-signature", std::string{0, 0, 0, 0, 9, 0, 3}});
}

void add_statuses(Seeds& out) {
  v1::AgentStatus status;
  status.set_ready(true);
  status.set_agent_version("0.1.0");
  status.set_source_ipv4("192.0.2.7");
  status.set_source_ipv6("2001:db8::7");
  out.push_back({"agent_status", "ready", status.SerializeAsString()});
  status.set_ready(false);
  status.set_not_ready_because("the resolver 127.0.0.1:53, asked for \".\": timeout\n\x1b[2J\xe2\x80\xae\\x41");
  out.push_back({"agent_status", "not-ready", status.SerializeAsString()});
  status.set_not_ready_because(std::string(1'024, '\x01'));
  out.push_back({"agent_status", "longest-reason", status.SerializeAsString()});
  status.set_source_ipv4("::ffff:192.0.2.7");
  out.push_back({"agent_status", "mapped-source", status.SerializeAsString()});
}

}  // namespace

void add_wire(Seeds& out) {
  add_assignments(out);
  add_observations(out);
  add_requests(out);
  add_forgeries(out);
  add_issuances(out);
  add_statuses(out);
}

}  // namespace mpic::fuzz
