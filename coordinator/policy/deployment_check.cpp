#include "coordinator/policy/deployment_check.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

namespace mpic::coordinator {
namespace {

Problem violation(std::string where, std::string detail) {
  return {ProblemCode::kPolicy, std::move(where), std::move(detail)};
}

std::string in_km(double km) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f km", km);
  return text;
}

bool in_range(const Place& place) {
  return std::isfinite(place.latitude) && std::isfinite(place.longitude) && std::abs(place.latitude) <= 90 &&
         std::abs(place.longitude) <= 180;
}

// Shadows are asked and recorded but never counted, so nothing is asked of where they are.
std::vector<DeployedPerspective> counted(std::span<const DeployedPerspective> perspectives) {
  std::vector<DeployedPerspective> out;
  for (const DeployedPerspective& perspective : perspectives) {
    if (perspective.role != Role::kShadow) out.push_back(perspective);
  }
  return out;
}

struct Remotes {
  std::size_t number = 0;
  std::set<Rir> rirs;
};

Remotes remotes_of(std::span<const DeployedPerspective> perspectives) {
  Remotes remotes;
  for (const DeployedPerspective& perspective : perspectives) {
    if (perspective.role != Role::kRemote) continue;
    ++remotes.number;
    remotes.rirs.insert(perspective.rir);
  }
  return remotes;
}

std::string number_of(std::size_t number, std::string_view thing) {
  return std::to_string(number) + ' ' + std::string(thing) + (number == 1 ? "" : "s");
}

// What the phase asks for and the deployment lacks, as halves of sentences: "asks for 5 ...; this deployment
// has 4".
std::vector<std::string> shortfalls(const Remotes& remotes, const QuorumPhase& phase) {
  std::vector<std::string> out;
  if (remotes.number < phase.min_remotes) {
    out.push_back(std::string(phase.clause) + " asks for " + number_of(phase.min_remotes, "remote perspective") +
                  "; this deployment has " + std::to_string(remotes.number));
  }
  if (remotes.rirs.size() < phase.min_rirs) {
    out.push_back(std::string(phase.clause) + " asks for remote perspectives in " +
                  number_of(phase.min_rirs, "RIR region") + "; this deployment has them in " +
                  std::to_string(remotes.rirs.size()));
  }
  return out;
}

void check_identities(std::span<const DeployedPerspective> perspectives, bool primary_is_asserted,
                      std::vector<Problem>& out) {
  std::map<PerspectiveId, std::size_t> uses;
  std::size_t primaries = 0;
  for (const DeployedPerspective& perspective : perspectives) {
    const std::string& id = perspective.id.text();
    // Once per id, however often it is used.
    if (++uses[perspective.id] == 2) {
      out.push_back(violation(id, "two perspectives have the id \"" + id +
                                      "\": records could not tell them apart "
                                      "(BR 5.4.1)"));
    }
    if (perspective.role == Role::kPrimary) ++primaries;
    if (!in_range(perspective.place)) out.push_back(violation(id, "the place's latitude or longitude is out of range"));
    if (!in_range(perspective.resolver_place)) {
      out.push_back(violation(id, "the resolver's latitude or longitude is out of range"));
    }
  }
  if (primaries > 1 || (primaries == 0 && !primary_is_asserted)) {
    out.push_back(violation(
        "", "one perspective must be the Primary (BR 3.2.2.9); this deployment has " + std::to_string(primaries)));
  }
}

void check_resolver_regions(std::span<const DeployedPerspective> perspectives, std::vector<Problem>& out) {
  for (const DeployedPerspective& perspective : perspectives) {
    if (perspective.resolver_rir == perspective.rir) continue;
    out.push_back(violation(perspective.id.text(), "its resolver is in the region of " +
                                                       std::string(to_string(perspective.resolver_rir)) +
                                                       ", the perspective in that of " +
                                                       std::string(to_string(perspective.rir)) + " (BR 3.2.2.9)"));
  }
}

void check_distance(const DeployedPerspective& a, const DeployedPerspective& b, std::vector<Problem>& out) {
  const auto check = [&](const Place& from, const Place& to, std::string_view what) {
    if (!in_range(from) || !in_range(to)) return;  // told already
    const double km = distance_km(from, to);
    if (km >= kMinDistanceKm) return;
    out.push_back(violation(a.id.text() + ", " + b.id.text(),
                            std::string(what) + a.id.text() + " and " + b.id.text() + " are " + in_km(km) +
                                " apart; BR 3.2.2.9 asks for 500 km, and with the margin of the formula " +
                                in_km(kMinDistanceKm)));
  };
  check(a.place, b.place, "");
  check(a.resolver_place, b.resolver_place, "the resolvers of ");
}

void check_distances(std::span<const DeployedPerspective> perspectives, std::vector<Problem>& out) {
  for (std::size_t i = 0; i < perspectives.size(); ++i) {
    for (std::size_t j = i + 1; j < perspectives.size(); ++j) check_distance(perspectives[i], perspectives[j], out);
  }
}

}  // namespace

std::vector<Problem> check_primary_place(std::span<const DeployedPerspective> perspectives,
                                         const DeployedPerspective& primary) {
  std::vector<Problem> out;
  check_resolver_regions({&primary, 1}, out);
  for (const DeployedPerspective& perspective : perspectives) {
    if (perspective.role == Role::kRemote) check_distance(primary, perspective, out);
  }
  return out;
}

DeploymentFindings check_deployment(std::span<const DeployedPerspective> perspectives, const DeploymentTerms& terms,
                                    TimePoint when) {
  DeploymentFindings findings;
  const std::vector<DeployedPerspective> in_use = counted(perspectives);
  const Remotes remotes = remotes_of(in_use);
  check_identities(perspectives, terms.primary_is_asserted, findings.violations);
  if (const auto phase = phase_at(terms.phases, when)) {
    for (const std::string& shortfall : shortfalls(remotes, *phase)) {
      findings.violations.push_back(violation("", shortfall));
    }
  }
  check_distances(in_use, findings.violations);
  check_resolver_regions(in_use, findings.violations);

  // Every phase to come, not only the next: hosts at a far place take longer to find than a phase lasts.
  for (const QuorumPhase& phase : terms.phases) {
    if (when >= phase.effective) continue;
    for (const std::string& shortfall : shortfalls(remotes, phase)) {
      findings.upcoming.push_back("from " + to_string(phase.effective) + ' ' + shortfall);
    }
  }
  return findings;
}

}  // namespace mpic::coordinator
