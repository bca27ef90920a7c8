#include "tests/support/issuance_cases.hpp"

#include "common/evidence/dsse.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/issuance_draft.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

struct Row {
  const char* rule;
  void (*change)(Draft&);
  const char* why = nullptr;  // none: it is covered
  ProblemCode code = ProblemCode::kPolicy;
};

constexpr ProblemCode kInvalid = ProblemCode::kEvidenceInvalid;
constexpr ProblemCode kArgument = ProblemCode::kInvalidArgument;

const Row kCovered[] = {
    {"all that is stated is as the statement says", [](Draft&) {}},
    {"what is not stated is not compared",
     [](Draft& d) {
       d.issuance.method = {};
       d.issuance.certificate = {};
       d.issuance.issuer_domain = d.issuance.client = d.issuance.log_origin = "";
     }},
    {"a name is the same in upper case", [](Draft& d) { d.issuance.identifier = "WWW.Example.com"; }},
    {"a wildcard covers itself", wildcard},
    {"an IPv4 address", [](Draft& d) { address(d, "192.0.2.1"); }},
    {"an IPv6 address", [](Draft& d) { address(d, "2001:db8::1"); }},
    {"an S/MIME certificate", smime},
    {"a clock may be 30 s behind the coordinator's", [](Draft& d) { d.issuance.at = kDecided - 30s; }},
    {"the last moment of CAA is one", [](Draft& d) { d.issuance.at = kCaaUntil; }},
    {"DCV alone outlives CAA",
     [](Draft& d) {
       d.issuance.needs_caa = false;
       d.issuance.at = kDcvUntil;
     }},
    {"a statement of DCV alone, for DCV alone", only_dcv},
    {"a statement of CAA alone, for CAA alone", only_caa},
    {"CAA that was asked for no method permits every one",
     [](Draft& d) {
       only_caa(d);
       d.said.clear_validation_method();
       d.issuance.method = v1::DCV_METHOD_DNS_CHANGE;
     }},
    {"CAA was asked for the method by its clause", [](Draft& d) { d.said.set_validation_method("ca-tbr-19"); }},
    {"one of several accounts that CAA was asked for",
     [](Draft& d) { d.said.add_account_uris("https://ca.example/acct/2"); }},
    {"no account anywhere",
     [](Draft& d) {
       d.said.clear_account_uris();
       d.issuance.account_uri = "";
     }},
    {"another issuer domain of the same CA, in upper case", [](Draft& d) { d.issuance.issuer_domain = "CA.test"; }},
    {"dns-persistent for its account", persistent},
    {"an asserted Primary, where that is accepted", [](Draft& d) { d.said.set_asserted_primary(true); }},
    {"a Primary that was observed, where no other is accepted",
     [](Draft& d) { d.issuance.accepts_asserted_primary = false; }},
    {"a P-256 key", [](Draft& d) { d.signer = Signer::kP256; }},
};

const Row kForged[] = {
    {"a key that is not pinned", [](Draft& d) { d.signer = Signer::kStranger; },
     "signed by key \"824c89aa8efb95ef\", which is none of the coordinator's", kInvalid},
    {"a signature with one bit turned",
     [](Draft& d) { d.after = [](v1::Statement& s) { (*s.mutable_signature())[9] ^= 1; }; },
     "the signature does not verify", kInvalid},
    {"no signature", [](Draft& d) { d.after = [](v1::Statement& s) { s.clear_signature(); }; },
     "the signature does not verify", kInvalid},
    {"another name put in after signing",
     [](Draft& d) {
       d.after = [](v1::Statement& s) {
         v1::StatementBody said;
         said.ParseFromString(s.payload());
         said.set_identifier("www.example.org");
         s.set_payload(said.SerializeAsString());
       };
     },
     "the signature does not verify", kInvalid},
    {"a signature over the bare payload",
     [](Draft& d) {
       d.after = [](v1::Statement& s) { s.set_signature(signing_key(Signer::kOurs).sign(s.payload())); };
     },
     "the signature does not verify", kInvalid},
    {"a signature over another type of payload",
     [](Draft& d) {
       d.after = [](v1::Statement& s) {
         s.set_signature(signing_key(Signer::kOurs).sign(evidence::pae(evidence::kObservationsType, s.payload())));
       };
     },
     "the signature does not verify", kInvalid},
    {"a signed payload that is no statement",
     [](Draft& d) {
       d.after = [](v1::Statement& s) {
         s.set_payload("\x0a\xff");
         s.set_signature(signing_key(Signer::kOurs).sign(evidence::pae(evidence::kStatementType, s.payload())));
       };
     },
     "what was signed is no statement", kInvalid},
    {"a payload that is too long to be one",
     [](Draft& d) { d.said.set_profile(std::string(evidence::kMaxStatement, 'x')); },
     "the statement is longer than any that is made", kInvalid},
    {"decided after the key's validity",
     [](Draft& d) { *d.said.mutable_decided() = wire::encode(std::chrono::sys_days(2027y / 1 / 1) + 1s); },
     "signed by key a050837d85070582 outside its validity, at 2027-01-01T00:00:01Z", kInvalid},
    {"decided before the key's validity",
     [](Draft& d) { *d.said.mutable_decided() = wire::encode(std::chrono::sys_days(2026y / 1 / 1) - 1s); },
     "signed by key a050837d85070582 outside its validity, at 2025-12-31T23:59:59Z", kInvalid},
    {"without a time of its decision", [](Draft& d) { d.said.clear_decided(); },
     "the statement does not say when it was decided", kInvalid},
    {"for what is no identifier", [](Draft& d) { d.said.set_identifier("www_example.com"); },
     "the statement is for no identifier: ", kInvalid},
    {"one check twice", [](Draft& d) { *d.said.add_checks() = d.caa(); }, "the statement tells of one check twice",
     kInvalid},
};

const Row kNotCovered[] = {
    {"a name below", [](Draft& d) { d.issuance.identifier = "a.www.example.com"; },
     "the statement is for www.example.com, not for a.www.example.com"},
    {"the name above", [](Draft& d) { d.issuance.identifier = "example.com"; },
     "the statement is for www.example.com, not for example.com"},
    {"another name", [](Draft& d) { d.issuance.identifier = "www.example.org"; },
     "the statement is for www.example.com, not for www.example.org"},
    {"a name below the one that was validated (its Authorization Domain Name)",
     [](Draft& d) {
       d.said.set_authorization_domain("example.com");
       d.issuance.identifier = "mail.example.com";
     },
     "the statement is for www.example.com, not for mail.example.com"},
    {"a wildcard by its name", [](Draft& d) { d.issuance.identifier = "*.www.example.com"; },
     "the statement is for www.example.com, not for *.www.example.com"},
    {"a name by its wildcard", [](Draft& d) { wildcard(d), d.issuance.identifier = "example.com"; },
     "the statement is for *.example.com, not for example.com"},
    {"a name below by the wildcard", [](Draft& d) { wildcard(d), d.issuance.identifier = "www.example.com"; },
     "the statement is for *.example.com, not for www.example.com"},
    {"a wildcard one deeper", [](Draft& d) { wildcard(d), d.issuance.identifier = "*.www.example.com"; },
     "the statement is for *.example.com, not for *.www.example.com"},
    {"another address", [](Draft& d) { address(d, "192.0.2.1"), d.issuance.identifier = "192.0.2.10"; },
     "the statement is for 192.0.2.1, not for 192.0.2.10"},
    {"an address in another spelling",
     [](Draft& d) { address(d, "2001:db8::1"), d.issuance.identifier = "2001:DB8:0::1"; },
     "the issuance names no identifier: ", kArgument},
    {"no identifier", [](Draft& d) { d.issuance.identifier = ""; }, "the issuance names no identifier: ", kArgument},
    {"no check", [](Draft& d) { d.issuance.needs_dcv = d.issuance.needs_caa = false; },
     "the issuance needs no check at all", kArgument},
    {"NOT_CORROBORATED", [](Draft& d) { d.said.set_verdict(v1::VERDICT_NOT_CORROBORATED); },
     "the statement's verdict is not CORROBORATED"},
    {"NOT_DETERMINED", [](Draft& d) { d.said.set_verdict(v1::VERDICT_NOT_DETERMINED); },
     "the statement's verdict is not CORROBORATED"},
    {"corroborated, and no basis for issuance", [](Draft& d) { d.said.set_basis_for_issuance(false); },
     "the statement says that it is no basis for issuance"},
    {"half a validation", [](Draft& d) { d.dcv().set_half_validation(true), d.said.set_basis_for_issuance(false); },
     "DCV is only the DNS half of its method: the rest is not seen here"},
    {"half a validation that calls itself a basis", [](Draft& d) { d.dcv().set_half_validation(true); },
     "DCV is only the DNS half of its method: the rest is not seen here"},
    {"CAA that calls itself half a validation", [](Draft& d) { d.caa().set_half_validation(true); },
     "CAA is only the DNS half of its method: the rest is not seen here"},
    {"one needed check that is not corroborated", [](Draft& d) { d.caa().set_verdict(v1::VERDICT_NOT_CORROBORATED); },
     "CAA is not CORROBORATED"},
    {"DCV that was not asked", [](Draft& d) { only_caa(d), d.issuance.needs_dcv = true; },
     "the statement has no DCV check"},
    {"CAA that was not asked", [](Draft& d) { only_dcv(d), d.issuance.needs_caa = true; },
     "the statement has no CAA check"},
    {"a clock 31 s behind the coordinator's", [](Draft& d) { d.issuance.at = kDecided - 31s; },
     "the issuance is before the statement, of 2026-11-25T10:00:00Z"},
    {"no time of issuance", [](Draft& d) { d.issuance.at = {}; },
     "the issuance is before the statement, of 2026-11-25T10:00:00Z"},
    {"a nanosecond after CAA's last moment", [](Draft& d) { d.issuance.at = kCaaUntil + 1ns; },
     "CAA was usable until 2026-11-25T18:00:00Z"},
    {"a second after DCV's last moment",
     [](Draft& d) {
       d.issuance.needs_caa = false;
       d.issuance.at = kDcvUntil + 1s;
     },
     "DCV was usable until 2027-03-15T10:00:00Z"},
    {"a check that may never be relied on", [](Draft& d) { d.dcv().clear_usable_until(); },
     "the statement does not say until when DCV is usable"},
    {"a time that cannot be one", [](Draft& d) { d.caa().mutable_usable_until()->set_seconds(-1); },
     "the statement does not say until when CAA is usable"},
    {"another type of certificate", [](Draft& d) { d.issuance.certificate = v1::CERTIFICATE_TYPE_SMIME; },
     "the statement is for another type of certificate"},
    {"an unspecified type is TLS", [](Draft& d) { smime(d), d.issuance.certificate = {}; },
     "the statement is for another type of certificate"},
    {"the profile of a deployment's own", [](Draft& d) { d.said.set_profile("custom"); },
     "the statement goes by the profile \"custom\", not by cabf-tls-br"},
    {"the profile of the other type", [](Draft& d) { smime(d), d.said.set_profile("cabf-tls-br"); },
     "the statement goes by the profile \"cabf-tls-br\", not by cabf-smime-br"},
    {"another method", [](Draft& d) { d.issuance.method = v1::DCV_METHOD_ACME_DNS_01; },
     "control was validated by acme-http-01, not by acme-dns-01"},
    {"CAA that was asked for another method", [](Draft& d) { d.said.set_validation_method("dns-01"); },
     "CAA was asked for the method \"dns-01\", not for acme-http-01"},
    {"CAA alone, for another method", [](Draft& d) { only_caa(d), d.issuance.method = v1::DCV_METHOD_ACME_DNS_01; },
     "CAA was asked for the method \"http-01\", not for acme-dns-01"},
    {"CAA alone, for one method, and nobody says which was used", [](Draft& d) { only_caa(d), d.issuance.method = {}; },
     "CAA permits the method \"http-01\" alone: say which was used"},
    {"another account", [](Draft& d) { d.issuance.account_uri = "https://ca.example/acct/10"; },
     "CAA was not asked for the account \"https://ca.example/acct/10\""},
    {"an account in another case", [](Draft& d) { d.issuance.account_uri = "https://CA.example/acct/1"; },
     "CAA was not asked for the account \"https://CA.example/acct/1\""},
    {"an account's statement, for nobody", [](Draft& d) { d.issuance.account_uri = ""; },
     "the statement is for an account, and the issuance names none"},
    {"dns-persistent, for nobody",
     [](Draft& d) { persistent(d), d.said.clear_account_uris(), d.issuance.account_uri = ""; },
     "the statement is for an account, and the issuance names none"},
    {"nobody's statement, for an account", [](Draft& d) { d.said.clear_account_uris(); },
     "CAA was asked for no account"},
    {"dns-persistent for another account",
     [](Draft& d) { persistent(d), d.said.set_dcv_account_uri("https://ca.example/acct/2"); },
     "control was validated for the account \"https://ca.example/acct/2\", not for \"https://ca.example/acct/1\""},
    {"another account, for DCV alone",
     [](Draft& d) { d.issuance.needs_caa = false, d.issuance.account_uri = "https://ca.example/acct/2"; },
     "CAA was not asked for the account \"https://ca.example/acct/2\""},
    {"another issuer domain", [](Draft& d) { d.issuance.issuer_domain = "other.example"; },
     "CAA was not asked for the issuer domain \"other.example\""},
    {"an issuer domain below", [](Draft& d) { d.issuance.issuer_domain = "sub.ca.example"; },
     "CAA was not asked for the issuer domain \"sub.ca.example\""},
    {"another client", [](Draft& d) { d.issuance.client = "other"; },
     "the statement was told to the client \"pipeline\", not to \"other\""},
    {"another log", [](Draft& d) { d.issuance.log_origin = "mpic.test/other"; },
     "the statement is of the log \"mpic.test/log\", not of \"mpic.test/other\""},
    {"an asserted Primary, where one must be observed",
     [](Draft& d) { d.said.set_asserted_primary(true), d.issuance.accepts_asserted_primary = false; },
     "the Primary's determination was asserted, not observed"},
    {"a field of a later version",
     [](Draft& d) { d.said.GetReflection()->MutableUnknownFields(&d.said)->AddVarint(99, 1); },
     "the statement says something that this version does not know"},
    {"a field of a later version in a check",
     [](Draft& d) { d.dcv().GetReflection()->MutableUnknownFields(&d.dcv())->AddVarint(99, 1); },
     "the statement says something that this version does not know"},
    {"a check of a later version", [](Draft& d) { d.said.add_checks()->set_kind(static_cast<v1::CheckKind>(99)); },
     "the statement says something that this version does not know"},
    {"a check of no kind", [](Draft& d) { d.said.add_checks(); },
     "the statement says something that this version does not know"},
    {"a method of a later version",
     [](Draft& d) { d.said.set_method(static_cast<v1::DcvMethod>(99)), d.issuance.method = {}; },
     "the statement says something that this version does not know"},
    {"no record id", [](Draft& d) { d.said.clear_record_id(); },
     "the statement lacks record_id: it is of an older coordinator"},
    {"a record id that is none", [](Draft& d) { d.said.set_record_id("0123"); },
     "the statement lacks record_id: it is of an older coordinator"},
    {"no log", [](Draft& d) { d.said.clear_log_origin(), d.issuance.log_origin = ""; },
     "the statement lacks log_origin: it is of an older coordinator"},
    {"no client", [](Draft& d) { d.said.clear_client(), d.issuance.client = ""; },
     "the statement lacks client: it is of an older coordinator"},
    {"no type of certificate", [](Draft& d) { d.said.clear_certificate_type(); },
     "the statement lacks certificate_type: it is of an older coordinator"},
    {"no profile", [](Draft& d) { d.said.clear_profile(); },
     "the statement lacks profile: it is of an older coordinator"},
    {"no hash of the request", [](Draft& d) { d.said.clear_request_sha256(); },
     "the statement lacks request_sha256: it is of an older coordinator"},
    {"a hash of the record that is too short", [](Draft& d) { d.said.mutable_record_sha256()->pop_back(); },
     "the statement lacks record_sha256: it is of an older coordinator"},
    {"no checks", [](Draft& d) { d.said.clear_checks(); }, "the statement lacks checks: it is of an older coordinator"},
    {"no method of DCV", [](Draft& d) { d.said.clear_method(), d.issuance.method = {}; },
     "the statement lacks method: it is of an older coordinator"},
    {"no account of dns-persistent", [](Draft& d) { persistent(d), d.said.clear_dcv_account_uri(); },
     "the statement lacks dcv_account_uri: it is of an older coordinator"},
    {"no issuer domains of CAA", [](Draft& d) { d.said.clear_issuer_domains(), d.issuance.issuer_domain = ""; },
     "the statement lacks issuer_domains: it is of an older coordinator"},
};

void add(std::span<const Row> rows, std::vector<IssuanceCase>& out) {
  for (const Row& row : rows) {
    Draft draft = covered_draft();
    row.change(draft);
    IssuanceCase one{row.rule, sign(draft), draft.issuance, std::nullopt};
    if (row.why != nullptr) one.refused = Refusal{row.code, row.why};
    out.push_back(std::move(one));
  }
}

}  // namespace

const std::vector<evidence::PinnedKey>& statement_keys() {
  static const std::vector<evidence::PinnedKey> kKeys = [] {
    const TimePoint from = std::chrono::sys_days(2026y / 1 / 1);
    const TimePoint until = std::chrono::sys_days(2027y / 1 / 1);
    return std::vector<evidence::PinnedKey>{{signing_key(Signer::kOurs).public_key(), from, until},
                                            {signing_key(Signer::kP256).public_key(), from, until}};
  }();
  return kKeys;
}

std::vector<IssuanceCase> issuance_cases() {
  std::vector<IssuanceCase> out;
  add(kCovered, out);
  add(kForged, out);
  add(kNotCovered, out);
  return out;
}

}  // namespace mpic::test
