// plan: who is asked what, and why. The plans of one attempt share its id; each look has a nonce of its own.
#include <fmt/format.h>

#include <algorithm>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "coordinator/policy/choice.hpp"

namespace mpic::coordinator {
namespace {

// Which of the request's checks a perspective is asked.
struct Checks {
  bool dcv = true;
  bool caa = true;
};

PlannedLook plan_look(const PlanInput& input, const PerspectiveEntry& perspective, Checks checks, std::string reason,
                      Random& random) {
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
                                            .authorization_domain = input.request.authorization_domain},
                   .octets = {}};
  if (checks.dcv) look.assignment.dcv = input.request.dcv;
  if (checks.caa) look.assignment.caa = input.request.caa;
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

std::vector<Candidate> candidates_of(const Deployment& deployment, const Standings& standings) {
  std::vector<Candidate> out;
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    if (entry.where.role != Role::kRemote) continue;
    Standing standing =
        entry.drained ? Standing{.ready = false, .why = "drained by the operator"} : standings.standing(entry.where.id);
    out.push_back({entry.where.id, entry.where.rir, std::move(standing)});
  }
  return out;
}

// What a choice is for. What is validated at an Authorization Domain Name holds for every name below it: were the
// choice by the name applied for, an applicant could try one after the other until it gets the remotes that it has
// routes of.
std::string subject_of(const CheckedRequest& request) {
  if (request.authorization_domain) return request.authorization_domain->text();
  return request.identifier.is_ip() ? request.identifier.text() : request.identifier.name().text();
}

// What one choice says of each candidate, by its index.
struct Said {
  bool asked = false;
  std::string reason;
};
struct Chosen {
  std::size_t cohort = 0;
  std::vector<Said> of;
};

Chosen chosen(const PlanInput& input, const std::vector<Candidate>& candidates, const std::string& subject) {
  const Planning& planning = input.deployment.planning;
  const std::size_t configured = remotes_asked(planning, candidates.size());
  const Choice choice = choose({.candidates = candidates,
                                .wanted = std::max(configured, input.request.quorum.min_remotes),
                                .min_rirs = input.request.quorum.min_rirs,
                                .cohorts = planning.cohorts,
                                .attempt = input.number + std::max(1U, input.request.original.cohort()) - 1,
                                .secret = planning.secret,
                                .subject = subject});
  Chosen out{choice.cohort, std::vector<Said>(candidates.size())};
  for (const Choice::Reasoned& one : choice.chosen) out.of[one.candidate] = {true, one.reason};
  for (const Choice::Reasoned& one : choice.passed_over) out.of[one.candidate] = {false, one.reason};
  return out;
}

// One choice for each check, or the same for both; what was not asked for is in neither.
struct Choices {
  Chosen dcv;
  Chosen caa;
  bool apart = false;
};

Choices choices_of(const PlanInput& input, const std::vector<Candidate>& candidates) {
  const std::string subject = subject_of(input.request);
  Choices out;
  if (!input.deployment.planning.separate_caa) {
    out.dcv = out.caa = chosen(input, candidates, subject);
    return out;
  }
  out.apart = input.request.dcv && input.request.caa;
  if (input.request.dcv) out.dcv = chosen(input, candidates, subject);
  // No name holds a 0, so CAA's subject is no other's.
  if (input.request.caa) out.caa = chosen(input, candidates, subject + std::string("\0caa", 4));
  if (!input.request.dcv) out.dcv = out.caa;
  if (!input.request.caa) out.caa = out.dcv;
  return out;
}

std::string reason_of(const Choices& choices, std::size_t candidate) {
  const std::string& dcv = choices.dcv.of[candidate].reason;
  const std::string& caa = choices.caa.of[candidate].reason;
  if (!choices.apart || dcv == caa) return dcv;
  return fmt::format("DCV: {}. CAA: {}", dcv, caa);
}

}  // namespace

Plan plan_primary(const PlanInput& input, Random& random) {
  Plan plan = empty_plan(input);
  plan.looks.push_back(plan_look(input, *input.deployment.primary(), {}, "the configured Primary", random));
  return plan;
}

Plan plan_remotes(const PlanInput& input, const Standings& standings, Random& random) {
  const std::vector<Candidate> candidates = candidates_of(input.deployment, standings);
  const Choices choices = choices_of(input, candidates);
  Plan plan = empty_plan(input);
  plan.cohort = choices.dcv.cohort;
  std::size_t candidate = 0;
  for (const PerspectiveEntry& entry : input.deployment.perspectives) {
    if (entry.where.role == Role::kShadow) {
      plan.looks.push_back(plan_look(input, entry, {}, "a shadow: asked and recorded, never counted", random));
    }
    if (entry.where.role != Role::kRemote) continue;
    const Checks checks{.dcv = choices.dcv.of[candidate].asked, .caa = choices.caa.of[candidate].asked};
    std::string reason = reason_of(choices, candidate++);
    if (checks.dcv || checks.caa) {
      plan.looks.push_back(plan_look(input, entry, checks, std::move(reason), random));
    } else {
      plan.passed_over.push_back({entry.where.id, std::move(reason)});
    }
  }
  return plan;
}

}  // namespace mpic::coordinator
