// plan: who is asked what. The Primary's plan and the remotes' share the attempt id; each look has a nonce of its own.
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

PlannedLook plan_look(const PlanInput& input, const PerspectiveEntry& perspective, std::string reason, Random& random) {
  PlannedLook look{.perspective = &perspective,
                   .reason = std::move(reason),
                   .assignment = Assignment{.attempt = input.attempt,
                                            .log_origin = input.deployment.log_origin,
                                            .perspective = perspective.where.id,
                                            .role = perspective.where.role,
                                            .nonce = random.octets<16>(),
                                            .issued = input.now,
                                            .budget = input.budget,
                                            .identifier = input.request.identifier,
                                            .authorization_domain = input.request.authorization_domain,
                                            .dcv = input.request.dcv,
                                            .caa = input.request.caa},
                   .octets = {}};
  look.octets = wire::encode(look.assignment);
  return look;
}

Plan empty_plan(const PlanInput& input) {
  Plan plan;
  plan.attempt = input.attempt;
  plan.number = input.number;
  plan.started = input.now;
  return plan;
}

}  // namespace

Plan plan_primary(const PlanInput& input, Random& random) {
  Plan plan = empty_plan(input);
  plan.looks.push_back(plan_look(input, *input.deployment.primary(), "the configured Primary", random));
  return plan;
}

Plan plan_remotes(const PlanInput& input, Random& random) {
  Plan plan = empty_plan(input);
  for (const PerspectiveEntry& entry : input.deployment.perspectives) {
    if (entry.where.role == Role::kPrimary) continue;
    plan.looks.push_back(plan_look(input, entry, "every configured perspective is asked", random));
  }
  return plan;
}

}  // namespace mpic::coordinator
