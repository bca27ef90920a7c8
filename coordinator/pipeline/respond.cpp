// respond: what the client is told, from the decision that was recorded and from nothing else.
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

v1::Verdict wire_verdict(Verdict verdict) { return static_cast<v1::Verdict>(verdict); }

void write(const PerspectiveRow& row, v1::PerspectiveResult& out) {
  const DeployedPerspective& where = row.perspective->where;
  out.set_perspective(where.id.text());
  out.set_role(static_cast<v1::Role>(where.role));
  out.set_rir(static_cast<v1::Rir>(where.rir));
  out.set_outcome(static_cast<v1::Outcome>(row.outcome));
  if (row.problem) *out.mutable_problem() = wire::encode(*row.problem);
  out.set_elapsed_ms(static_cast<std::uint32_t>(row.elapsed.count()));
  out.set_saw(row.saw);
  out.set_dnssec_authenticated(row.dnssec_authenticated);
  out.set_place(where.place.name);
}

void write(const QuorumDecision& quorum, v1::Quorum& out) {
  out.set_corroborated(static_cast<std::uint32_t>(quorum.corroborated));
  out.set_attempted(static_cast<std::uint32_t>(quorum.attempted));
  out.set_fraction(quorum.fraction());
  for (const Rir rir : quorum.rirs) out.add_rirs(static_cast<v1::Rir>(rir));
}

void write(const CheckDecision& check, bool enforceable, v1::CheckResult& out) {
  out.set_kind(static_cast<v1::CheckKind>(check.kind));
  out.set_verdict(enforceable ? wire_verdict(check.verdict) : v1::VERDICT_NOT_DETERMINED);
  if (!enforceable) out.set_would_be(wire_verdict(check.verdict));
  write(check.quorum, *out.mutable_quorum());
  out.set_clause(check.clause);
  out.set_explanation(check.explanation);
  for (const PerspectiveRow& row : check.rows) write(row, *out.add_perspectives());
  if (check.usable_until) *out.mutable_usable_until() = wire::encode(*check.usable_until);
  if (check.caa) {
    v1::CaaResult& caa = *out.mutable_caa();
    caa.set_found_at(check.caa->found_at);
    for (const std::string& record : check.caa->relevant) caa.add_relevant(record);
    caa.set_ttl(check.caa->ttl);
    for (const std::string& contact : check.caa->iodef) caa.add_iodef(contact);
  }
}

}  // namespace

v1::Decision encode(const Decision& decision) {
  v1::Decision out;
  const bool enforceable = decision.not_enforceable.empty();
  out.set_verdict(wire_verdict(decision.verdict));
  if (!enforceable) out.set_would_be(wire_verdict(decision.by_rules));
  for (const std::string& reason : decision.not_enforceable) out.add_not_enforceable_because(reason);
  for (const CheckDecision& check : decision.checks) write(check, enforceable, *out.add_checks());
  out.set_basis_for_issuance(decision.basis_for_issuance);
  return out;
}

v1::CorroborateResponse respond(const Corroborated& all, const StoredRecord& stored) {
  v1::CorroborateResponse out;
  out.set_record_id(all.record_id);
  out.set_request_id(all.request.original.request_id());
  out.set_trace_id(all.request.original.trace_id());
  out.set_identifier(all.request.identifier.text());
  v1::Decision decision = encode(all.decision);
  out.set_basis_for_issuance(decision.basis_for_issuance());
  out.set_verdict(decision.verdict());
  out.set_would_be(decision.would_be());
  out.mutable_not_enforceable_because()->Swap(decision.mutable_not_enforceable_because());
  out.mutable_checks()->Swap(decision.mutable_checks());
  for (v1::CheckResult& check : *out.mutable_checks()) {
    v1::Quorum& quorum = *check.mutable_quorum();
    quorum.set_required_remotes(static_cast<std::uint32_t>(all.request.quorum.min_remotes));
    quorum.set_required_rirs(static_cast<std::uint32_t>(all.request.quorum.min_rirs));
    const std::size_t remotes = quorum.attempted();
    quorum.set_allowed_failures(all.request.quorum.unanimous ? 0 : static_cast<std::uint32_t>(allowed_failures(remotes)));
    if (check.kind() == v1::CHECK_KIND_DCV) {
      check.mutable_dcv()->set_method(static_cast<v1::DcvMethod>(all.request.dcv->method()));
      const bool named = all.request.authorization_domain.has_value();
      if (named) check.mutable_dcv()->set_authorization_domain(all.request.authorization_domain->text());
      if (!named) check.mutable_dcv()->set_authorization_domain(all.request.original.identifier());
    }
  }
  for (const std::string& finding : all.decision.findings) out.add_findings(finding);
  *out.mutable_started() = wire::encode(all.received);
  *out.mutable_decided() = wire::encode(all.decided);
  *out.mutable_policy() = policy_stamp(all.deployment, all.received);
  out.set_attempts(1);
  out.mutable_statement()->ParseFromString(stored.statement);
  return out;
}

}  // namespace mpic::coordinator
