// Settled means: whatever the rest answers, in whatever order, no verdict changes. Held against every completion.
#include <array>

#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

constexpr std::array<Outcome, 4> kOutcomes = {Outcome::kCorroborates, Outcome::kContradicts, Outcome::kCouldNotLook,
                                              Outcome::kUnreachable};

JudgedLook looked(const PerspectiveEntry& entry, Outcome outcome) {
  JudgedLook look{.perspective = &entry};
  look.caa.emplace();
  look.caa->outcome = outcome;
  look.caa->key = "permits";
  return look;
}

struct Attempt {
  explicit Attempt(std::string_view rirs) {
    for (std::size_t i = 0; i < rirs.size(); ++i) {
      PerspectiveEntry entry{
          .where = {.id = PerspectiveId::parse("r" + std::to_string(i)).value(), .role = Role::kRemote}};
      entry.where.rir = rirs[i] == 'A' ? Rir::kArin : Rir::kRipe;
      entries.push_back(std::move(entry));
    }
    for (const PerspectiveEntry& entry : entries)
      plan.looks.push_back({.perspective = &entry,
                            .reason = {},
                            .assignment = {.perspective = entry.where.id,
                                           .identifier = Identifier::parse("example.com").value(),
                                           .caa = CaaQuestion{}},
                            .octets = {}});
  }

  // The verdict when `answers` is all there is.
  [[nodiscard]] Verdict verdict(const std::vector<Outcome>& answers, const QuorumPolicy& policy) const {
    Tally real;
    Tally forgiving;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const bool agrees = answers[i] == Outcome::kCorroborates;
      real.count(entries[i].where.rir, agrees);
      forgiving.count(entries[i].where.rir, agrees || is_ours(answers[i]));
    }
    return verdict_of(real, forgiving, policy);
  }

  // Every verdict that can still come of it.
  void completions(std::vector<Outcome>& answers, const std::vector<std::optional<JudgedLook>>& looks, std::size_t from,
                   const QuorumPolicy& policy, std::set<Verdict>& into) const {
    if (from == entries.size()) return void(into.insert(verdict(answers, policy)));
    if (looks[from]) {
      answers[from] = looks[from]->caa->outcome;
      return completions(answers, looks, from + 1, policy, into);
    }
    for (const Outcome outcome : kOutcomes) {
      answers[from] = outcome;
      completions(answers, looks, from + 1, policy, into);
    }
  }

  std::vector<PerspectiveEntry> entries;
  Plan plan;
};

}  // namespace

TEST_CASE("an attempt is settled exactly when no completion changes its verdict (BR 3.2.2.9)", "[settle]") {
  for (const char* rirs : {"RA", "RRA", "RRRA", "RRRAA", "RRRRR", "RRRAAA"}) {
    const Attempt attempt(rirs);
    const PerspectiveEntry primary_entry{.where = {.id = PerspectiveId::parse("primary").value()}};
    const JudgedLook primary = looked(primary_entry, Outcome::kCorroborates);
    const QuorumPolicy policy{.min_remotes = 2, .min_rirs = 2};
    const std::size_t size = attempt.entries.size();
    std::size_t states = 1;
    for (std::size_t i = 0; i < size; ++i) states *= kOutcomes.size() + 1;
    std::size_t settled_early = 0;
    for (std::size_t state = 0; state < states; ++state) {
      std::vector<std::optional<JudgedLook>> looks(size);
      std::size_t rest = state;
      bool complete = true;
      for (std::size_t i = 0; i < size; ++i, rest /= kOutcomes.size() + 1) {
        const std::size_t digit = rest % (kOutcomes.size() + 1);
        complete = complete && digit != 0;
        if (digit != 0) looks[i] = looked(attempt.entries[i], kOutcomes[digit - 1]);
      }
      std::set<Verdict> possible;
      std::vector<Outcome> answers(size);
      attempt.completions(answers, looks, 0, policy, possible);
      const bool settled = is_settled(policy, primary, attempt.plan, looks);
      if (settled != (possible.size() == 1))
        FAIL(rirs << ", state " << state << ": settled " << settled << " of " << possible.size());
      settled_early += settled && !complete;
    }
    CHECK(settled_early > 0);
  }
}

TEST_CASE("a remote that is positive about another value settles as one that contradicts", "[settle]") {
  const Attempt attempt("RA");
  const PerspectiveEntry primary_entry{.where = {.id = PerspectiveId::parse("primary").value()}};
  const JudgedLook primary = looked(primary_entry, Outcome::kCorroborates);
  std::vector<std::optional<JudgedLook>> looks(2);
  looks[0] = looked(attempt.entries[0], Outcome::kCorroborates);
  const QuorumPolicy unanimous{.min_remotes = 2, .min_rirs = 1, .unanimous = true};
  CHECK_FALSE(is_settled(unanimous, primary, attempt.plan, looks));
  looks[0]->caa->key = "something else";
  CHECK(is_settled(unanimous, primary, attempt.plan, looks));
}

TEST_CASE("with a set of its own for each check both must be settled, each by its own (BR 3.2.2.9)", "[settle]") {
  // DCV of the first three, CAA of the last three.
  Attempt attempt("RARRAR");
  std::vector<std::optional<JudgedLook>> looks(6);
  for (std::size_t i = 0; i < 6; ++i) {
    if (i < 3) {
      attempt.plan.looks[i].assignment.caa.reset();
      attempt.plan.looks[i].assignment.dcv.emplace();
    }
    looks[i] = looked(attempt.entries[i], Outcome::kCorroborates);
    if (i < 3) std::swap(looks[i]->dcv, looks[i]->caa);
  }
  const PerspectiveEntry primary_entry{.where = {.id = PerspectiveId::parse("primary").value()}};
  JudgedLook primary = looked(primary_entry, Outcome::kCorroborates);
  primary.dcv = primary.caa;
  const QuorumPolicy policy{.min_remotes = 3, .min_rirs = 2};
  CHECK(is_settled(policy, primary, attempt.plan, looks));
  // Of three one may be silent, unless it alone is the second region.
  for (std::size_t i = 0; i < 6; ++i) {
    auto without = looks;
    without[i].reset();
    INFO("without r" << i);
    CHECK(is_settled(policy, primary, attempt.plan, without) == (i != 1 && i != 4));
  }
  // One of each set; then two of one, which the other's agreement does not outweigh although together they are six.
  looks[0].reset();
  looks[5].reset();
  CHECK(is_settled(policy, primary, attempt.plan, looks));
  looks[5] = looked(attempt.entries[5], Outcome::kCorroborates);
  looks[2].reset();
  CHECK_FALSE(is_settled(policy, primary, attempt.plan, looks));
}
