// Deployments by letters, and what is chosen of them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "coordinator/policy/choice.hpp"

namespace mpic::test {

using namespace coordinator;

inline constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

inline Rir rir_of(char letter) {
  switch (letter) {
    case 'A':
      return Rir::kArin;
    case 'R':
      return Rir::kRipe;
    case 'P':
      return Rir::kApnic;
    case 'L':
      return Rir::kLacnic;
    default:
      return Rir::kAfrinic;
  }
}

// r1, r2, ... in these regions.
inline std::vector<Candidate> remotes(std::string_view rirs) {
  std::vector<Candidate> out;
  for (const char letter : rirs) {
    out.push_back({*PerspectiveId::parse("r" + std::to_string(out.size() + 1)), rir_of(letter), {}});
  }
  return out;
}

inline std::vector<Rir> regions_of(const std::vector<Candidate>& candidates) {
  std::vector<Rir> out;
  for (const Candidate& candidate : candidates) out.push_back(candidate.rir);
  return out;
}

struct Ask {
  std::size_t wanted = 5;
  std::size_t cohorts = 1;
  std::size_t attempt = 0;
  std::string_view secret = kSecret;
  std::size_t min_rirs = 2;
};

inline Choice chosen(const std::vector<Candidate>& candidates, const std::string& subject, const Ask& ask = {}) {
  return choose({candidates, ask.wanted, ask.min_rirs, ask.cohorts, ask.attempt, ask.secret, subject});
}

using Set = std::set<std::size_t>;
inline Set set_of(const std::vector<Choice::Reasoned>& list) {
  Set out;
  for (const Choice::Reasoned& one : list) out.insert(one.candidate);
  return out;
}
// "r1 r4 r5"
inline std::string names(const std::vector<Candidate>& candidates, const std::vector<Choice::Reasoned>& list) {
  std::string out;
  for (const Choice::Reasoned& one : list) out += (out.empty() ? "" : " ") + candidates[one.candidate].id.text();
  return out;
}

inline std::string reason(const Choice& choice, std::size_t candidate) {
  for (const auto* list : {&choice.chosen, &choice.passed_over}) {
    for (const Choice::Reasoned& one : *list) {
      if (one.candidate == candidate) return one.reason;
    }
  }
  return "is in neither list";
}

}  // namespace mpic::test
