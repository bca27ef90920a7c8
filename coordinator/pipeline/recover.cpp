#include "coordinator/pipeline/recover.hpp"

#include <map>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kWhy = "the coordinator stopped before the answer; nobody was told a verdict";

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
  std::string octets = body.SerializeAsString();
  const v1::Statement statement = sign_statement(statement_of(body, octets), key);
  return stored_record(body, std::move(octets), statement);
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
