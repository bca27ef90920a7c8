// How remotes are chosen where a deployment has more than a request asks, and whether the Baseline Requirements are met
// by what is asked (BR 3.2.2.9). Pure.
#pragma once

#include <span>
#include <string>

#include "coordinator/policy/deployment_check.hpp"

namespace mpic::coordinator {

// As choice.hpp does it.
struct Planning {
  std::size_t remotes = 0;  // of one request; 0: all
  std::size_t cohorts = 1;
  std::string secret;         // that the choice is keyed with; empty where there is nothing to choose
  bool separate_caa = false;  // a set of its own for CAA, which then must meet the quorum alone (BR 3.2.2.9)
  bool parallel = false;      // of every request the remotes are asked at once, not after the Primary
};

// How many of `configured` remotes a request is asked of: where that is not said, all, or as many as every cohort has.
[[nodiscard]] std::size_t remotes_asked(const Planning& planning, std::size_t configured);

// Beside check_deployment(), which looks at all that is configured: whether what is asked, in each cohort and for every
// name, has the remotes and RIR regions of the day's phase. What comes of too few remotes in all is told there.
[[nodiscard]] DeploymentFindings check_planning(std::span<const DeployedPerspective> perspectives,
                                                const Planning& planning, const DeploymentTerms& terms, TimePoint when);

}  // namespace mpic::coordinator
