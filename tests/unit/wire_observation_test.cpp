// What was seen by handshake and by lookup, on the wire; and that what is cut to fit never turns into a proof.
#include <functional>

#include "common/rules/dcv_tls_alpn.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic {
namespace {

using rules::judge_dcv;

Assignment assigned(DcvQuestion question, const char* adn = "") {
  Assignment out{.log_origin = "log",
                 .perspective = PerspectiveId::parse("ams-1").value(),
                 .identifier = test::identifier("www.example.com"),
                 .authorization_domain = std::nullopt,
                 .dcv = std::move(question),
                 .caa = std::nullopt};
  if (*adn != '\0') out.authorization_domain = test::dns_name(adn);
  return out;
}

Observation observed(DcvMethod method, decltype(DcvObservation::seen) seen) {
  Observation out{.perspective = PerspectiveId::parse("ams-1").value(),
                  .agent_version = "0.1.0",
                  .started = test::kLookedAt,
                  .ended = test::kLookedAt,
                  .source_ipv4 = "203.113.9.9",
                  .source_ipv6 = "",
                  .resolver = "127.0.0.1:53",
                  .lab_relaxations = {},
                  .dcv = std::nullopt,
                  .caa = std::nullopt};
  out.dcv = DcvObservation{method, std::move(seen)};
  return out;
}

TlsObservation handshake() {
  TlsObservation out;
  out.lookups = test::address_lookups("www.example.com", {"128.0.0.1", "2a00::1"});
  out.lookups[0].authenticated = true;
  out.addresses = {test::ip("2a00::1"), test::ip("128.0.0.1")};
  out.tried = {{test::ip("2a00::1"), 443, Problem(ProblemCode::kConnectionRefused, "2a00::1", "Connection refused")},
               {test::ip("128.0.0.1"), 443, std::nullopt}};
  out.server_name = "www.example.com";
  out.version = "TLSv1.3";
  out.alpn = "acme-tls/1";
  out.certificate = {0x30, 0x82, 0x00, 0xFF};
  out.problem = Problem(ProblemCode::kCertificateMismatch, "128.0.0.1", "not self-signed");
  return out;
}

v1::DnsLookup lookup() {
  v1::DnsLookup out;
  out.set_name("example.com");
  out.set_type(16);
  out.set_status(v1::DNS_STATUS_ANSWERED);
  *out.mutable_started() = wire::encode(test::kLookedAt);
  return out;
}

// Long enough that a few hundred do not fit an observation.
std::string filler(std::size_t number) { return std::to_string(number) + std::string(400, 'x'); }

}  // namespace

TEST_CASE("a handshake survives the way there and back", "[wire][observation]") {
  const TlsObservation sent = handshake();
  const auto decoded = wire::decode_observation(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, sent)));
  REQUIRE(decoded);
  CHECK_FALSE(decoded->cut);
  CHECK(decoded->dcv->method == DcvMethod::kAcmeTlsAlpn01);
  const auto& seen = std::get<TlsObservation>(decoded->dcv->seen);
  REQUIRE(seen.lookups.size() == 2);
  CHECK(seen.lookups[0].records == sent.lookups[0].records);
  CHECK(seen.lookups[0].authenticated);
  CHECK(seen.lookups[1].type == RecordType::kAaaa);
  CHECK(seen.addresses == sent.addresses);
  REQUIRE(seen.tried.size() == 2);
  CHECK(seen.tried[0].problem == sent.tried[0].problem);
  CHECK(seen.tried[1].port == 443);
  CHECK_FALSE(seen.tried[1].problem);
  CHECK(seen.server_name == sent.server_name);
  CHECK(seen.version == sent.version);
  CHECK(seen.alpn == sent.alpn);
  CHECK(seen.certificate == sent.certificate);
  CHECK(seen.problem == sent.problem);
}

TEST_CASE("whatever protocol a server names, the observation can be read", "[wire][observation][hostile]") {
  TlsObservation odd = handshake();
  odd.alpn = "\xFF\xFE acme-tls/1";
  const auto decoded = wire::decode_observation(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, odd)));
  REQUIRE(decoded);
  CHECK(std::get<TlsObservation>(decoded->dcv->seen).alpn == "\\xff\\xfe acme-tls/1");
  odd.alpn = std::string(255, '\x01');
  CHECK(wire::decode_observation(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, odd))));
}

TEST_CASE("a certificate is kept up to the size that is judged", "[wire][observation]") {
  TlsObservation large = handshake();
  large.certificate.assign(rules::kMaxCertificate, 0x30);
  const auto decoded = wire::decode_observation(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, large)));
  REQUIRE(decoded);
  CHECK(std::get<TlsObservation>(decoded->dcv->seen).certificate.size() == rules::kMaxCertificate);
  large.certificate.push_back(0);
  const auto refused = wire::decode_observation(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, large)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == "tls.certificate");
}

TEST_CASE("hostile handshakes and lookups are refused with the field's name", "[wire][observation][hostile]") {
  struct Row {
    const char* says;
    std::function<void(v1::DcvObservation&)> spoil;
  };
  const Row rows[] = {
      {"dcv.method", [](auto& o) { o.set_method(static_cast<v1::DcvMethod>(14)); }},
      {"dcv.seen", [](auto& o) { o.clear_tls(); }},
      {"lookups",
       [](auto& o) {
         for (int i = 0; i < 5; ++i) *o.mutable_tls()->add_lookups() = o.tls().lookups(0);
       }},
      {"addresses",
       [](auto& o) {
         for (int i = 0; i < 17; ++i) o.mutable_tls()->add_addresses("128.0.0.1");
       }},
      {"addresses", [](auto& o) { o.mutable_tls()->add_addresses("128.0.0.01"); }},
      {"tried",
       [](auto& o) {
         for (int i = 0; i < 17; ++i) *o.mutable_tls()->add_tried() = o.tls().tried(0);
       }},
      {"tried.port", [](auto& o) { o.mutable_tls()->mutable_tried(0)->set_port(65'536); }},
      {"tls.server_name", [](auto& o) { o.mutable_tls()->set_server_name("a b"); }},
      {"tls.server_name", [](auto& o) { o.mutable_tls()->set_server_name(std::string(254, 'a')); }},
      {"tls.version", [](auto& o) { o.mutable_tls()->set_version(std::string(17, 'a')); }},
      {"tls.alpn", [](auto& o) { o.mutable_tls()->set_alpn(std::string(256, 'a')); }},
      {"tls.certificate",
       [](auto& o) { o.mutable_tls()->set_certificate(std::string(rules::kMaxCertificate + 1, '0')); }},
      {"lookups",
       [](auto& o) {
         for (int i = 0; i < 129; ++i) *o.mutable_dns()->add_lookups() = lookup();
       }},
      {"lookup.name", [](auto& o) { o.mutable_dns()->add_lookups()->set_name(std::string(1025, 'a')); }},
      {"lookup.type", [](auto& o) { o.mutable_dns()->add_lookups()->set_type(15); }},
      {"lookup.chain.target",
       [](auto& o) {
         *o.mutable_dns()->add_lookups() = lookup();
         o.mutable_dns()->mutable_lookups(0)->add_chain()->set_target(std::string(1025, 'a'));
       }},
      {"lookup.end_of_chain",
       [](auto& o) {
         *o.mutable_dns()->add_lookups() = lookup();
         o.mutable_dns()->mutable_lookups(0)->set_end_of_chain(std::string(1025, 'a'));
       }},
      {"lookup.records",
       [](auto& o) {
         *o.mutable_dns()->add_lookups() = lookup();
         for (std::size_t i = 0; i <= kMaxRecords; ++i) o.mutable_dns()->mutable_lookups(0)->add_records("");
       }},
  };
  v1::Observation good;
  REQUIRE(good.ParseFromString(wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, handshake()))));
  for (const Row& row : rows) DYNAMIC_SECTION(row.says) {
      v1::Observation spoilt = good;
      row.spoil(*spoilt.mutable_dcv());
      const auto decoded = wire::decode_observation(spoilt.SerializeAsString());
      REQUIRE_FALSE(decoded);
      CHECK(decoded.error().code == ProblemCode::kEvidenceInvalid);
      CHECK(decoded.error().where == row.says);
    }
}

TEST_CASE("a handshake too large for an observation loses its octets with a mark", "[wire][observation]") {
  TlsObservation large = handshake();
  large.certificate.assign(rules::kMaxCertificate, 0x30);
  large.lookups[0].chain.assign(kMaxCnames, {std::string(1000, 'o'), std::string(1000, 't'), 60});
  large.lookups[1].chain = large.lookups[0].chain;
  const std::string octets = wire::encode(observed(DcvMethod::kAcmeTlsAlpn01, large));
  CHECK(octets.size() <= kMaxObservation);
  const auto decoded = wire::decode_observation(octets);
  REQUIRE(decoded);
  CHECK(decoded->cut);
  const auto& seen = std::get<TlsObservation>(decoded->dcv->seen);
  CHECK(seen.problem == large.problem);  // why it failed goes last
  CHECK(seen.lookups[0].records.empty());
  CHECK(seen.lookups[0].records_cut);
}

TEST_CASE("lookups of a DNS method survive the way there and back", "[wire][observation]") {
  DnsObservation sent;
  sent.lookups = {test::alias_at("www.example.com", {"a.example.org", "example.net"}),
                  test::txt_at("_acme-challenge.example.net", {"a", test::kSharedDigest})};
  sent.lookups[1].authenticated = true;
  sent.lookups[1].over_tcp = true;
  sent.lookups[1].tries = 2;
  sent.lookups[1].extended_errors = {{3, "stale"}};
  const Assignment asked = assigned({AcmeDns01{test::kSharedDigest}}, "example.net");
  const Observation observation = observed(DcvMethod::kAcmeDns01, sent);
  const auto decoded = wire::decode_observation(wire::encode(observation));
  REQUIRE(decoded);
  const auto& seen = std::get<DnsObservation>(decoded->dcv->seen).lookups;
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].chain == sent.lookups[0].chain);
  CHECK(seen[0].end_of_chain == "example.net");
  CHECK(seen[1].records == sent.lookups[1].records);
  CHECK(seen[1].authenticated);
  CHECK(seen[1].over_tcp);
  CHECK(seen[1].tries == 2);
  CHECK(seen[1].ttl == 300);
  CHECK(seen[1].extended_errors == sent.lookups[1].extended_errors);
  CHECK(judge_dcv(asked, observation).outcome == Outcome::kCorroborates);
  CHECK(judge_dcv(asked, *decoded).key == test::kSharedDigest);
}

TEST_CASE("what is cut is never a proof, and makes no liar of the agent", "[wire][observation]") {
  struct Row {
    const char* rule;
    Assignment asked;
    DnsObservation seen;
  };
  const auto filled = [](const std::string& name, const std::string& right) {
    DnsLookup lookup = test::txt_at(name, {right});
    for (std::size_t i = 0; i < 300; ++i) lookup.records.push_back(test::txt(filler(i)));
    return lookup;
  };
  DnsLookup long_chain = test::alias_at("www.example.com", {});
  for (std::size_t i = 0; i < kMaxCnames; ++i) {
    const std::string target =
        i + 1 == kMaxCnames ? "example.net" : std::to_string(i) + std::string(900, 'x') + ".example";
    long_chain.chain.push_back({long_chain.end_of_chain, target, 60});
    long_chain.end_of_chain = target;
  }
  DnsLookup long_way = test::txt_at("_acme-challenge.example.net", {test::kSharedDigest});
  long_way.chain = long_chain.chain;
  long_way.chain.front().owner = long_way.name;
  long_way.end_of_chain = "example.net";
  for (std::size_t i = 0; i < 40; ++i) long_way.records.push_back(test::txt(filler(i)));
  DnsLookup first_of_many = test::answered("www.example.com", RecordType::kCaa);
  first_of_many.records.assign(1000, test::caa_rdata(0, "contactemail", "admin@example.com" + std::string(80, ' ')));
  first_of_many.records.push_back(test::caa_rdata(0, "contactemail", "admin@example.com"));
  const DcvQuestion dns01{AcmeDns01{test::kSharedDigest}};
  const Row rows[] = {
      {"TXT records", assigned(dns01), {{filled("_acme-challenge.www.example.com", test::kSharedDigest)}}},
      {"chains of an alias", assigned(dns01, "example.net"), {{long_chain, long_way}}},
      {"CAA records of a climb",
       assigned({ContactLookup{DcvMethod::kContactEmailCaa, "admin@example.com"}}),
       {{first_of_many, test::answered("example.com", RecordType::kCaa), test::answered("com", RecordType::kCaa)}}},
      {"persistent records",
       assigned({DnsPersistent{{"ca.example"}, "urn:a"}}),
       {{filled("_validation-persist.www.example.com", "ca.example;accounturi=urn:a")}}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const Observation whole = observed(row.asked.dcv->method(), row.seen);
      REQUIRE(judge_dcv(row.asked, whole).outcome == Outcome::kCorroborates);
      const std::string octets = wire::encode(whole);
      CHECK(octets.size() <= kMaxObservation);
      const auto decoded = wire::decode_observation(octets);
      REQUIRE(decoded);
      REQUIRE(decoded->cut);
      const auto judgement = judge_dcv(row.asked, *decoded);
      CHECK(judgement.outcome == Outcome::kCouldNotLook);
      REQUIRE(judgement.problem);
      CHECK(judgement.problem->code == ProblemCode::kDnsTooManyRecords);
    }
}

}  // namespace mpic
