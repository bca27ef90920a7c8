// The quorum held against an oracle (tests/support/quorum_oracle.hpp) over every outcome of up to seven remotes in the
// five RIR regions.
//
// An attempt is a multiset: the standard does not tell two remotes in one region apart. That the code does not either,
// nor the order in which they answer, is a test of its own.
#include "tests/support/quorum_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/multisets.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

// Sanitizers make a state cost ten times as much; thresholds lie at 2 and 6.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMostRemotes = 6;
#else
constexpr std::size_t kMostRemotes = 7;
#endif

constexpr std::array<Rir, 5> kRirs = {Rir::kArin, Rir::kRipe, Rir::kApnic, Rir::kLacnic, Rir::kAfrinic};

constexpr std::array<Demand, 14> kDemands = {{
    {"from 2025-03-15", 2, 1, false},
    {"from 2026-03-15", 3, 2, false},
    {"from 2026-06-15", 4, 2, false},
    {"from 2026-12-15", 5, 2, false},
    {"from 2025-03-15, unanimous", 2, 1, true},
    {"from 2026-03-15, unanimous", 3, 2, true},
    {"from 2026-06-15, unanimous", 4, 2, true},
    {"from 2026-12-15, unanimous", 5, 2, true},
    {"six remotes", 6, 2, false},
    {"three regions", 5, 3, false},
    {"all regions", 5, 5, false},
    {"one remote, wherever it is", 1, 0, false},
    {"six remotes, five must agree", 6, 2, false, 5},
    {"six remotes, three must agree, which is weaker than what holds anyway", 6, 2, false, 3},
}};

QuorumPolicy policy_of(const Demand& demand) {
  return {demand.remotes, demand.regions, demand.unanimous, demand.must_agree};
}

// A kind of remote is a region and an answer.
constexpr int kAnswersAndNone = static_cast<int>(kAnswers.size()) + 1;
constexpr int kKinds = static_cast<int>(kRirs.size()) * kAnswersAndNone;
constexpr int kKindsAnswered = static_cast<int>(kRirs.size() * kAnswers.size());

std::size_t region_of(int kind) { return static_cast<std::size_t>(kind / kAnswersAndNone); }
Answer answer_of(int kind) { return static_cast<Answer>(kind % kAnswersAndNone); }
int kind_of(std::size_t region, Answer answer) {
  return static_cast<int>(region) * kAnswersAndNone + static_cast<int>(answer);
}

// From kinds that are numbered without those that are out.
std::vector<int> answered(const std::vector<int>& list) {
  std::vector<int> out;
  for (const int one : list) {
    const auto number = static_cast<std::size_t>(one);
    out.push_back(kind_of(number / kAnswers.size(), kAnswers.at(number % kAnswers.size())));
  }
  return out;
}

bool is_complete(const std::vector<int>& kinds) {
  return std::none_of(kinds.begin(), kinds.end(), [](int kind) { return answer_of(kind) == Answer::kIsOut; });
}

AskedRemotes asked_of(const std::vector<int>& kinds) {
  AskedRemotes out;
  for (const int kind : kinds) out.push_back({kRegions.at(region_of(kind)), answer_of(kind)});
  return out;
}

std::string told(const std::vector<int>& kinds) {
  constexpr std::array kNames = {"agrees", "contradicts", "could not look", "unreachable", "is out"};
  std::string out;
  for (const int kind : kinds) {
    out += fmt::format("{} {}; ", kRegions.at(region_of(kind)), kNames.at(static_cast<std::size_t>(answer_of(kind))));
  }
  return out;
}

Outcome outcome_of(Answer answer) {
  constexpr std::array kOutcomes = {Outcome::kCorroborates, Outcome::kContradicts, Outcome::kCouldNotLook,
                                    Outcome::kUnreachable};
  return kOutcomes.at(static_cast<std::size_t>(answer));
}

Verdict verdict_of(Ruling ruling) {
  if (ruling == Ruling::kMet) return Verdict::kCorroborated;
  return ruling == Ruling::kMissed ? Verdict::kNotCorroborated : Verdict::kNotDetermined;
}

Verdict verdict_by_code(const std::vector<int>& kinds, const Demand& demand) {
  Tally real;
  Tally forgiving;
  for (const int kind : kinds) {
    const Outcome outcome = outcome_of(answer_of(kind));
    real.count(kRirs.at(region_of(kind)), outcome == Outcome::kCorroborates);
    forgiving.count(kRirs.at(region_of(kind)), outcome == Outcome::kCorroborates || is_ours(outcome));
  }
  return coordinator::verdict_of(real, forgiving, policy_of(demand));
}

rules::Judgement judged(Outcome outcome) {
  rules::Judgement judgement;
  judgement.outcome = outcome;
  judgement.key = "permits";
  return judgement;
}

// What is_settled() is asked; its remotes are exchanged, not built anew.
class State {
 public:
  explicit State(std::size_t size) : looks_(size), kinds_(size, -1) {
    for (const Rir rir : kRirs) {
      DeployedPerspective where{.id = PerspectiveId::parse(fmt::format("r{}", entries_.size())).value(), .rir = rir};
      entries_.push_back({.where = std::move(where)});
    }
    for (const Answer answer : kAnswers) {
      JudgedLook look{.perspective = &entries_.front()};
      look.caa = judged(outcome_of(answer));
      answers_.push_back(std::move(look));
    }
    primary_ = answers_.front();
    for (std::size_t i = 0; i < size; ++i) {
      Assignment assignment{.perspective = entries_.front().where.id,
                            .identifier = Identifier::parse("example.com").value()};
      assignment.caa.emplace();
      plan_.looks.push_back(
          {.perspective = &entries_.front(), .reason = {}, .assignment = std::move(assignment), .octets = {}});
    }
  }

  void set(std::size_t look, int kind) {
    if (kinds_[look] == kind) return;
    kinds_[look] = kind;
    plan_.looks[look].perspective = &entries_[region_of(kind)];
    if (answer_of(kind) == Answer::kIsOut) return looks_[look].reset();
    looks_[look] = answers_[static_cast<std::size_t>(answer_of(kind))];
  }
  [[nodiscard]] bool settled(const Demand& demand) const {
    return is_settled(policy_of(demand), primary_, plan_, looks_);
  }

 private:
  std::vector<PerspectiveEntry> entries_;
  std::vector<JudgedLook> answers_;
  JudgedLook primary_{};
  Plan plan_;
  std::vector<std::optional<JudgedLook>> looks_;
  std::vector<int> kinds_;
};

// A set of verdicts for each demand, three bits each.
using Verdicts = std::uint64_t;
static_assert(3 * kDemands.size() <= 64);

Verdicts bit_of(Verdict verdict, std::size_t demand) {
  return Verdicts{1} << (3 * demand + static_cast<std::size_t>(verdict) - 1);
}
bool is_one(std::size_t demand, Verdicts verdicts) {
  const Verdicts its = verdicts >> (3 * demand) & 7U;
  return its != 0 && (its & (its - 1)) == 0;
}

// What can still come of each state of one size, by the oracle: of a complete one its ruling; else what comes of each
// answer that one of those that are out can give.
class Completions {
 public:
  explicit Completions(std::size_t size) : numbering_(size, kKinds), possible_(numbering_.count(), 0) {}

  Verdicts of(const std::vector<int>& kinds) {
    Verdicts& known = possible_[numbering_.number(kinds)];
    if (known == 0) known = is_complete(kinds) ? ruled(kinds) : united(kinds);
    return known;
  }
  [[nodiscard]] const Numbering& numbering() const { return numbering_; }

 private:
  static Verdicts ruled(const std::vector<int>& kinds) {
    const AskedRemotes asked = asked_of(kinds);
    Verdicts out = 0;
    for (std::size_t i = 0; i < kDemands.size(); ++i) out |= bit_of(verdict_of(ruling(asked, kDemands[i])), i);
    return out;
  }
  Verdicts united(const std::vector<int>& kinds) {
    const auto is_out = [](int kind) { return answer_of(kind) == Answer::kIsOut; };
    const auto at = std::find_if(kinds.begin(), kinds.end(), is_out) - kinds.begin();
    Verdicts out = 0;
    for (const Answer answer : kAnswers) {
      std::vector<int> next = kinds;
      int& kind = next[static_cast<std::size_t>(at)];
      kind = kind_of(region_of(kind), answer);
      std::sort(next.begin(), next.end());
      out |= of(next);
    }
    return out;
  }

  const Numbering numbering_;
  std::vector<Verdicts> possible_;
};

}  // namespace

TEST_CASE("decide_quorum() says what the standard says of every attempt of up to seven remotes (BR 3.2.2.9)",
          "[quorum][oracle]") {
  std::size_t cases = 0;
  each_multiset_up_to(7, 2 * static_cast<int>(kRirs.size()), [&](const std::vector<int>& list) {
    std::vector<Corroboration> attempt;
    AskedRemotes asked;
    std::set<Rir> rirs;
    for (const int kind : list) {
      const std::size_t region = static_cast<std::size_t>(kind) / 2;
      const bool agrees = kind % 2 == 0;
      attempt.push_back({PerspectiveId::parse(fmt::format("r{}", attempt.size())).value(), kRirs.at(region), agrees});
      asked.push_back({kRegions.at(region), agrees ? Answer::kAgrees : Answer::kContradicts});
      if (agrees) rirs.insert(kRirs.at(region));
    }
    const auto agree = std::count_if(attempt.begin(), attempt.end(), [](const auto& one) { return one.corroborates; });
    for (const Demand& demand : kDemands) {
      const auto decision = decide_quorum(attempt, policy_of(demand));
      const bool right = decision && decision->reached == is_quorum_met(asked, demand, false) &&
                         decision->fraction() == fmt::format("{}/{}", agree, attempt.size()) && decision->rirs == rirs;
      if (!right) FAIL(demand.name << ": " << attempt.size() << " remotes, " << agree << " agree");
      ++cases;
    }
  });
  std::cout << "quorum oracle: " << cases << " decisions\n";
  CHECK(cases == kDemands.size() * 19'448);  // multisets of up to 7 of ten kinds
}

TEST_CASE("the verdict is the oracle's, whatever each of up to seven remotes contributed (BR 3.2.2.9)",
          "[quorum][oracle]") {
  std::map<Verdict, std::size_t> seen;
  each_multiset_up_to(kMostRemotes, kKindsAnswered, [&](const std::vector<int>& list) {
    const std::vector<int> kinds = answered(list);
    const AskedRemotes asked = asked_of(kinds);
    for (const Demand& demand : kDemands) {
      const Verdict expected = verdict_of(ruling(asked, demand));
      if (verdict_by_code(kinds, demand) != expected) FAIL(demand.name << ": " << told(kinds) << to_string(expected));
      ++seen[expected];
    }
  });
  const std::size_t corroborated = seen[Verdict::kCorroborated];
  const std::size_t not_corroborated = seen[Verdict::kNotCorroborated];
  const std::size_t not_determined = seen[Verdict::kNotDetermined];
  std::cout << fmt::format("quorum oracle: {} corroborated, {} not, {} not determined\n", corroborated,
                           not_corroborated, not_determined);
  CHECK(corroborated + not_corroborated + not_determined == kDemands.size() * (kMostRemotes == 7 ? 888'030 : 230'230));
  CHECK(std::min({corroborated, not_corroborated, not_determined}) > 0);
}

// So a settled decision never changes: one verdict can come of it, and of the states that answers make of it no other.
TEST_CASE("settled is a state of which one verdict can come, and no other state, of up to seven remotes (BR 3.2.2.9)",
          "[quorum][settle][oracle]") {
  std::size_t states = 0;
  std::size_t early = 0;
  for (std::size_t size = 1; size <= kMostRemotes; ++size) {
    Completions completions(size);
    State state(size);
    std::size_t number = 0;
    std::vector<int> list;
    each_multiset(list, size, kKinds, [&](const std::vector<int>& kinds) {
      if (completions.numbering().number(kinds) != number++) FAIL("the test's own numbers are wrong");
      for (std::size_t i = 0; i < size; ++i) state.set(i, kinds[i]);
      const Verdicts possible = completions.of(kinds);
      const bool complete = is_complete(kinds);
      for (std::size_t i = 0; i < kDemands.size(); ++i) {
        const bool settled = state.settled(kDemands[i]);
        if (settled != is_one(i, possible)) FAIL(kDemands[i].name << ": " << told(kinds) << "settled is " << settled);
        early += settled && !complete;
        ++states;
      }
    });
    CHECK(number == completions.numbering().count());
  }
  std::cout << fmt::format("quorum oracle: {} states, {} of them settled before all had answered\n", states, early);
  CHECK(early > 0);
}

// The same as it happens: one answer after the other, in every order.
TEST_CASE("a settled decision never changes, whatever the rest answer, in every order (BR 3.2.2.9)",
          "[quorum][settle][oracle]") {
  std::size_t orders = 0;
  std::size_t early = 0;
  for (std::size_t size = 1; size <= 4; ++size) {
    State state(size);
    // How many had answered when it was settled, and that it stayed so.
    const auto settled_after = [&](const Demand& demand, const std::vector<int>& arriving) {
      for (std::size_t i = 0; i < size; ++i) state.set(i, kind_of(region_of(arriving[i]), Answer::kIsOut));
      std::optional<std::size_t> after;
      for (std::size_t arrived = 0; arrived <= size; ++arrived) {
        if (arrived > 0) state.set(arrived - 1, arriving[arrived - 1]);
        const bool settled = state.settled(demand);
        if (settled && !after) after = arrived;
        if (!settled && after) FAIL(demand.name << ": " << told(arriving) << "unsettled by answer " << arrived);
      }
      if (!after) FAIL(demand.name << ": " << told(arriving) << "never settled");
      return *after;
    };
    std::vector<int> list;
    each_multiset(list, size, kKindsAnswered, [&](const std::vector<int>& multiset) {
      std::vector<int> arriving = answered(multiset);
      do {
        for (const Demand& demand : kDemands) {
          if (demand.remotes > 4) continue;  // never met by so few
          const std::size_t after = settled_after(demand, arriving);
          AskedRemotes when_told = asked_of(arriving);  // those that are out count as our own fault
          for (std::size_t i = after; i < size; ++i) when_told[i].answer = Answer::kUnreachable;
          if (ruling(when_told, demand) != ruling(asked_of(arriving), demand)) {
            FAIL(demand.name << ": " << told(arriving) << "changed after answer " << after);
          }
          early += after < size;
          ++orders;
        }
      } while (std::next_permutation(arriving.begin(), arriving.end()));
    });
  }
  std::cout << fmt::format("quorum oracle: {} orders of arrival, {} settled before the last answer\n", orders, early);
  CHECK(orders == 7 * (20 + 400 + 8'000 + 160'000));
  CHECK(early > 0);
}

TEST_CASE("which outcomes are our own fault, and so worth a retry", "[quorum][oracle]") {
  for (const Outcome outcome : {Outcome::kEvidenceInvalid, Outcome::kUnreachable, Outcome::kRefused,
                                Outcome::kNotWaitedFor, Outcome::kNoResult}) {
    CHECK(is_ours(outcome));
  }
  for (const Outcome outcome : {Outcome::kCorroborates, Outcome::kContradicts, Outcome::kCouldNotLook}) {
    CHECK_FALSE(is_ours(outcome));
  }
}

TEST_CASE("the oracle is asked what the tables demand, and what is stricter", "[quorum][oracle]") {
  for (const Profile profile : kProfiles) {
    for (const QuorumPhase& phase : quorum_phases(profile)) {
      const auto is_it = [&](const Demand& demand) {
        return demand.remotes == phase.min_remotes && demand.regions == phase.min_rirs;
      };
      INFO(to_string(profile) << " from " << to_string(phase.effective));
      CHECK(std::count_if(kDemands.begin(), kDemands.end(), is_it) == 2);  // as it is, and unanimous
    }
  }
}
