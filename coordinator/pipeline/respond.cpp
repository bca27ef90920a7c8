// respond: what the client is told, from the decision that was recorded and from nothing else.
#include <algorithm>

#include "common/rules/explanation.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

v1::Verdict wire_verdict(Verdict verdict) { return static_cast<v1::Verdict>(verdict); }

std::uint32_t count(std::size_t number) { return static_cast<std::uint32_t>(number); }

void write(const CheckDecision& check, const QuorumPolicy& policy, v1::Quorum& out) {
  const QuorumDecision& quorum = check.quorum;
  out.set_corroborated(count(quorum.corroborated));
  out.set_attempted(count(quorum.attempted));
  out.set_fraction(quorum.fraction());
  for (const Rir rir : quorum.rirs) out.add_rirs(static_cast<v1::Rir>(rir));
  out.set_required_remotes(count(policy.min_remotes));
  out.set_required_rirs(count(policy.min_rirs));
  out.set_allowed_failures(count(allowed_failures(quorum.attempted, policy)));
  const auto is_pending = [](const PerspectiveRow& row) {
    return row.perspective->where.role == Role::kRemote && row.outcome == Outcome::kNotWaitedFor;
  };
  out.set_pending(count(static_cast<std::size_t>(std::count_if(check.rows.begin(), check.rows.end(), is_pending))));
}

void write(const CheckedRequest& request, v1::DcvResult& out) {
  out.set_method(static_cast<v1::DcvMethod>(request.dcv->method()));
  out.set_half_validation(is_half_validation(request.dcv->method()));
  if (request.authorization_domain) {
    out.set_authorization_domain(request.authorization_domain->text());
  } else {
    out.set_authorization_domain(request.identifier.is_ip() ? request.identifier.text()
                                                            : request.identifier.name().text());
  }
}

// One for each problem that was met. Who was not waited for has met none.
void explain(const std::vector<PerspectiveRow>& rows, v1::CheckResult& out) {
  for (const PerspectiveRow& row : rows) {
    if (!row.problem || row.problem->code == ProblemCode::kNotWaitedFor) continue;
    const auto code = static_cast<v1::ProblemCode>(row.problem->code);
    auto& all = *out.mutable_explanations();
    auto found = std::find_if(all.begin(), all.end(), [&](const v1::Explanation& one) { return one.code() == code; });
    if (found == all.end()) {
      const rules::Explanation text = rules::explanation_of(row.problem->code);
      v1::Explanation& added = *all.Add();
      added.set_code(code);
      added.set_meaning(std::string(text.meaning));
      added.set_advice(std::string(text.advice));
      found = std::prev(all.end());
    }
    found->add_perspectives(row.perspective->where.id.text());
  }
}

void write(const CheckDecision& check, const CheckedRequest& request, bool enforceable, v1::CheckResult& out) {
  out.set_kind(static_cast<v1::CheckKind>(check.kind));
  out.set_verdict(enforceable ? wire_verdict(check.verdict) : v1::VERDICT_NOT_DETERMINED);
  if (!enforceable) out.set_would_be(wire_verdict(check.verdict));
  write(check, request.quorum, *out.mutable_quorum());
  if (check.kind == CheckKind::kDcv) write(request, *out.mutable_dcv());
  out.set_clause(check.clause);
  out.set_explanation(check.explanation);
  for (const PerspectiveRow& row : check.rows) *out.add_perspectives() = encode(row);
  if (check.usable_until) *out.mutable_usable_until() = wire::encode(*check.usable_until);
  for (const std::string& warning : check.warnings) out.add_warnings(warning);
  explain(check.rows, out);
  if (check.caa) {
    v1::CaaResult& caa = *out.mutable_caa();
    caa.set_found_at(check.caa->found_at);
    for (const std::string& record : check.caa->relevant) caa.add_relevant(record);
    caa.set_ttl(check.caa->ttl);
    for (const std::string& contact : check.caa->iodef) caa.add_iodef(contact);
  }
}

}  // namespace

v1::PerspectiveResult encode(const PerspectiveRow& row) {
  v1::PerspectiveResult out;
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
  out.set_asserted(row.asserted);
  return out;
}

v1::Decision encode(const Decision& decision, const CheckedRequest& request) {
  v1::Decision out;
  const bool enforceable = decision.not_enforceable.empty();
  out.set_verdict(wire_verdict(decision.verdict));
  if (!enforceable) out.set_would_be(wire_verdict(decision.by_rules));
  for (const std::string& reason : decision.not_enforceable) out.add_not_enforceable_because(reason);
  for (const CheckDecision& check : decision.checks) write(check, request, enforceable, *out.add_checks());
  out.set_basis_for_issuance(decision.basis_for_issuance);
  for (const std::string& finding : decision.findings) out.add_findings(finding);
  return out;
}

v1::CorroborateResponse respond(v1::RecordBody body, v1::Statement statement, std::uint64_t leaf) {
  v1::CorroborateResponse out;
  v1::StatementBody said;
  said.ParseFromString(statement.payload());
  out.set_record_id(body.record_id());
  out.set_request_id(body.request().request_id());
  out.set_trace_id(body.request().trace_id());
  out.set_identifier(said.identifier());
  v1::Decision& decision = *body.mutable_decision();
  out.set_basis_for_issuance(decision.basis_for_issuance());
  out.set_verdict(decision.verdict());
  out.set_would_be(decision.would_be());
  out.mutable_not_enforceable_because()->Swap(decision.mutable_not_enforceable_because());
  out.mutable_checks()->Swap(decision.mutable_checks());
  out.mutable_findings()->Swap(decision.mutable_findings());
  out.mutable_started()->Swap(body.mutable_received());
  out.mutable_decided()->Swap(body.mutable_decided());
  out.mutable_policy()->Swap(body.mutable_policy());
  out.set_attempts(count(static_cast<std::size_t>(body.earlier_size()) + 1));
  out.mutable_statement()->Swap(&statement);
  out.mutable_log()->set_leaf_index(leaf);
  return out;
}

}  // namespace mpic::coordinator
