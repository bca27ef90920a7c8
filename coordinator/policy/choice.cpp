#include "coordinator/policy/choice.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <stdexcept>

namespace mpic::coordinator {
namespace {

using Score = std::array<std::uint8_t, 32>;  // compares as the big-endian number that it is
using Candidates = std::span<const Candidate>;
using Indices = std::vector<std::size_t>;  // of candidates

// HMAC-SHA-256(secret, subject || 0 || perspective id). No id is empty and none holds a 0, so no two questions are one.
class Scores {
 public:
  Scores(std::string_view secret, std::string_view subject) : secret_(secret), message_(subject) {
    message_.push_back('\0');
    subject_size_ = message_.size();
  }

  Score of(std::string_view id) {
    message_.resize(subject_size_);
    message_.append(id);
    Score score{};
    unsigned size = 0;
    const auto* message = reinterpret_cast<const unsigned char*>(message_.data());
    if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), message, message_.size(), score.data(),
             &size) == nullptr) {
      throw std::runtime_error("HMAC-SHA-256 cannot be computed");
    }
    return score;
  }

  // The subject's own number, below `limit`.
  std::size_t number(std::size_t limit) {
    const Score score = of({});
    return (std::size_t{score[0]} << 16U | std::size_t{score[1]} << 8U | score[2]) % limit;
  }

 private:
  std::string_view secret_;
  std::string message_;
  std::size_t subject_size_ = 0;
};

// Each region's candidates, best first; the region with the best of all first.
std::vector<Indices> by_region(Candidates candidates, Scores& scores) {
  std::vector<std::pair<Score, std::size_t>> ranking;
  for (std::size_t i = 0; i < candidates.size(); ++i) ranking.emplace_back(scores.of(candidates[i].id.text()), i);
  std::sort(ranking.begin(), ranking.end(), std::greater<>());
  std::vector<Indices> regions;
  std::map<Rir, std::size_t> place_of;
  for (const auto& [score, candidate] : ranking) {
    const auto [place, is_new] = place_of.emplace(candidates[candidate].rir, regions.size());
    if (is_new) regions.emplace_back();
    regions[place->second].push_back(candidate);
  }
  return regions;
}

// The cohort of each candidate. A region is cut into runs, one for each cohort; those that are one longer go to cohorts
// one after the other, and the next region goes on where the last one ended. Regions that cannot reach every cohort
// come first, with nothing between them, so that no cohort gets two of them before each has one.
Indices deal(const std::vector<Indices>& regions, std::size_t candidates, std::size_t cohorts, std::size_t start) {
  Indices cohort_of(candidates);
  const auto cut = [&](const Indices& region) {
    const std::size_t longer = region.size() % cohorts;
    auto next = region.begin();
    for (std::size_t cohort = 0; cohort < cohorts; ++cohort) {
      const bool is_longer = (cohort + cohorts - start) % cohorts < longer;
      const std::size_t run = region.size() / cohorts + (is_longer ? 1 : 0);
      for (std::size_t i = 0; i < run; ++i) cohort_of[*next++] = cohort;
    }
    start = (start + longer) % cohorts;
  };
  const auto is_small = [&](const Indices& region) { return region.size() < cohorts; };
  for (const Indices& region : regions) {
    if (is_small(region)) cut(region);
  }
  for (const Indices& region : regions) {
    if (!is_small(region)) cut(region);
  }
  return cohort_of;
}

// One cohort: the best of each region, then the second best of each, and so on.
Indices order_of(std::size_t cohort, const std::vector<Indices>& regions, const Indices& cohort_of) {
  std::vector<Indices> members;
  std::size_t longest = 0;
  for (const Indices& region : regions) {
    Indices& mine = members.emplace_back();
    for (const std::size_t candidate : region) {
      if (cohort_of[candidate] == cohort) mine.push_back(candidate);
    }
    longest = std::max(longest, mine.size());
  }
  Indices order;
  for (std::size_t round = 0; round < longest; ++round) {
    for (const Indices& region : members) {
      if (round < region.size()) order.push_back(region[round]);
    }
  }
  return order;
}

std::size_t regions_in(Candidates candidates, const Indices& plan) {
  std::bitset<8> seen;
  for (const std::size_t candidate : plan) seen.set(static_cast<std::size_t>(candidates[candidate].rir));
  return seen.count();
}

// Who is asked for the first `places` of an order: each itself, or who takes its place.
Indices seated(const ChoiceInput& input, const Indices& order, std::size_t places) {
  const auto is_ready = [&](std::size_t candidate) { return input.candidates[candidate].standing.ready; };
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(places);
  Indices plan(order.begin(), cut);
  Indices spare;
  std::copy_if(cut, order.end(), std::back_inserter(spare), is_ready);
  for (std::size_t& place : plan) {
    if (is_ready(place)) continue;
    const std::size_t regions = regions_in(input.candidates, plan);
    const auto first_that_leaves = [&](std::size_t wanted) {
      return std::find_if(spare.begin(), spare.end(), [&](std::size_t candidate) {
        std::swap(place, candidate);
        const bool enough = regions_in(input.candidates, plan) >= wanted;
        std::swap(place, candidate);
        return enough;
      });
    };
    auto found = first_that_leaves(regions);
    if (found == spare.end()) found = first_that_leaves(std::min(regions, input.min_rirs));
    if (found == spare.end()) continue;
    place = *found;
    spare.erase(found);
  }
  return plan;
}

std::string ordinal(std::size_t number) {
  const std::size_t last = number % 10;
  const bool is_teen = number % 100 / 10 == 1;
  const char* const ending = is_teen || last == 0 || last > 3 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd";
  return std::to_string(number) + ending;
}

// Somebody else's words, and bounded: they are recorded with every plan.
std::string why_not_ready(const Candidate& candidate) {
  return "not ready: " + presentable(candidate.standing.why, 256);
}

std::string nobody_instead(const Candidate& candidate) {
  return "not ready, and nobody to take its place: " + presentable(candidate.standing.why, 256);
}

Choice everybody(Candidates candidates) {
  Choice choice;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    choice.chosen.push_back(
        {i, candidates[i].standing.ready ? "every configured perspective is asked" : nobody_instead(candidates[i])});
  }
  return choice;
}

// The choice from one cohort's order, with its reasons.
class Explained {
 public:
  Explained(const ChoiceInput& input, std::size_t cohort, const Indices& order, const Indices& plan)
      : input_(input), cohort_(cohort), order_(order), plan_(plan), reasons_(input.candidates.size()) {
    for (std::size_t rank = 0; rank < order.size(); ++rank) rank < plan.size() ? at_place(rank) : beyond(rank);
  }

  [[nodiscard]] Choice choice(const Indices& cohort_of) && {
    Choice out{.cohort = cohort_, .chosen = {}, .passed_over = {}};
    for (std::size_t i = 0; i < reasons_.size(); ++i) {
      if (cohort_of[i] != cohort_) {
        reasons_[i] = fmt::format("belongs to cohort {}; this attempt asks cohort {}", cohort_of[i], cohort_);
      }
      auto& list = std::find(plan_.begin(), plan_.end(), i) == plan_.end() ? out.passed_over : out.chosen;
      list.push_back({i, std::move(reasons_[i])});
    }
    return out;
  }

 private:
  [[nodiscard]] const Candidate& candidate(std::size_t index) const { return input_.candidates[index]; }

  [[nodiscard]] std::string position(std::size_t rank) const {
    const std::string of_which = input_.cohorts == 1 ? "the order" : fmt::format("the order of cohort {}", cohort_);
    return fmt::format("{} of {} in {} for this target", ordinal(rank + 1), order_.size(), of_which);
  }

  void at_place(std::size_t rank) {
    const std::size_t planned = order_[rank];
    const std::size_t asked = plan_[rank];
    const Candidate& was = candidate(planned);
    if (asked != planned) {
      reasons_[planned] = fmt::format("{}; {} is asked in its place", why_not_ready(was), candidate(asked).id.text());
      reasons_[asked] = fmt::format("in place of {}, which is {}", was.id.text(), why_not_ready(was));
    } else {
      reasons_[planned] = was.standing.ready ? position(rank) : nobody_instead(was);
    }
  }

  // After the places: whoever does not take one, of those before.
  void beyond(std::size_t rank) {
    std::string& reason = reasons_[order_[rank]];
    if (!reason.empty()) return;
    reason = fmt::format("{}; {} are asked", position(rank), plan_.size());
    const Candidate& spare = candidate(order_[rank]);
    if (!spare.standing.ready) reason += "; " + why_not_ready(spare);
  }

  const ChoiceInput& input_;
  std::size_t cohort_;
  const Indices& order_;
  const Indices& plan_;
  std::vector<std::string> reasons_;  // by candidate
};

}  // namespace

Choice choose(const ChoiceInput& input) {
  const std::size_t candidates = input.candidates.size();
  if (input.cohorts == 1 && input.wanted >= candidates) return everybody(input.candidates);
  Scores scores(input.secret, input.subject);
  const std::vector<Indices> regions = by_region(input.candidates, scores);
  const std::size_t start = input.cohorts == 1 ? 0 : scores.number(input.cohorts);
  const Indices cohort_of = deal(regions, candidates, input.cohorts, start);
  const std::size_t cohort = input.attempt % input.cohorts;
  const Indices order = order_of(cohort, regions, cohort_of);
  const Indices plan = seated(input, order, std::min(input.wanted, order.size()));
  return Explained(input, cohort, order, plan).choice(cohort_of);
}

std::string why_not_dealt(std::span<const Rir> remotes, std::size_t wanted, std::size_t cohorts, std::size_t min_rirs) {
  const std::size_t smallest = remotes.size() / cohorts;
  if (smallest < wanted) {
    return cohorts == 1
               ? fmt::format("{} remote perspectives are to be asked, and there are {}", wanted, remotes.size())
               : fmt::format("{} remote perspectives are to be asked, and of {} in {} cohorts one has only {}", wanted,
                             remotes.size(), cohorts, smallest);
  }
  std::map<Rir, std::size_t> in_region;
  for (const Rir rir : remotes) ++in_region[rir];
  std::size_t everywhere = 0;  // regions that reach every cohort
  std::size_t scattered = 0;   // remotes in the others: none comes twice to a cohort before each has one
  for (const auto& [rir, number] : in_region) number < cohorts ? scattered += number : ++everywhere;
  const std::size_t fewest = std::min(everywhere + scattered / cohorts, wanted);
  if (fewest >= min_rirs) return {};
  return fmt::format("{} of {} remote perspectives in {} {} can lie in only {} RIR {}; {} are needed", wanted,
                     remotes.size(), cohorts, cohorts == 1 ? "cohort" : "cohorts", fewest,
                     fewest == 1 ? "region" : "regions", min_rirs);
}

}  // namespace mpic::coordinator
