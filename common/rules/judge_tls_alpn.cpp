#include "common/rules/corroboration_key.hpp"
#include "common/rules/dcv_tls_alpn.hpp"
#include "common/rules/reached.hpp"

namespace mpic::rules {
namespace {

constexpr const char* kPart = "dcv.tls";

// What makes the whole impossible. A handshake is claimed where there is no problem.
std::optional<std::string> impossible(const Identifier& validated, const TlsObservation& seen) {
  const std::string expected = server_name_of(validated);
  const bool not_begun = seen.problem && seen.server_name.empty();
  if (seen.server_name != expected && !not_begun) {
    return "the server was asked for " + quoted(seen.server_name) + ", not for " + expected +
           " (RFC 8737 3, RFC 8738 6)";
  }
  if (seen.problem) return std::nullopt;
  if (seen.version != "TLSv1.2" && seen.version != "TLSv1.3") {
    return "a handshake of " + quoted(seen.version) + ": only TLS 1.2 and 1.3 are spoken";
  }
  if (seen.certificate.empty()) return "a handshake without a certificate";
  return std::nullopt;
}

// What the server showed, none when it proves control.
std::optional<Problem> shown_problem(const Identifier& validated, const AcmeTlsAlpn01& question,
                                     const TlsObservation& seen) {
  if (seen.alpn != kAcmeTlsAlpn) {
    const std::string agreed = seen.alpn.empty() ? "no protocol" : quoted(seen.alpn);
    return Problem(ProblemCode::kAlpnNotAgreed, validated.text(),
                   "the server agreed on " + agreed + ", not on \"acme-tls/1\" (RFC 8737 3)");
  }
  return certificate_mismatch(seen.certificate, validated, question.digest);
}

// "acme-tls/1 and the certificate from 192.0.2.1"
std::string saw_line(const TlsObservation& seen, const std::optional<Problem>& problem) {
  if (seen.problem) return "no handshake (" + std::string(to_string(seen.problem->code)) + ")";
  const std::string from = " from " + seen.tried.back().address.text();
  if (!problem) return "acme-tls/1 and the certificate" + from;
  return (problem->code == ProblemCode::kAlpnNotAgreed ? "no acme-tls/1" : "acme-tls/1 and another certificate") + from;
}

}  // namespace

Judgement judge_tls_alpn(const DcvSubject& subject, const AcmeTlsAlpn01& question, const TlsObservation& seen,
                         const std::vector<std::string>& lab) {
  const Identifier& validated = subject.validated;
  if (subject.applied_for.is_wildcard()) {
    return invalid_evidence(subject.applied_for.text(), "acme-tls-alpn-01 does not validate wildcards (BR 3.2.2.4.20)");
  }
  const Host host = host_of(validated);
  const auto reached = check_reach({host, kTlsAlpnPort, seen.lookups, seen.addresses, seen.tried, !seen.problem}, lab);
  if (!reached) return invalid_evidence(kPart, reached.error());
  if (auto why = impossible(validated, seen)) return invalid_evidence(kPart, *std::move(why));

  std::optional<Problem> problem = seen.problem ? seen.problem : shown_problem(validated, question, seen);
  Judgement judgement;
  judgement.dnssec_authenticated = reached->looked_up && reached->authenticated;
  judgement.saw = saw_line(seen, problem);
  if (!problem && reached->records_cut) {
    problem = Problem(ProblemCode::kDnsTooManyRecords, validated.text(), "more addresses than are kept");
  }
  if (problem) {
    judgement.outcome = outcome_of(problem->code);
    judgement.problem = std::move(problem);
    return judgement;
  }
  judgement.outcome = Outcome::kCorroborates;
  judgement.key = corroboration_key({question});
  judgement.ipv6_failed = reached->ipv6_failed;
  judgement.saw += ipv6_note(*reached);
  return judgement;
}

}  // namespace mpic::rules
