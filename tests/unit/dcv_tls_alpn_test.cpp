#include "common/rules/dcv_tls_alpn.hpp"

#include <openssl/err.h>

#include "common/domain/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/validation_certificate.hpp"

namespace mpic::rules {
namespace {

using namespace test;

constexpr const char* kIpv4 = "93.184.216.34";
constexpr const char* kIpv6 = "2606:2800:220:1::1";

Digest digest_of(std::uint8_t first) {
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(first + i);
  return digest;
}
const Digest kDigest = digest_of(0x20);

CertificateShape right(const char* validated = "example.com") {
  return validation_shape(identifier(validated), kDigest);
}

std::optional<Problem> mismatch(const Bytes& der, const char* validated = "example.com") {
  return certificate_mismatch(der, identifier(validated), kDigest);
}

// The right certificate of example.com after a change.
template <class Change>
CertificateShape altered(Change change) {
  CertificateShape shape = right();
  change(shape);
  return shape;
}
// With these names, or this value of acmeIdentifier, instead of the right ones.
CertificateShape named(const std::vector<Bytes>& entries) {
  return altered([&](CertificateShape& s) { s.extensions[0] = alt_names(entries); });
}
CertificateShape valued(Bytes value) {
  return altered([&](CertificateShape& s) { s.extensions[1].value = std::move(value); });
}
CertificateShape keyed(CertificateKey key) {
  return altered([&](CertificateShape& s) { s.key = key; });
}
const Bytes kName = dns_entry("example.com");
const Bytes kAddress = address_entry({93, 184, 216, 34});
const Bytes kMapped = address_entry({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 93, 184, 216, 34});

Bytes digest_octets(std::size_t size) {
  Bytes out(kDigest.begin(), kDigest.end());
  out.resize(size);
  return out;
}
Bytes joined(Bytes octets, const Bytes& more) {
  octets.insert(octets.end(), more.begin(), more.end());
  return octets;
}

// Which rule of RFC 8737 3 each certificate breaks, and how it is told.
struct Wrong {
  const char* rule;
  const char* validated;
  CertificateShape shape;
  const char* says;
};

void check_all(std::span<const Wrong> rows) {
  for (const Wrong& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto problem = mismatch(make_certificate(row.shape).der, row.validated);
      REQUIRE(problem);
      CHECK(problem->code == ProblemCode::kCertificateMismatch);
      CHECK(problem->where == row.validated);
      CHECK_THAT(problem->detail, Catch::Contains(row.says));
      CHECK(presentable(problem->detail, 2'048) == problem->detail);
    }
}

}  // namespace

TEST_CASE("a certificate that proves control (RFC 8737 3, RFC 8738 6)", "[tls-alpn]") {
  struct Row {
    const char* rule;
    const char* validated;
    CertificateShape shape;
  };
  using Shape = CertificateShape;
  const CertificateExtension unknown{"1.2.3.4", false, {5, 0}}, unknown_critical{"1.2.3.4", true, {5, 0}};
  const CertificateExtension obsolete{"1.3.6.1.5.5.7.1.30.1", true, {5, 0}};
  const Row rows[] = {
      {"of a name", "example.com", right()},
      {"of an IPv4 address", kIpv4, right(kIpv4)},
      {"of an IPv6 address", kIpv6, right(kIpv6)},
      {"a name in upper case", "example.com", named({dns_entry("EXAMPLE.Com")})},
      {"critical names", "example.com", altered([](Shape& s) { s.extensions[0].critical = true; })},
      {"in the other order", "example.com", altered([](Shape& s) { std::swap(s.extensions[0], s.extensions[1]); })},
      {"an unknown extension", "example.com", altered([&](Shape& s) { s.extensions.push_back(unknown); })},
      {"a critical one", "example.com", altered([&](Shape& s) { s.extensions.push_back(unknown_critical); })},
      {"the obsolete one beside", "example.com", altered([&](Shape& s) { s.extensions.push_back(obsolete); })},
      {"no subject at all", "example.com", altered([](Shape& s) { s.subject = s.issuer = ""; })},
      {"an Ed25519 key", "example.com", keyed(CertificateKey::kEd25519)},
      {"an Ed448 key", "example.com", keyed(CertificateKey::kEd448)},
      {"an RSA key", "example.com", keyed(CertificateKey::kRsa2048)},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto problem = mismatch(make_certificate(row.shape).der, row.validated);
      CAPTURE(problem ? problem->detail : "");
      CHECK_FALSE(problem);
    }
}

TEST_CASE("acmeIdentifier is there once, critical, and holds the digest (RFC 8737 3)", "[tls-alpn][hostile]") {
  using Shape = CertificateShape;
  const Bytes whole = acme_identifier(kDigest).value;
  const char* const kNot = "not an OCTET STRING of 32 octets";
  const Wrong rows[] = {
      {"the obsolete extension alone", "example.com",
       altered([](Shape& s) { s.extensions[1].oid = "1.3.6.1.5.5.7.1.30.1"; }),
       "lacks the acmeIdentifier extension (1.3.6.1.5.5.7.1.31)"},
      {"none", "example.com", altered([](Shape& s) { s.extensions.pop_back(); }), "lacks the acmeIdentifier"},
      {"two", "example.com", altered([](Shape& s) { s.extensions.push_back(s.extensions[1]); }),
       "2 acmeIdentifier extensions"},
      {"two, of which one is right", "example.com",
       altered([](Shape& s) { s.extensions.push_back(acme_identifier(digest_of(1))); }), "2 acmeIdentifier extensions"},
      {"not critical", "example.com", altered([](Shape& s) { s.extensions[1].critical = false; }), "is not critical"},
      {"a string", "example.com", valued(tlv(0x0C, digest_octets(32))), kNot},
      {"the digest bare", "example.com", valued(digest_octets(32)), kNot},
      {"31 octets", "example.com", valued(tlv(0x04, digest_octets(31))), kNot},
      {"33 octets", "example.com", valued(tlv(0x04, digest_octets(33))), kNot},
      {"octets after the digest", "example.com", valued(joined(whole, {0})), kNot},
      {"a longer form of the length", "example.com", valued(joined({0x04, 0x81, 0x20}, digest_octets(32))), kNot},
      {"an OCTET STRING in another", "example.com", valued(tlv(0x04, whole)), kNot},
      {"an empty extension", "example.com", valued({}), kNot},
      {"another digest", "example.com", valued(acme_identifier(digest_of(0x21)).value), "acmeIdentifier is 2122"},
  };
  check_all(rows);
}

TEST_CASE("subjectAltName is there once, with one entry that is validated (RFC 8737 3, RFC 8738 3)",
          "[tls-alpn][hostile]") {
  using Shape = CertificateShape;
  const Bytes wildcard = dns_entry("*.example.com");
  const auto octets = [](Bytes value) { return altered([&](Shape& s) { s.extensions[0].value = std::move(value); }); };
  const Wrong rows[] = {
      {"another name", "example.com", named({dns_entry("example.org")}), "is dNSName \"example.org\", not example.com"},
      {"a parent", "www.example.com", named({kName}), "not www.example.com"},
      {"a wildcard", "example.com", named({wildcard}), "\"*.example.com\""},
      {"a wildcard that would cover it", "www.example.com", named({wildcard}), "\"*.example.com\""},
      {"a final dot", "example.com", named({dns_entry("example.com.")}), "\"example.com.\""},
      {"a zero octet behind it", "example.com", named({dns_entry({"example.com\0", 12})}), "example.com\\x00"},
      {"an empty name", "example.com", named({dns_entry("")}), "dNSName \"\""},
      {"a hostile name", "example.com", named({dns_entry("\x1B[2J\xFF")}), "\\x1b[2J\\xff"},
      {"another IPv4 address", kIpv4, named({address_entry({8, 8, 8, 8})}), "8.8.8.8, not 93.184.216.34"},
      {"another IPv6 address", kIpv6, named({address_entry(Bytes(16, 0x20))}), "iPAddress 2020:2020"},
      {"an IPv4 address as IPv6", kIpv4, named({kMapped}), "iPAddress ::ffff:93.184.216.34"},
      {"five octets", kIpv4, named({address_entry({93, 184, 216, 34, 0})}), "iPAddress of 5 octets"},
      {"an address and its mask", kIpv4, named({address_entry({93, 184, 216, 34, 255, 255, 255, 255})}),
       "iPAddress of 8 octets"},
      {"an address as a name", kIpv4, named({dns_entry(kIpv4)}), "dNSName \"93.184.216.34\""},
      {"its reverse name", kIpv4, named({dns_entry("34.216.184.93.in-addr.arpa")}), "dNSName \"34.216"},
      {"a text as an address", "example.com", named({address_entry({'a', 'b', 'c', 'd'})}), "97.98.99.100"},
      {"a URI", "example.com", named({tlv(0x86, {'x', ':'})}), "neither dNSName nor iPAddress"},
      {"a mailbox", "example.com", named({tlv(0x81, {'a', '@', 'b'})}), "neither dNSName nor iPAddress"},
      {"the name and another", "example.com", named({kName, dns_entry("example.org")}), "2 entries"},
      {"the name twice", "example.com", named({kName, kName}), "2 entries"},
      {"the name and an address", "example.com", named({kName, kAddress}), "2 entries"},
      {"the address and a name", kIpv4, named({kAddress, kName}), "2 entries"},
      {"no entry", "example.com", named({}), "0 entries"},
      {"only the subject has the name", "example.com", altered([](Shape& s) {
         s.extensions.erase(s.extensions.begin());
         s.subject = s.issuer = "example.com";
       }),
       "0 subjectAltName extensions"},
      {"two extensions", "example.com", altered([](Shape& s) { s.extensions.push_back(s.extensions[0]); }),
       "2 subjectAltName extensions"},
      {"octets after the names", "example.com", octets(joined(alt_names({kName}).value, {0})), "cannot be read"},
      {"names that are none", "example.com", octets({0x30, 0x7F, 1}), "cannot be read"},
      {"an empty extension", "example.com", octets({}), "cannot be read"},
  };
  check_all(rows);
}

TEST_CASE("the certificate is self-signed, by a key of a usual kind (RFC 8737 3)", "[tls-alpn][hostile]") {
  using Shape = CertificateShape;
  const Wrong rows[] = {
      {"another issuer", "example.com", altered([](Shape& s) { s.issuer = "somebody else"; }),
       "not self-signed: its issuer is not its subject"},
      {"another issuer and its key", "example.com", altered([](Shape& s) {
         s.issuer = "somebody else";
         s.signed_by_another = true;
       }),
       "not self-signed"},
      {"signed by another key", "example.com", altered([](Shape& s) { s.signed_by_another = true; }),
       "not self-signed: its signature is not by its own key"},
      {"a curve that is written out", "example.com", keyed(CertificateKey::kP256Explicit), "not a named one"},
      {"a key that takes long to use", "example.com", keyed(CertificateKey::kRsa16384), "16384 bits"},
      {"a key that cannot sign", "example.com", keyed(CertificateKey::kX25519), "none of RSA, EC, Ed25519"},
  };
  check_all(rows);
}

TEST_CASE("another digest is shown beside the one that was expected, in hexadecimal", "[tls-alpn]") {
  const auto problem = mismatch(make_certificate(valued(acme_identifier(digest_of(0x40)).value)).der);
  REQUIRE(problem);
  CHECK_THAT(problem->detail, Catch::Contains(hex(digest_of(0x40))) && Catch::Contains(hex(kDigest)));
}

TEST_CASE("one certificate is for one name and one key authorization", "[tls-alpn]") {
  const Bytes der = make_certificate(right()).der;
  CHECK_FALSE(mismatch(der));
  CHECK(mismatch(der, "www.example.com"));
  CHECK(mismatch(der, kIpv4));
  CHECK(certificate_mismatch(der, identifier("example.com"), digest_of(0)));
}

TEST_CASE("octets that are no certificate, or more than one", "[tls-alpn][hostile]") {
  const Bytes der = make_certificate(right()).der;
  const Bytes cut(der.begin(), der.end() - 1);
  struct Row {
    const char* rule;
    Bytes der;
    const char* says;
  };
  const Row rows[] = {
      {"nothing", {}, "no X.509 certificate"},
      {"a page", {'<', 'h', 't', 'm', 'l', '>'}, "no X.509 certificate"},
      {"an octet is missing", cut, "no X.509 certificate"},
      {"an octet too many", joined(der, {0}), "octets follow"},
      {"two certificates", joined(der, der), "octets follow"},
      {"as large as is looked at, and no certificate", Bytes(kMaxCertificate, 0x30), "no X.509 certificate"},
      {"larger than is looked at", joined(der, Bytes(kMaxCertificate, 0)), "over 16,384 octets"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto problem = mismatch(row.der);
      REQUIRE(problem);
      CHECK_THAT(problem->detail, Catch::Contains(row.says));
    }
}

TEST_CASE("a certificate in which any octet is changed proves nothing", "[tls-alpn][hostile]") {
  Bytes der = make_certificate(keyed(CertificateKey::kEd25519)).der;
  REQUIRE_FALSE(mismatch(der));
  for (std::size_t i = 0; i < der.size(); ++i) {
    for (const std::uint8_t change : {0x01, 0x20, 0x80}) {
      der[i] ^= change;
      if (!mismatch(der)) FAIL("octet " << i << " changed by " << int{change});
      der[i] ^= change;
    }
  }
  for (std::size_t size = 0; size < der.size(); ++size) {
    if (!mismatch(Bytes(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size)))) FAIL(size);
  }
}

TEST_CASE("what OpenSSL calls an error in here is nobody's error later", "[tls-alpn]") {
  const Bytes der = make_certificate(right()).der;
  ERR_clear_error();
  CHECK(mismatch({1, 2, 3}));
  CHECK(ERR_peek_error() == 0);
  const Bytes foreign = make_certificate(altered([](CertificateShape& s) { s.signed_by_another = true; })).der;
  ERR_clear_error();
  CHECK(mismatch(foreign));
  CHECK(ERR_peek_error() == 0);
  ERR_raise(ERR_LIB_USER, 7);  // of somebody else, before
  CHECK(mismatch({1, 2, 3}));
  CHECK(ERR_GET_REASON(ERR_peek_last_error()) == 7);
  ERR_clear_error();
}

TEST_CASE("the server is asked by the name, or the reverse name of an address (RFC 8737 3, RFC 8738 6)", "[tls-alpn]") {
  const auto name = [](const char* validated) { return server_name_of(identifier(validated)); };
  CHECK(name("example.com") == "example.com");
  CHECK(name("127.0.0.1") == "1.0.0.127.in-addr.arpa");
  std::string nibbles = "1.";
  for (int i = 0; i < 31; ++i) nibbles += "0.";
  CHECK(name("::1") == nibbles + "ip6.arpa");
}

}  // namespace mpic::rules
