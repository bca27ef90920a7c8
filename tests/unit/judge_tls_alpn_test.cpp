#include "common/domain/hex.hpp"
#include "common/rules/dcv_tls_alpn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/validation_certificate.hpp"

namespace mpic::rules {
namespace {

using namespace test;

constexpr const char* kSite = "93.184.216.34";
constexpr const char* kSite6 = "2606:2800:220:1::1";
const AcmeTlsAlpn01 kQuestion{Digest{1, 2, 3}};

TlsObservation good() {
  TlsObservation seen;
  seen.lookups = address_lookups("example.com", {kSite6, kSite});
  seen.addresses = {ip(kSite6), ip(kSite)};
  seen.tried = {{ip(kSite6), 443, std::nullopt}};
  seen.server_name = "example.com";
  seen.version = "TLSv1.3";
  seen.alpn = "acme-tls/1";
  CertificateShape shape = validation_shape(identifier("example.com"), kQuestion.digest);
  shape.key = CertificateKey::kEd25519;
  seen.certificate = make_certificate(shape).der;
  return seen;
}

Judgement judged(const TlsObservation& seen, const std::vector<std::string>& lab = {}) {
  return judge_tls_alpn({identifier("example.com"), identifier("example.com")}, kQuestion, seen, lab);
}

// The good observation after a change.
template <class Change>
Judgement altered(Change change) {
  TlsObservation seen = good();
  change(seen);
  return judged(seen);
}

Problem problem(ProblemCode code) { return {code, "somewhere", "as the agent said"}; }

}  // namespace

TEST_CASE("a server that shows the certificate under acme-tls/1 corroborates (RFC 8737 3)", "[tls-alpn][judge]") {
  const Judgement judgement = judged(good());
  CHECK(judgement.outcome == Outcome::kCorroborates);
  CHECK_FALSE(judgement.problem);
  CHECK(judgement.key == hex(kQuestion.digest));
  CHECK(judgement.saw == "acme-tls/1 and the certificate from 2606:2800:220:1::1");
  CHECK_FALSE(judgement.ipv6_failed);
  CHECK_FALSE(judgement.dnssec_authenticated);
  CHECK(altered([](TlsObservation& s) { s.version = "TLSv1.2"; }).outcome == Outcome::kCorroborates);
  CHECK(altered([](TlsObservation& s) {
          for (DnsLookup& lookup : s.lookups) lookup.authenticated = true;
        }).dnssec_authenticated);
  const Judgement by_ipv4 = altered([](TlsObservation& s) {
    s.tried = {{ip(kSite6), 443, problem(ProblemCode::kOutpaced)}, {ip(kSite), 443, std::nullopt}};
  });
  CHECK(by_ipv4.ipv6_failed == ip(kSite6));
  CHECK(by_ipv4.saw == "acme-tls/1 and the certificate from 93.184.216.34, IPv6 2606:2800:220:1::1 failed");
}

TEST_CASE("an address is asked by its reverse name, without a lookup (RFC 8738 6; BR 3.2.2.5.7)", "[tls-alpn][judge]") {
  TlsObservation seen;
  seen.addresses = {ip(kSite)};
  seen.tried = {{ip(kSite), 443, std::nullopt}};
  seen.server_name = "34.216.184.93.in-addr.arpa";
  seen.version = "TLSv1.3";
  seen.alpn = "acme-tls/1";
  seen.certificate = make_certificate(validation_shape(identifier(kSite), kQuestion.digest)).der;
  const auto judge = [&] {
    return judge_tls_alpn({identifier(kSite), identifier(kSite)}, kQuestion, seen, {}).outcome;
  };
  CHECK(judge() == Outcome::kCorroborates);
  seen.server_name = kSite;
  CHECK(judge() == Outcome::kEvidenceInvalid);
}

TEST_CASE("what a server shows otherwise contradicts, and says how", "[tls-alpn][judge]") {
  struct Row {
    const char* rule;
    Judgement judgement;
    ProblemCode code;
    const char* says;
    const char* saw;
  };
  const auto wrong = [](auto change) {
    return altered([&](TlsObservation& seen) {
      CertificateShape shape = validation_shape(identifier("example.com"), kQuestion.digest);
      change(shape);
      seen.certificate = make_certificate(shape).der;
    });
  };
  const Row rows[] = {
      {"no ALPN", altered([](TlsObservation& s) { s.alpn.clear(); }), ProblemCode::kAlpnNotAgreed, "no protocol",
       "no acme-tls/1 from"},
      {"another protocol", altered([](TlsObservation& s) { s.alpn = "h2"; }), ProblemCode::kAlpnNotAgreed,
       "agreed on \"h2\"", "no acme-tls/1 from"},
      {"a hostile protocol", altered([](TlsObservation& s) { s.alpn = "\x1B[2J"; }), ProblemCode::kAlpnNotAgreed,
       "\\x1b[2J", "no acme-tls/1 from"},
      {"the digest of another key authorization",
       wrong([](CertificateShape& s) { s.extensions[1] = acme_identifier(Digest{}); }),
       ProblemCode::kCertificateMismatch, "the digest of the key authorization is 0102030000",
       "acme-tls/1 and another certificate from"},
      {"the site's ordinary certificate", wrong([](CertificateShape& s) { s.extensions.pop_back(); }),
       ProblemCode::kCertificateMismatch, "lacks the acmeIdentifier", "acme-tls/1 and another certificate from"},
      {"octets that are no certificate", altered([](TlsObservation& s) { s.certificate = {1}; }),
       ProblemCode::kCertificateMismatch, "no X.509 certificate", "acme-tls/1 and another certificate from"},
      {"a certificate that is too large", altered([](TlsObservation& s) { s.certificate.resize(kMaxCertificate + 1); }),
       ProblemCode::kCertificateMismatch, "over 16,384 octets", "acme-tls/1 and another certificate from"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(row.judgement.outcome == Outcome::kContradicts);
      REQUIRE(row.judgement.problem);
      CHECK(row.judgement.problem->code == row.code);
      CHECK(row.judgement.problem->where == "example.com");
      CHECK_THAT(row.judgement.problem->detail, Catch::Contains(row.says));
      CHECK(row.judgement.saw == std::string(row.saw) + " 2606:2800:220:1::1");
      CHECK(row.judgement.key.empty());
    }
}

TEST_CASE("what an agent reports of a handshake is believed as far as it corroborates nothing", "[tls-alpn][judge]") {
  struct Row {
    ProblemCode code;
    Outcome outcome;
  };
  using enum ProblemCode;
  const Row rows[] = {
      {kDnsNoAddresses, Outcome::kContradicts},     {kDnsServfail, Outcome::kCouldNotLook},
      {kConnectionRefused, Outcome::kCouldNotLook}, {kConnectionTimeout, Outcome::kCouldNotLook},
      {kTlsFailed, Outcome::kCouldNotLook},         {kTlsTimeout, Outcome::kCouldNotLook},
      {kAlpnNotAgreed, Outcome::kContradicts},      {kCertificateMismatch, Outcome::kContradicts},
      {kNoIpv6Egress, Outcome::kCouldNotLook},      {kBudgetExhausted, Outcome::kCouldNotLook},
      {kAddressForbidden, Outcome::kContradicts},   {kResolverUnavailable, Outcome::kUnreachable},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(row.code)) {
      // Also beside a certificate that would do.
      for (const bool shown : {false, true}) {
        TlsObservation seen = good();
        seen.problem = seen.tried[0].problem = problem(row.code);
        if (!shown) seen.certificate.clear();
        const Judgement judgement = judged(seen);
        CHECK(judgement.outcome == row.outcome);
        REQUIRE(judgement.problem);
        CHECK(judgement.problem->code == row.code);
        CHECK(judgement.key.empty());
        CHECK(judgement.saw == "no handshake (" + std::string(to_string(row.code)) + ")");
      }
    }
  // Nothing was begun, so nobody was asked for anything.
  CHECK(altered([](TlsObservation& s) {
          s = TlsObservation{};
          s.problem = problem(kDnsServfail);
        }).outcome == Outcome::kCouldNotLook);
}

TEST_CASE("a handshake that cannot have been is no evidence", "[tls-alpn][judge]") {
  struct Row {
    const char* rule;
    Judgement judgement;
    const char* says;
  };
  const Row rows[] = {
      {"another server name", altered([](TlsObservation& s) { s.server_name = "example.org"; }),
       "asked for \"example.org\", not for example.com"},
      {"no server name", altered([](TlsObservation& s) { s.server_name.clear(); }), "asked for \"\""},
      {"a final dot", altered([](TlsObservation& s) { s.server_name += '.'; }), "asked for \"example.com.\""},
      {"another server name where it failed", altered([](TlsObservation& s) {
         s.server_name = "example.org";
         s.problem = s.tried[0].problem = problem(ProblemCode::kTlsFailed);
       }),
       "asked for"},
      {"TLS 1.1", altered([](TlsObservation& s) { s.version = "TLSv1.1"; }), "only TLS 1.2 and 1.3"},
      {"no version", altered([](TlsObservation& s) { s.version.clear(); }), "only TLS 1.2 and 1.3"},
      {"no certificate", altered([](TlsObservation& s) { s.certificate.clear(); }), "without a certificate"},
      {"another port", altered([](TlsObservation& s) { s.tried[0].port = 8'443; }), "port 8443 was dialled, not 443"},
      {"an address from nowhere", altered([](TlsObservation& s) { s.tried[0].address = ip("8.8.8.8"); }),
       "none of the addresses"},
      {"nobody answered",
       altered([](TlsObservation& s) { s.tried[0].problem = problem(ProblemCode::kConnectionRefused); }),
       "no address, or more than one"},
      {"nobody was tried", altered([](TlsObservation& s) { s.tried.clear(); }), "no address, or more than one"},
      {"an internal address", altered([](TlsObservation& s) {
         s.lookups = address_lookups("example.com", {"10.0.0.1"});
         s.addresses = {ip("10.0.0.1")};
         s.tried[0].address = ip("10.0.0.1");
       }),
       "special-purpose range"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(row.judgement.outcome == Outcome::kEvidenceInvalid);
      REQUIRE(row.judgement.problem);
      CHECK_THAT(row.judgement.problem->detail, Catch::Contains(row.says));
      CHECK(row.judgement.key.empty());
    }
  CHECK(judge_tls_alpn({identifier("*.example.com"), identifier("example.com")}, kQuestion, good(), {}).outcome ==
        Outcome::kEvidenceInvalid);
}

TEST_CASE("a handshake in a lab, and one after which some addresses were cut", "[tls-alpn][judge]") {
  TlsObservation seen = good();
  seen.tried[0].port = 18'443;
  CHECK(judged(seen).outcome == Outcome::kEvidenceInvalid);
  CHECK(judged(seen, {"ports 443=18443"}).outcome == Outcome::kCorroborates);
  const Judgement cut = altered([](TlsObservation& s) { s.lookups[0].records_cut = true; });
  CHECK(cut.outcome == Outcome::kCouldNotLook);
  CHECK(cut.problem->code == ProblemCode::kDnsTooManyRecords);
  CHECK(cut.key.empty());
}

}  // namespace mpic::rules
