// record: everything a re-derivation needs, in the form that is kept for years.
#include "common/domain/hex.hpp"
#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

void set(std::string& out, const Digest& digest) { out.assign(digest.begin(), digest.end()); }

void write(const PlannedLook& look, v1::PlannedPerspective& out) {
  out.set_perspective_id(look.perspective->where.id.text());
  out.set_role(static_cast<v1::Role>(look.perspective->where.role));
  out.set_rir(static_cast<v1::Rir>(look.perspective->where.rir));
  out.set_reason(look.reason);
  if (look.asserted) return out.set_asserted(true);
  out.set_assignment(look.octets);
  *out.mutable_sent() = wire::encode(look.assignment.issued);
}

void write(const Plan& plan, v1::AttemptRecord& out) {
  out.set_attempt_id(plan.attempt.data(), plan.attempt.size());
  *out.mutable_started() = wire::encode(plan.started);
  out.set_number(static_cast<std::uint32_t>(plan.number));
  out.set_cohort(static_cast<std::uint32_t>(plan.cohort));
  for (const PlannedLook& look : plan.looks) write(look, *out.add_planned());
  for (const PassedOver& one : plan.passed_over) {
    v1::PassedOver& passed_over = *out.add_passed_over();
    passed_over.set_perspective_id(one.perspective.text());
    passed_over.set_reason(one.reason);
  }
}

void write(const Reply& reply, v1::PlannedPerspective& out) {
  *out.mutable_received() = wire::encode(reply.received);
  if (reply.evidence) *out.mutable_evidence() = *reply.evidence;
  if (reply.signed_root) *out.mutable_signed_root() = reply.signed_root->message();
  if (reply.problem) *out.mutable_problem() = wire::encode(*reply.problem);
}

}  // namespace

v1::Statement sign_statement(const v1::StatementBody& body, const evidence::SigningKey& key) {
  v1::Statement out;
  body.SerializeToString(out.mutable_payload());
  out.set_key_id(key.id());
  out.set_signature(key.sign(evidence::pae(evidence::kStatementType, out.payload())));
  return out;
}

std::string new_record_id(Random& random, TimePoint received) {
  constexpr std::size_t kTimeOctets = 6;
  auto id = random.octets<16>();
  auto left = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(received.time_since_epoch()).count());
  for (std::size_t i = kTimeOctets; i-- > 0; left >>= 8U) id[i] = static_cast<std::uint8_t>(left);
  return hex(id);
}

v1::RecordBody record_body(const Corroborated& all) {
  v1::RecordBody out;
  out.set_record_id(all.record_id);
  out.set_log_origin(all.settings.deployment.log_origin);
  out.set_client(all.caller.client);
  *out.mutable_request() = all.request.original;
  for (const Attempted& attempted : all.attempts) {
    for (const Gathered& part : attempted.parts) {
      v1::AttemptRecord& attempt = *out.add_attempts();
      write(part.plan, attempt);
      for (std::size_t i = 0; i < part.replies.size(); ++i) {
        if (!part.plan.looks[i].asserted) write(part.replies[i], *attempt.mutable_planned(static_cast<int>(i)));
      }
    }
    if (&attempted != &all.attempts.back()) *out.add_earlier() = encode(attempted.decision, all.request);
  }
  *out.mutable_decision() = encode(all.decision(), all.request);
  set(*out.mutable_snapshot_sha256(), all.settings.snapshot);
  *out.mutable_policy() = policy_stamp(all.settings.deployment, all.request.profile, all.received);
  *out.mutable_received() = wire::encode(all.received);
  *out.mutable_decided() = wire::encode(all.decided);
  return out;
}

StoredPlan plan_record(const std::string& record_id, const Caller& caller, const CheckedRequest& request,
                       const Settings& settings, TimePoint received, const Plan& plan) {
  v1::PlanRecord out;
  out.set_record_id(record_id);
  out.set_log_origin(settings.deployment.log_origin);
  out.set_client(caller.client);
  *out.mutable_request() = request.original;
  write(plan, *out.mutable_attempt());
  set(*out.mutable_snapshot_sha256(), settings.snapshot);
  *out.mutable_received() = wire::encode(received);
  *out.mutable_policy() = policy_stamp(settings.deployment, request.profile, received);
  return {record_id, out.SerializeAsString(), plan.started};
}

StoredAddendum addendum(const std::string& record_id, const AttemptId& attempt, const PlannedLook& look,
                        const Reply& reply, bool contradicts) {
  v1::Addendum out;
  out.set_record_id(record_id);
  out.set_attempt_id(attempt.data(), attempt.size());
  out.set_perspective_id(look.perspective->where.id.text());
  if (reply.evidence) *out.mutable_evidence() = *reply.evidence;
  if (reply.signed_root) *out.mutable_signed_root() = reply.signed_root->message();
  if (reply.problem) *out.mutable_problem() = wire::encode(*reply.problem);
  *out.mutable_received() = wire::encode(reply.received);
  out.set_contradicts_the_rest(contradicts);
  return {record_id, look.perspective->where.id.text(), out.SerializeAsString(), reply.received};
}

}  // namespace mpic::coordinator
