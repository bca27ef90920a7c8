#include "coordinator/program/readiness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/policy/choice.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kSampleNames = 32;  // where it depends on the name who is asked

std::string why_not(const PerspectiveState& state) {
  if (!state.connected) return state.last_error;
  return state.own_word.empty() ? state.standing.why : state.own_word;
}

struct Remotes {
  std::vector<Candidate> candidates;
  std::vector<bool> usable;  // by candidate
};

Remotes remotes_of(const Deployment& deployment, const ReadinessFacts& facts) {
  Remotes out;
  for (std::size_t i = 0; i < deployment.perspectives.size() && i < facts.perspectives.size(); ++i) {
    const PerspectiveEntry& entry = deployment.perspectives[i];
    if (entry.where.role != Role::kRemote) continue;
    const PerspectiveState& state = facts.perspectives[i];
    out.candidates.push_back({entry.where.id, entry.where.rir, state.standing});
    out.usable.push_back(is_usable(entry, state));
  }
  return out;
}

bool can_reach(const Remotes& remotes, const Choice& choice, const QuorumPolicy& policy) {
  Tally tally;
  for (const Choice::Reasoned& one : choice.chosen) {
    tally.count(remotes.candidates[one.candidate].rir, remotes.usable[one.candidate]);
  }
  return is_reached(tally, policy);
}

// For how many of some names the quorum can be reached at the first attempt.
std::size_t names_in_reach(const Deployment& deployment, const Remotes& remotes, const QuorumPolicy& policy) {
  const Planning& planning = deployment.planning;
  std::size_t reached = 0;
  for (std::size_t sample = 0; sample < kSampleNames; ++sample) {
    const std::string subject = fmt::format("sample-{}.invalid", sample);
    const Choice choice =
        choose({.candidates = remotes.candidates,
                .wanted = std::max(remotes_asked(planning, remotes.candidates.size()), policy.min_remotes),
                .min_rirs = policy.min_rirs,
                .cohorts = planning.cohorts,
                .attempt = 0,
                .secret = planning.secret,
                .subject = subject});
    if (can_reach(remotes, choice, policy)) ++reached;
  }
  return reached;
}

bool remotes_suffice(const Deployment& deployment, const ReadinessFacts& facts, std::vector<Missing>& missing) {
  const auto policy = deployment.quorum_at(facts.policy_time);
  if (!policy) {
    missing.push_back({"policy", policy.error().detail});
    return false;
  }
  const Remotes remotes = remotes_of(deployment, facts);
  const std::size_t reached = names_in_reach(deployment, remotes, *policy);
  if (reached == kSampleNames) return true;
  const auto usable = std::count(remotes.usable.begin(), remotes.usable.end(), true);
  missing.push_back(
      {"quorum", fmt::format("{} of {} remote perspectives can be used; for {} % of names that is too few", usable,
                             remotes.usable.size(), 100 * (kSampleNames - reached) / kSampleNames)});
  return 2 * reached >= kSampleNames;
}

// What is wrong with each perspective; whether the Primary is not missed.
bool perspectives_suffice(const Deployment& deployment, const ReadinessFacts& facts, std::vector<Missing>& missing) {
  const auto asserts = [](const ClientEntry& client) { return client.asserted_primary.has_value(); };
  const bool all_assert = std::all_of(deployment.clients.begin(), deployment.clients.end(), asserts);
  bool primary_is_there = all_assert;
  for (std::size_t i = 0; i < deployment.perspectives.size() && i < facts.perspectives.size(); ++i) {
    const PerspectiveEntry& entry = deployment.perspectives[i];
    const PerspectiveState& state = facts.perspectives[i];
    const bool usable = is_usable(entry, state);
    if (entry.where.role == Role::kPrimary && usable) primary_is_there = true;
    if (usable) continue;
    missing.push_back({state.id.text(), why_not(state)});
  }
  return primary_is_there;
}

bool policy_is_satisfied(const Deployment& deployment, const ReadinessFacts& facts, std::vector<Missing>& missing) {
  const DeploymentFindings findings = deployment.findings_at(facts.policy_time);
  const std::string day = to_string(std::chrono::floor<std::chrono::days>(facts.policy_time));
  for (const Problem& violation : findings.violations) missing.push_back({"policy of " + day, violation.detail});
  return findings.violations.empty() || deployment.is_custom();
}

}  // namespace

// A Primary has no substitute, so nothing is gained by sparing it for a while.
bool is_usable(const PerspectiveEntry& entry, const PerspectiveState& state) {
  if (!state.connected) return false;
  if (entry.where.role == Role::kPrimary) return state.own_word.empty();
  return state.standing.ready || entry.drained;
}

Assessment assess(const Deployment& deployment, const ReadinessFacts& facts) {
  Assessment out{.ready = true, .missing = {}};
  if (facts.stopping) {
    out.ready = false;
    out.missing.push_back({"coordinator", "it is shutting down"});
  }
  if (!facts.store_fault.empty()) {
    out.ready = false;
    out.missing.push_back({"the record store cannot be written", facts.store_fault});
  }
  if (!facts.log_fault.empty()) {
    out.ready = false;
    out.missing.push_back({"the log's checkpoints cannot be signed", facts.log_fault});
  }
  if (!policy_is_satisfied(deployment, facts, out.missing)) out.ready = false;
  if (!perspectives_suffice(deployment, facts, out.missing)) out.ready = false;
  if (!remotes_suffice(deployment, facts, out.missing)) out.ready = false;
  return out;
}

}  // namespace mpic::coordinator
