// Which remotes a request is planned onto, where a deployment has more than it asks (BR 3.2.2.9). Pure.
//
// Keyed rendezvous hashing: unpredictable without the secret, yet the same for the same subject. The remotes are dealt
// into `cohorts` disjoint sets, region by region, so that each is as spread over the RIRs as the deployment allows;
// attempt k asks cohort k mod cohorts. Health never changes how many are asked: one that is not ready is replaced by
// the next in its cohort's order that keeps the spread, and stays in the plan when there is none.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/perspective.hpp"
#include "coordinator/policy/standing.hpp"

namespace mpic::coordinator {

struct Candidate {
  PerspectiveId id;
  Rir rir;
  Standing standing;
};

struct ChoiceInput {
  std::span<const Candidate> candidates;  // remotes only, in the order of the configuration
  std::size_t wanted = 0;                 // how many to ask; as many as there are, or more: all are asked
  std::size_t min_rirs = 2;               // distinct RIRs that a replacement must leave in the plan
  std::size_t cohorts = 1;                // at least 1
  std::size_t attempt = 0;                // the first is 0
  std::string_view secret;                // of the deployment
  std::string_view subject;               // what is looked at: the same subject gets the same remotes
};

struct Choice {
  struct Reasoned {
    std::size_t candidate;  // index into the candidates
    std::string reason;     // one clause for people, recorded
  };
  std::size_t cohort = 0;
  std::vector<Reasoned> chosen;       // `wanted` of them, or all; in the order of the configuration
  std::vector<Reasoned> passed_over;  // all the others, in the order of the configuration
};

// Always gives min(wanted, size of the cohort): check_planning() refuses deployments where that is too few.
[[nodiscard]] Choice choose(const ChoiceInput& input);

// Why remotes in these regions cannot be dealt into `cohorts` sets of `wanted` each that have at least `min_rirs`
// regions; empty when they can. For the configuration's check.
[[nodiscard]] std::string why_not_dealt(std::span<const Rir> remotes, std::size_t wanted, std::size_t cohorts,
                                        std::size_t min_rirs);

}  // namespace mpic::coordinator
