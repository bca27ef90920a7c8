#include "tests/support/issuance_draft.hpp"

#include <array>

#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

// Made for these tests alone. Ed25519, whose signatures are the same each time, and P-256.
constexpr std::array kKeys = {
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEICAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjwQOHbQ6kVAHHar0\n"
    "NMm0p/rufIgkAekyPd6930WpmMehRANCAARGopincWdtT9QAmtkzllzYXyu7iII8\n"
    "rpWYg3hhubn9UwvzmXRLMmd+ok+slrusetEs50G+CCyGBA2LpFsbV476\n"
    "-----END PRIVATE KEY-----\n"};

std::string text(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

v1::StatedCheck stated(v1::CheckKind kind, TimePoint until) {
  v1::StatedCheck out;
  out.set_kind(kind);
  out.set_verdict(v1::VERDICT_CORROBORATED);
  *out.mutable_usable_until() = wire::encode(until);
  return out;
}

}  // namespace

const TimePoint kDecided = std::chrono::sys_days(2026y / 11 / 25) + 10h;
const TimePoint kCaaUntil = kDecided + 8h;
const TimePoint kDcvUntil = kDecided + std::chrono::days(110);

const evidence::SigningKey& signing_key(Signer signer) {
  static const std::array kRead = {evidence::SigningKey::from_pem(kKeys[0]).value(),
                                   evidence::SigningKey::from_pem(kKeys[1]).value(),
                                   evidence::SigningKey::from_pem(kKeys[2]).value()};
  return kRead[static_cast<std::size_t>(signer)];
}

Draft covered_draft() {
  Draft out;
  v1::StatementBody& said = out.said;
  said.set_log_origin("mpic.test/log");
  said.set_record_id("0123456789abcdef0123456789abcdef");
  said.set_identifier("www.example.com");
  said.set_authorization_domain("www.example.com");
  said.set_verdict(v1::VERDICT_CORROBORATED);
  said.set_basis_for_issuance(true);
  said.set_request_sha256(text(evidence::sha256("request")));
  said.set_record_sha256(text(evidence::sha256("record")));
  *said.mutable_decided() = wire::encode(kDecided);
  *said.mutable_usable_until() = wire::encode(kCaaUntil);
  said.set_method(v1::DCV_METHOD_ACME_HTTP_01);
  said.add_account_uris("https://ca.example/acct/1");
  said.set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  *said.add_checks() = stated(v1::CHECK_KIND_DCV, kDcvUntil);
  *said.add_checks() = stated(v1::CHECK_KIND_CAA, kCaaUntil);
  said.set_profile("cabf-tls-br");
  said.set_client("pipeline");
  said.add_issuer_domains("ca.example");
  said.add_issuer_domains("ca.test");
  said.set_validation_method("http-01");
  evidence::Issuance& issuance = out.issuance;
  issuance.identifier = "www.example.com";
  issuance.at = kDecided + 1h;
  issuance.certificate = v1::CERTIFICATE_TYPE_TLS_SERVER;
  issuance.method = v1::DCV_METHOD_ACME_HTTP_01;
  issuance.account_uri = "https://ca.example/acct/1";
  issuance.issuer_domain = "ca.example";
  issuance.client = "pipeline";
  issuance.log_origin = "mpic.test/log";
  return out;
}

v1::Statement sign(const v1::StatementBody& said, Signer signer) {
  v1::Statement out;
  said.SerializeToString(out.mutable_payload());
  out.set_key_id(signing_key(signer).id());
  out.set_signature(signing_key(signer).sign(evidence::pae(evidence::kStatementType, out.payload())));
  return out;
}

v1::Statement sign(const Draft& draft) {
  v1::Statement out = sign(draft.said, draft.signer);
  if (draft.after != nullptr) draft.after(out);
  return out;
}

void only_dcv(Draft& d) {
  d.issuance.needs_caa = false;
  d.said.mutable_checks()->DeleteSubrange(1, 1);
  d.said.clear_issuer_domains();
  d.said.clear_account_uris();
  d.said.clear_validation_method();
  d.issuance.account_uri.clear();
}

void only_caa(Draft& d) {
  d.issuance.needs_dcv = false;
  d.said.mutable_checks()->DeleteSubrange(0, 1);
  d.said.clear_method();
  d.said.clear_authorization_domain();
}

void wildcard(Draft& d) { d.said.set_identifier("*.example.com"), d.issuance.identifier = "*.example.com"; }

void smime(Draft& d) {
  d.said.set_certificate_type(v1::CERTIFICATE_TYPE_SMIME);
  d.said.set_profile("cabf-smime-br");
  d.issuance.certificate = v1::CERTIFICATE_TYPE_SMIME;
}

void address(Draft& d, const char* stated_address) {
  only_dcv(d);
  d.said.set_identifier(stated_address);
  d.said.clear_authorization_domain();
  d.issuance.identifier = stated_address;
}

void persistent(Draft& d) {
  d.said.set_method(v1::DCV_METHOD_DNS_PERSISTENT);
  d.said.set_dcv_account_uri("https://ca.example/acct/1");
  d.said.set_validation_method("dns-persist-01");
  d.issuance.method = v1::DCV_METHOD_DNS_PERSISTENT;
}

}  // namespace mpic::test
