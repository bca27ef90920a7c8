// What a server shows for tls-alpn-01 (RFC 8737 3): certificates, and octets that are none.
// Input: for which identifier, which octet to change, then the certificate.
#include <openssl/err.h>

#include <algorithm>

#include "common/rules/dcv_tls_alpn.hpp"
#include "tests/fuzz/certificate_case.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

Identifier identifier(std::size_t which) { return Identifier::parse(kCertificateFor.at(which)).value(); }

bool proves(Octets der, const Identifier& validated, const Digest& digest = kCertificateDigest) {
  const auto problem = rules::certificate_mismatch(der, validated, digest);
  hold(ERR_peek_error() == 0, "no error of OpenSSL is left behind");
  if (!problem) return true;
  hold(problem->code == ProblemCode::kCertificateMismatch, "a certificate proves control or mismatches");
  hold_presentable(problem->where);
  hold_presentable(problem->detail);
  return false;
}

bool contains(Octets octets, Octets part) {
  return std::search(octets.begin(), octets.end(), part.begin(), part.end()) != octets.end();
}

Bytes lowered(Octets octets) {
  Bytes out(octets.begin(), octets.end());
  for (std::uint8_t& octet : out) {
    if (octet >= 'A' && octet <= 'Z') octet = static_cast<std::uint8_t>(octet - 'A' + 'a');
  }
  return out;
}

// By other means than the rules': what must be there lies in the certificate as octets.
void hold_contents(Octets der, const Identifier& validated) {
  Bytes digest = {0x04, 0x20};
  digest.insert(digest.end(), kCertificateDigest.begin(), kCertificateDigest.end());
  hold(contains(der, digest), "who proves control has the digest");
  if (validated.is_ip()) {
    hold(contains(der, validated.ip().octets()), "who proves control of an address names it");
  } else {
    const std::string& name = validated.name().text();
    hold(contains(lowered(der), Bytes(name.begin(), name.end())), "who proves control of a name names it");
  }
}

void hold_nothing_else(Octets der, std::size_t which, std::uint8_t where) {
  for (std::size_t other = 0; other < kCertificateFor.size(); ++other) {
    if (other != which) hold(!proves(der, identifier(other)), "a certificate is for one identifier");
  }
  Digest digest = kCertificateDigest;
  digest[where % digest.size()] ^= 1U;
  hold(!proves(der, identifier(which), digest), "a certificate is for one key authorization");
  Bytes changed(der.begin(), der.end());
  changed.push_back(where);
  hold(!proves(changed, identifier(which)), "no octets follow a certificate");
  changed.pop_back();
  changed[where * changed.size() / 256] ^= 1U;
  hold(!proves(changed, identifier(which)), "a certificate that was changed proves nothing");
}

void hold_judged(Octets der, const Identifier& validated, bool proven) {
  if (der.empty()) return;
  const auto address = IpAddress::v4({93, 184, 216, 34});
  TlsObservation seen;
  if (!validated.is_ip() || validated.ip() != address) return;
  seen.tried = {{address, rules::kTlsAlpnPort, std::nullopt}};
  seen.server_name = rules::server_name_of(validated);
  seen.version = "TLSv1.3";
  seen.alpn = rules::kAcmeTlsAlpn;
  seen.certificate.assign(der.begin(), der.end());
  const auto judgement = rules::judge_tls_alpn({validated, validated}, {kCertificateDigest}, seen, {});
  hold(judgement.outcome == (proven ? Outcome::kCorroborates : Outcome::kContradicts),
       "the judgement is the certificate's");
  hold_presentable(judgement.saw);
}

void run(Octets octets) {
  Input input(octets);
  const std::size_t which = input.below(kCertificateFor.size());
  const std::uint8_t where = input.octet();
  if (octets.size() < 2) return;
  const Octets der = octets.subspan(2);
  const Identifier validated = identifier(which);
  ERR_clear_error();  // of other targets
  const bool proven = proves(der, validated);
  hold_judged(der, validated, proven);
  if (!proven) return;
  hold_contents(der, validated);
  hold_nothing_else(der, which, where);
}

const Target kTarget("certificate", run);

}  // namespace
}  // namespace mpic::fuzz
