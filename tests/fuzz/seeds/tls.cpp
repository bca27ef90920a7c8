#include "tests/fuzz/certificate_case.hpp"
#include "tests/fuzz/seeds/seeds.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/validation_certificate.hpp"

namespace mpic::fuzz {
namespace {

using namespace test;

Identifier validated(char which) { return identifier(kCertificateFor.at(static_cast<std::size_t>(which))); }

// The octet that the target changes is one in the middle.
void add(Seeds& out, const char* name, char which, const Bytes& der) {
  out.push_back({"certificate", name, std::string{which, '\x7F'} + std::string(der.begin(), der.end())});
}

// By an Ed25519 key, unless the change says otherwise, so that the seed is the same each time it is made.
template <class Change>
Bytes changed(char which, Change change) {
  CertificateShape shape = validation_shape(validated(which), kCertificateDigest);
  shape.key = CertificateKey::kEd25519;
  change(shape);
  return make_certificate(shape).der;
}

void add_fresh(Seeds& out, const char* name, CertificateKey key) {
  add(out, name, 0, changed(0, [key](CertificateShape& s) { s.key = key; }));
  out.back().once = true;
}

std::string pem_of(const std::vector<Bytes>& names) {
  CertificateShape shape;
  shape.key = CertificateKey::kEd25519;
  shape.extensions = {alt_names(names)};
  return make_certificate(shape).certificate_pem;
}

void add_issued(Seeds& out) {
  const auto add_text = [&](const char* name, const std::string& text) { out.push_back({"certificates", name, text}); };
  const std::string names =
      pem_of({dns_entry("www.example.com"), dns_entry("*.example.com"), dns_entry("a_b.example")});
  const std::string mailbox = pem_of({tlv(0x81, Bytes{'a', '@', 'b', '.', 'd', 'e'})});
  add_text("pem", "subject=x\r\n" + names + pem_of({address_entry({192, 0, 2, 1}), address_entry({1, 2, 3})}));
  add_text("mailbox", mailbox);
  add_text("cut", names.substr(0, names.size() / 2) + "\n" + mailbox);
  add_text("key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  add_text("csv", "serial,names,issued,method\n0A:1b,a.example;*.b.example 192.0.2.1,2026-11-25,acme-http-01\n");
  add_text("csv-mistakes", "Names,ISSUED,fingerprint\na@b.example,2026-11-25T08:00:00Z,ff\nx,never,1\n,2026-11-25,g\n");
}

}  // namespace

void add_tls(Seeds& out) {
  constexpr char kName = 0, kIpv4 = 1, kIpv6 = 2;
  using Shape = CertificateShape;
  const auto as_it_is = [](Shape&) {};
  add_issued(out);
  const Bytes good = changed(kName, as_it_is);
  add(out, "name", kName, good);
  add(out, "ipv4", kIpv4, changed(kIpv4, as_it_is));
  add(out, "ipv6", kIpv6, changed(kIpv6, as_it_is));
  add(out, "another-identifier", kIpv4, good);
  add(out, "upper-case", kName,
      changed(kName, [](Shape& s) { s.extensions[0] = alt_names({dns_entry("EXAMPLE.com")}); }));
  add(out, "unknown-extension", kName, changed(kName, [](Shape& s) {
        s.extensions.push_back({"1.2.3.4", true, {5, 0}});
      }));
  add(out, "two-names", kName, changed(kName, [](Shape& s) {
        s.extensions[0] = alt_names({dns_entry("example.com"), dns_entry("*.example.com")});
      }));
  add(out, "two-alt-names", kName, changed(kName, [](Shape& s) { s.extensions.push_back(s.extensions[0]); }));
  add(out, "two-acme", kName, changed(kName, [](Shape& s) { s.extensions.push_back(s.extensions[1]); }));
  add(out, "not-critical", kName, changed(kName, [](Shape& s) { s.extensions[1].critical = false; }));
  add(out, "obsolete", kName, changed(kName, [](Shape& s) { s.extensions[1].oid = "1.3.6.1.5.5.7.1.30.1"; }));
  add(out, "string", kName, changed(kName, [](Shape& s) { s.extensions[1].value[0] = 0x0C; }));
  add(out, "another-digest", kName, changed(kName, [](Shape& s) { s.extensions[1].value[5] ^= 1U; }));
  add(out, "octets-in-extension", kName, changed(kName, [](Shape& s) { s.extensions[1].value.push_back(0); }));
  add(out, "other-kinds-of-name", kName, changed(kName, [](Shape& s) {
        s.extensions[0] = alt_names({tlv(0x86, {'x', ':'}), tlv(0x81, {'a', '@', 'b'}), tlv(0x88, {0x2A})});
      }));
  add(out, "address-of-five", kIpv4, changed(kIpv4, [](Shape& s) {
        s.extensions[0] = alt_names({address_entry({93, 184, 216, 34, 0})});
      }));
  add(out, "no-extensions", kName, changed(kName, [](Shape& s) { s.extensions.clear(); }));
  add(out, "another-issuer", kName, changed(kName, [](Shape& s) { s.issuer = "somebody else"; }));
  add(out, "another-key", kName, changed(kName, [](Shape& s) { s.signed_by_another = true; }));
  add(out, "rsa-16384", kName, changed(kName, [](Shape& s) { s.key = CertificateKey::kRsa16384; }));
  add(out, "x25519", kName, changed(kName, [](Shape& s) { s.key = CertificateKey::kX25519; }));
  Bytes more = good;
  more.push_back(0);
  add(out, "octets-after", kName, more);
  add(out, "cut", kName, Bytes(good.begin(), good.end() - 20));
  add_fresh(out, "p-256", CertificateKey::kP256);
  add_fresh(out, "explicit-curve", CertificateKey::kP256Explicit);
  add_fresh(out, "rsa", CertificateKey::kRsa2048);
}

}  // namespace mpic::fuzz
