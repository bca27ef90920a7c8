// Which remotes a request is planned onto, where a deployment has more than it asks (BR 3.2.2.9). Pure.
//
// Keyed rendezvous hashing: each remote has a score for each subject, unpredictable without the secret, yet always the
// same. Each region's remotes, best first, are cut into `cohorts` disjoint sets of as equal size as can be, so that
// each set has its share of every region; attempt k asks set k mod cohorts. A set is asked in an order that takes the
// best of each region, then the second best of each, and so on: a plan lies in as many regions, as evenly, as it can.
//
// Health never changes how many are asked. One that is not ready gives its place to the next ready one of its set that
// leaves the plan in as many regions, or else in `min_rirs`; without such a one it stays in the plan.
//
// With one cohort a new remote changes the plans of those subjects only that it is asked for, and takes one place
// there.
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
  std::span<const Candidate> candidates;  // remotes only, in the order of the configuration; each id once
  std::size_t wanted = 0;                 // how many to ask; as many as there are, or more: all
  std::size_t min_rirs = 2;               // distinct RIRs that a replacement must leave in the plan
  std::size_t cohorts = 1;                // at least 1
  std::size_t attempt = 0;                // the first is 0
  std::string_view secret;                // of the deployment; not needed where all are asked in one cohort
  std::string_view subject;               // what is looked at: the same subject gets the same remotes
};

struct Choice {
  struct Reasoned {
    std::size_t candidate;  // index into the candidates
    std::string reason;     // one clause for people, recorded
  };
  std::size_t cohort = 0;
  std::vector<Reasoned> chosen;       // in the order of the configuration, as passed_over
  std::vector<Reasoned> passed_over;  // all the others
};

// Chooses min(wanted, size of the cohort), always: check_planning() refuses deployments where that is too few. A cohort
// has candidates / cohorts, or one more.
[[nodiscard]] Choice choose(const ChoiceInput& input);

// Why remotes in these regions cannot be dealt into `cohorts` sets of `wanted` each that have at least `min_rirs`
// regions, whatever the subject; empty when they can. For the configuration's check.
[[nodiscard]] std::string why_not_dealt(std::span<const Rir> remotes, std::size_t wanted, std::size_t cohorts,
                                        std::size_t min_rirs);

}  // namespace mpic::coordinator
