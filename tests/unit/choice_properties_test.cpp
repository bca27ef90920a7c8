// What holds of planning in any deployment.
#include <algorithm>
#include <map>
#include <random>

#include "coordinator/policy/quorum.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/chosen.hpp"

namespace mpic::test {
namespace {

constexpr std::size_t kSubjects = 4'000;

std::string subject(std::size_t number) { return "www" + std::to_string(number) + ".example.com"; }

Set asked(const std::vector<Candidate>& candidates, const std::string& subject, const Ask& ask = {}) {
  return set_of(chosen(candidates, subject, ask).chosen);
}

std::size_t distinct(const std::vector<Candidate>& candidates, const Set& plan) {
  std::set<Rir> rirs;
  for (const std::size_t one : plan) rirs.insert(candidates[one].rir);
  return rirs.size();
}

std::size_t in_common(const Set& a, const Set& b) {
  return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](std::size_t one) { return b.contains(one); }));
}

// Deployments of 1 to 30 remotes, each with what is asked of it. Repeat a run with --rng-seed.
class Deployments {
 public:
  Deployments() : seed_(Catch::rngSeed()), random_(seed_) {}

  template <class Property>
  void each(std::size_t count, Property property) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string rirs(below(30) + 1, ' ');
      const std::size_t kinds = below(5) + 1;
      for (char& letter : rirs) letter = "ARPLF"[below(kinds)];
      Ask ask{.wanted = below(8) + 1, .cohorts = below(8) + 1, .min_rirs = below(4) + 1};
      INFO("seed " << seed_ << ", deployment " << i << ": " << rirs << ", asked " << ask.wanted << " of " << ask.cohorts
                   << " cohorts, in at least " << ask.min_rirs);
      property(remotes(rirs), ask);
    }
  }
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

 private:
  unsigned seed_;
  std::mt19937 random_;
};

// How far the counts are from equal, over what chance allows them on average: about 1 when they are even.
double unevenness(const std::vector<double>& counts) {
  double total = 0;
  for (const double count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum / static_cast<double>(counts.size() - 1);
}

// Every choice, whatever it was asked.
void check_whole(const std::vector<Candidate>& candidates, const Choice& choice) {
  const Set in = set_of(choice.chosen);
  const Set out = set_of(choice.passed_over);
  CHECK(in.size() + out.size() == candidates.size());
  CHECK(in_common(in, out) == 0);
  const auto in_order = [](const auto& a, const auto& b) { return a.candidate < b.candidate; };
  CHECK(std::is_sorted(choice.chosen.begin(), choice.chosen.end(), in_order));
  CHECK(std::is_sorted(choice.passed_over.begin(), choice.passed_over.end(), in_order));
  for (std::size_t i = 0; i < candidates.size(); ++i) CHECK_FALSE(reason(choice, i).empty());
}

}  // namespace

TEST_CASE("every cohort of a deployment that can be dealt is enough for the quorum (BR 3.2.2.9)", "[policy][choice]") {
  std::size_t dealt = 0;
  std::size_t refused = 0;
  Deployments().each(500, [&](const std::vector<Candidate>& candidates, Ask ask) {
    const std::string why_not = why_not_dealt(regions_of(candidates), ask.wanted, ask.cohorts, ask.min_rirs);
    (why_not.empty() ? dealt : refused) += 1;
    for (std::size_t number = 0; number < 5; ++number) {
      bool all_enough = true;
      Set seen;
      for (ask.attempt = 0; ask.attempt < ask.cohorts; ++ask.attempt) {
        const Choice choice = chosen(candidates, subject(number), ask);
        check_whole(candidates, choice);
        CHECK(choice.cohort == ask.attempt);
        const Set plan = set_of(choice.chosen);
        CHECK(in_common(plan, seen) == 0);
        seen.insert(plan.begin(), plan.end());
        all_enough = all_enough && plan.size() == ask.wanted && distinct(candidates, plan) >= ask.min_rirs;
      }
      // Also the other way round: it is not refused what would have worked.
      INFO("why not: " << why_not);
      CHECK(all_enough == why_not.empty());
    }
  });
  CHECK(dealt > 50);
  CHECK(refused > 50);
}

TEST_CASE("each cohort has its share of each region, and all are of one size but for one", "[policy][choice]") {
  Deployments().each(300, [&](const std::vector<Candidate>& candidates, Ask ask) {
    ask.wanted = candidates.size();  // of a cohort: everybody
    std::map<Rir, std::size_t> total;
    for (const Candidate& candidate : candidates) ++total[candidate.rir];
    Set everybody;
    for (ask.attempt = 0; ask.attempt < ask.cohorts; ++ask.attempt) {
      const Set cohort = asked(candidates, "example.com", ask);
      everybody.insert(cohort.begin(), cohort.end());
      const std::size_t share = candidates.size() / ask.cohorts;
      CHECK((cohort.size() == share || cohort.size() == share + 1));
      std::map<Rir, std::size_t> mine;
      for (const std::size_t one : cohort) ++mine[candidates[one].rir];
      for (const auto& [rir, number] : total) {
        const std::size_t of_region = number / ask.cohorts;
        CHECK((mine[rir] == of_region || mine[rir] == of_region + 1));
      }
    }
    CHECK(everybody.size() == candidates.size());
  });
}

TEST_CASE("of the regions that cannot reach every cohort none has two before each has one", "[policy][choice]") {
  // Eleven of one region are cut into 4, 4 and 3: were they dealt between the lone ones, a cohort would get none of
  // these.
  const std::vector<Candidate> candidates = remotes("RRRRRRRRRRRAPL");
  REQUIRE(why_not_dealt(regions_of(candidates), 4, 3, 2).empty());
  for (std::size_t number = 0; number < 300; ++number) {
    for (std::size_t attempt = 0; attempt < 3; ++attempt) {
      const Set plan = asked(candidates, subject(number), {.wanted = 4, .cohorts = 3, .attempt = attempt});
      CHECK(distinct(candidates, plan) == 2);
    }
  }
}

TEST_CASE("a plan lies in as many regions as it can, and as evenly", "[policy][choice]") {
  Deployments().each(300, [&](const std::vector<Candidate>& candidates, Ask ask) {
    ask.cohorts = 1;
    std::map<Rir, std::size_t> total;
    for (const Candidate& candidate : candidates) ++total[candidate.rir];
    std::map<Rir, std::size_t> mine;
    for (const std::size_t one : asked(candidates, "example.com", ask)) ++mine[candidates[one].rir];
    // None is asked twice more often than a region that had another to give.
    for (const auto& [more, many] : mine) {
      for (const auto& [less, all] : total) CHECK((many <= mine[less] + 1 || mine[less] == all));
    }
  });
}

TEST_CASE("a plan survives the failures allowed where the deployment has the regions for it", "[policy][choice]") {
  // However many of one region agree, another region must too: so more must lie outside the fullest one than may fail.
  struct Row {
    const char* rirs;
    std::size_t asked;
  };
  for (const Row& row : {Row{"RRRRRAP", 5}, Row{"RRRRRRAA", 5}, Row{"RRRRRRAAA", 6}, Row{"RRRRRRAPL", 6}}) {
    const std::vector<Candidate> candidates = remotes(row.rirs);
    for (std::size_t number = 0; number < 200; ++number) {
      std::map<Rir, std::size_t> mine;
      for (const std::size_t one : asked(candidates, subject(number), {.wanted = row.asked}))
        ++mine[candidates[one].rir];
      std::size_t fullest = 0;
      for (const auto& [rir, many] : mine) fullest = std::max(fullest, many);
      INFO(row.rirs << ", " << row.asked << " asked");
      CHECK(row.asked - fullest > allowed_failures(row.asked));
    }
  }
}

TEST_CASE("the same subject gets the same remotes, and another secret others", "[policy][choice]") {
  const std::vector<Candidate> candidates = remotes("RRRRAAAAPPPPLLFF");
  std::set<Set> plans;
  double common = 0;
  for (std::size_t number = 0; number < kSubjects; ++number) {
    const Set plan = asked(candidates, subject(number));
    CHECK(plan == asked(candidates, subject(number)));
    plans.insert(plan);
    const Set elsewhere = asked(candidates, subject(number), {.secret = "another secret of thirty-two octets"});
    common += static_cast<double>(in_common(plan, elsewhere));
  }
  // By chance two plans of five, one of each region, share 3/4 + 3/4 + 1/4 ... of one: 1/4 * 3 + 1/2 * 2.
  CHECK(common / kSubjects == Approx(1.75).margin(0.1));
  CHECK(plans.size() > 200);  // of 4 * 4 * 4 * 2 * 2
}

TEST_CASE("over many subjects the load is even within a region", "[policy][choice]") {
  for (const Ask& ask : {Ask{}, Ask{.cohorts = 2, .attempt = 0}, Ask{.cohorts = 2, .attempt = 1}}) {
    const std::string rirs = "RRRRRRRRAAAAPPPP";
    const std::vector<Candidate> candidates = remotes(rirs);
    std::map<char, std::vector<double>> load;
    std::vector<double> counts(candidates.size());
    for (std::size_t number = 0; number < kSubjects; ++number) {
      for (const std::size_t one : asked(candidates, subject(number), ask)) ++counts[one];
    }
    for (std::size_t i = 0; i < counts.size(); ++i) load[rirs[i]].push_back(counts[i]);
    for (const auto& [letter, region] : load) {
      INFO("region " << letter << ", attempt " << ask.attempt << " of " << ask.cohorts << " cohorts");
      CHECK(unevenness(region) < 5);
      CHECK(*std::min_element(region.begin(), region.end()) > 0);
    }
  }
}

TEST_CASE("which cohort a lone perspective is in differs from subject to subject", "[policy][choice]") {
  const std::vector<Candidate> candidates = remotes("RRRRAAAAPPPPL");
  std::vector<double> first_attempts(2);
  for (std::size_t number = 0; number < kSubjects; ++number) {
    ++first_attempts[asked(candidates, subject(number), {.wanted = 6, .cohorts = 2}).contains(12)];
  }
  CHECK(unevenness(first_attempts) < 12);
}

TEST_CASE("a new perspective changes only the plans that it is in, and one place there", "[policy][choice]") {
  std::size_t unchanged = 0;
  std::size_t taken = 0;
  Deployments().each(300, [&](std::vector<Candidate> candidates, Ask ask) {
    ask.cohorts = 1;
    const Set before = asked(candidates, "example.com", ask);
    candidates.push_back({*PerspectiveId::parse("new"), Rir::kApnic, {}});
    const std::size_t added = candidates.size() - 1;
    const Set after = asked(candidates, "example.com", ask);
    if (before.size() < ask.wanted) return;  // all were asked, and all are
    CHECK(in_common(before, after) == before.size() - (after.contains(added) ? 1 : 0));
    ++(after.contains(added) ? taken : unchanged);
  });
  CHECK(unchanged > 50);
  CHECK(taken > 50);
}

TEST_CASE("with cohorts a new perspective moves few", "[policy][choice]") {
  std::vector<Candidate> candidates = remotes("RRRRAAAAPPPPLLLL");
  std::map<std::size_t, Set> before;
  const Ask ask{.cohorts = 2};
  for (std::size_t number = 0; number < kSubjects; ++number) before[number] = asked(candidates, subject(number), ask);
  candidates.push_back({*PerspectiveId::parse("new"), Rir::kApnic, {}});
  double kept = 0;
  for (const auto& [number, plan] : before) {
    kept += static_cast<double>(in_common(plan, asked(candidates, subject(number), ask)));
  }
  CHECK(kept / kSubjects > 4);  // of 5
}

TEST_CASE("health never changes how many are asked, and a replacement keeps the regions", "[policy][choice]") {
  std::size_t replaced = 0;
  std::size_t left_in = 0;
  Deployments deployments;
  deployments.each(500, [&](std::vector<Candidate> candidates, Ask ask) {
    ask.cohorts = std::min<std::size_t>(ask.cohorts, 3);
    ask.attempt = deployments.below(ask.cohorts);
    const Set healthy = asked(candidates, "example.com", ask);
    for (Candidate& candidate : candidates) {
      if (deployments.below(3) == 0) candidate.standing = {.ready = false, .why = "no connection for 12 s"};
    }
    const Choice choice = chosen(candidates, "example.com", ask);
    check_whole(candidates, choice);
    const Set plan = set_of(choice.chosen);
    CHECK(plan.size() == healthy.size());
    CHECK(distinct(candidates, plan) >= std::min(ask.min_rirs, distinct(candidates, healthy)));
    for (const std::size_t one : healthy) {
      if (candidates[one].standing.ready) CHECK(plan.contains(one));
    }
    for (const std::size_t one : plan) {
      if (!healthy.contains(one)) {
        CHECK(candidates[one].standing.ready);
        ++replaced;
      }
      if (candidates[one].standing.ready) continue;
      ++left_in;
      // Nobody of its cohort could have come instead without costing a region that the quorum needs.
      for (const Choice::Reasoned& other : choice.passed_over) {
        if (!candidates[other.candidate].standing.ready || other.reason.starts_with("belongs")) continue;
        Set instead = plan;
        instead.erase(one);
        instead.insert(other.candidate);
        CHECK(distinct(candidates, instead) < std::min(ask.min_rirs, distinct(candidates, plan)));
      }
    }
  });
  CHECK(replaced > 100);
  CHECK(left_in > 100);
}

TEST_CASE("a replacement does not cost a region that another would keep", "[policy][choice]") {
  // Three regions, one of which has two: whichever of these is asked and fails, the other comes, in turn or not.
  std::vector<Candidate> candidates = remotes("RRRRAAAAPP");
  for (std::size_t number = 0; number < 300; ++number) {
    const Set before = asked(candidates, subject(number), {.wanted = 4});
    for (Candidate& candidate : candidates) {
      const bool first_of_region = before.contains(static_cast<std::size_t>(&candidate - candidates.data()));
      candidate.standing.ready = candidate.rir != Rir::kApnic || !first_of_region;
    }
    const Choice choice = chosen(candidates, subject(number), {.wanted = 4});
    const Set after = set_of(choice.chosen);
    for (Candidate& candidate : candidates) candidate.standing = {};
    if (before.contains(8) && before.contains(9)) continue;  // both were asked
    CHECK(distinct(candidates, after) == 3);
  }
}

}  // namespace mpic::test
