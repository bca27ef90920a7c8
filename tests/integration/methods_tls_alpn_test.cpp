// tls-alpn-01 (RFC 8737, RFC 8738; BR 3.2.2.4.20, 3.2.2.5.7) against OpenSSL's own server, and against nginx, which
// knows nothing of it.
#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

const TlsObservation& handshake(const Validation& validation) {
  return std::get<TlsObservation>(validation.seen.dcv->seen);
}

}  // namespace

TEST_CASE("tls-alpn-01: what servers show", "[methods][tls-alpn]") {
  struct Row {
    const char* rule;
    const char* identifier;
    Ending ending;
    const char* words = "";
    bool needs_ipv6 = false;
  };
  const Row rows[] = {
      {"the validation certificate of the name", "alpn.demo.test", {}},
      {"of an IPv4 address, by the SNI of its reverse name", "127.77.4.2", {}},
      {"of a name that has only IPv6", "ipv6-only.demo.test", {}, "", true},
      {"of an IPv6 address", "::1", {}, "", true},
      {"the digest of another key authorization", "alpn-wrong.demo.test", ProblemCode::kCertificateMismatch,
       "2cfb08c13a3ba3c0681b4faf8c2c8640605649520fc48fa2fd7df7e9e50e419a"},
      {"two names", "alpn-two-names.demo.test", ProblemCode::kCertificateMismatch, "2 entries"},
      {"another name", "alpn-foreign.demo.test", ProblemCode::kCertificateMismatch, "www.demo.test"},
      {"an extension that is not critical", "alpn-uncritical.demo.test", ProblemCode::kCertificateMismatch,
       "not critical"},
      {"the certificate of a name, for an address", "127.77.4.4", ProblemCode::kCertificateMismatch},
      {"a site that knows nothing of it sends an alert", "www.demo.test", ProblemCode::kTlsFailed},
      {"nobody listens", "refused.demo.test", ProblemCode::kConnectionRefused},
      {"no address", "no-address.demo.test", ProblemCode::kDnsNoAddresses},
      {"an address that is forbidden", "internal.demo.test", ProblemCode::kAddressForbidden},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.identifier << ")") {
      if (row.needs_ipv6 && !system_under_test().ipv6) {
        WARN("left out: this machine has no IPv6");
        continue;
      }
      check_ending(Sightseer().validate(row.identifier, tls_alpn_01()), row.ending, row.words);
    }
}

TEST_CASE("tls-alpn-01: the certificate that was shown is evidence", "[methods][tls-alpn]") {
  const Validation name = Sightseer().validate("alpn.demo.test", tls_alpn_01());
  CHECK(handshake(name).alpn == "acme-tls/1");
  CHECK(handshake(name).server_name == "alpn.demo.test");
  CHECK(handshake(name).version == "TLSv1.3");
  CHECK_FALSE(handshake(name).certificate.empty());
  CHECK(name.judged.dnssec_authenticated);
  CHECK(name.judged.key == "2cfb08c13a3ba3c0681b4faf8c2c8640605649520fc48fa2fd7df7e9e50e419a");
  const Validation address = Sightseer().validate("127.77.4.2", tls_alpn_01());
  CHECK(handshake(address).server_name == "2.4.77.127.in-addr.arpa");
  const Validation wrong = Sightseer().validate("alpn-wrong.demo.test", tls_alpn_01());
  CHECK_FALSE(handshake(wrong).certificate.empty());
}

TEST_CASE("tls-alpn-01: a perspective without IPv6 says so of an IPv6-only site", "[methods][tls-alpn][ipv6]") {
  Sightseer seer;
  seer.ipv6 = Ipv6::kNone;
  check_ending(seer.validate("ipv6-only.demo.test", tls_alpn_01()), ProblemCode::kNoIpv6Egress);
}
