// Whether a deployment can satisfy the policy of a day, told weeks ahead (BR 3.2.2.9). Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/domain/perspective.hpp"
#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::coordinator {

struct DeployedPerspective {
  PerspectiveId id;
  Role role = Role::kRemote;
  Rir rir = Rir::kArin;
  Place place;
  Place resolver_place;
  Rir resolver_rir = Rir::kArin;
};

// What a deployment is held against.
struct DeploymentTerms {
  std::vector<QuorumPhase> phases;   // what is demanded, by date: phases_of()
  bool primary_is_asserted = false;  // every client speaks for a Primary of its own: none need be configured
};

struct DeploymentFindings {
  std::vector<Problem> violations;    // kPolicy: today's; any one refuses the start. where = perspective or pair
  std::vector<std::string> upcoming;  // what stops complying at each phase to come, with its date and clause
};

// Checks: number of remotes and RIRs of the day's phase, drained ones included, as those can still be asked; exactly
// one Primary, or none where it is asserted; every two perspectives, Primary included and shadows apart, at least
// kMinDistanceKm from each other; every resolver in its perspective's RIR region and any two resolvers at least
// kMinDistanceKm apart; ids distinct; places in range.
[[nodiscard]] DeploymentFindings check_deployment(std::span<const DeployedPerspective> perspectives,
                                                  const DeploymentTerms& terms, TimePoint when);

// Of a Primary that somebody else speaks for, beside the perspectives of a deployment but for its own Primary: the same
// of where it and its resolver stand. kPolicy.
[[nodiscard]] std::vector<Problem> check_primary_place(std::span<const DeployedPerspective> perspectives,
                                                       const DeployedPerspective& primary);

}  // namespace mpic::coordinator
