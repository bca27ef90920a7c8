#include "coordinator/pipeline/recover.hpp"

#include <map>

#include "common/domain/hex.hpp"
#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kWhy = "the coordinator stopped before the answer; nobody was told a verdict";

std::string text(const Digest& digest) { return {digest.begin(), digest.end()}; }

// Whether a perspective was asked for a check: as its assignment says, or, without one (an asserted Primary), the
// request.
bool was_asked(const v1::PlannedPerspective& planned, const v1::CorroborateRequest& request, bool caa) {
  v1::Assignment assignment;
  if (planned.assignment().empty() || !assignment.ParseFromString(planned.assignment())) {
    return caa ? request.has_caa() : request.has_dcv();
  }
  return caa ? assignment.has_caa() : assignment.has_dcv();
}

// Rows as they would have been, each without a result (BR 5.4.1 (2) 7: every attempt is recorded).
void add_rows(const v1::AttemptRecord& attempt, const v1::CorroborateRequest& request, StoredRecord& out) {
  const auto& id = attempt.attempt_id();
  const std::string attempt_hex = hex({reinterpret_cast<const std::uint8_t*>(id.data()), id.size()});
  for (const v1::PlannedPerspective& planned : attempt.planned()) {
    for (const char* check : {"dcv", "caa"}) {
      if (!was_asked(planned, request, check == std::string_view("caa"))) continue;
      out.rows.push_back({attempt_hex, planned.perspective_id(),
                          std::string(to_string(static_cast<Role>(planned.role()))),
                          std::string(to_string(static_cast<Rir>(planned.rir()))), check,
                          std::string(to_string(Outcome::kNoResult)), std::string(to_string(ProblemCode::kNoResult))});
    }
  }
}

void add_plan(const v1::PlanRecord& plan, v1::RecordBody& body) {
  body.set_record_id(plan.record_id());
  body.set_log_origin(plan.log_origin());
  body.set_client(plan.client());
  *body.mutable_request() = plan.request();
  body.set_snapshot_sha256(plan.snapshot_sha256());
  *body.mutable_received() = plan.received();
  *body.mutable_policy() = plan.policy();
  v1::AttemptRecord& attempt = *body.add_attempts();
  attempt = plan.attempt();
  for (v1::PlannedPerspective& planned : *attempt.mutable_planned()) {
    *planned.mutable_problem() = wire::encode(Problem(ProblemCode::kNoResult, planned.perspective_id(), kWhy));
  }
}

StoredRecord close(v1::RecordBody body, TimePoint now, const evidence::SigningKey& key) {
  body.mutable_decision()->set_verdict(v1::VERDICT_NOT_DETERMINED);
  body.mutable_decision()->add_not_enforceable_because(kWhy);
  *body.mutable_decided() = wire::encode(now);
  StoredRecord out;
  out.record_id = body.record_id();
  out.client = body.client();
  // `request_id` stays empty: nobody was answered, so the id is free for the client that asks again, or is taken by the
  // answer that it got since. The request in the body has it.
  out.trace_id = body.request().trace_id();
  out.identifier = body.request().identifier();
  out.verdict = to_string(Verdict::kNotDetermined);
  out.received = wire::decode(body.received()).value_or(now);
  out.decided = now;
  for (const v1::AttemptRecord& attempt : body.attempts()) add_rows(attempt, body.request(), out);
  out.body = body.SerializeAsString();

  v1::StatementBody statement;
  statement.set_log_origin(body.log_origin());
  statement.set_record_id(body.record_id());
  statement.set_identifier(body.request().identifier());
  statement.set_verdict(v1::VERDICT_NOT_DETERMINED);
  statement.set_request_sha256(text(evidence::sha256(body.request().SerializeAsString())));
  statement.set_record_sha256(text(evidence::sha256(out.body)));
  *statement.mutable_decided() = wire::encode(now);
  out.statement = sign_statement(statement, key).SerializeAsString();
  return out;
}

}  // namespace

Recovered close_open_plans(const std::vector<StoredPlan>& plans, TimePoint now, const evidence::SigningKey& key) {
  std::map<std::string, v1::RecordBody> bodies;
  Recovered out;
  for (const StoredPlan& stored : plans) {
    v1::PlanRecord plan;
    if (!plan.ParseFromString(stored.body) || plan.record_id() != stored.record_id) {
      out.unreadable.push_back(stored.record_id);
      continue;
    }
    add_plan(plan, bodies[stored.record_id]);
  }
  for (auto& [id, body] : bodies) out.records.push_back(close(std::move(body), now, key));
  return out;
}

}  // namespace mpic::coordinator
