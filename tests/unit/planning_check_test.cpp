// Whether what is asked satisfies the day, and the days to come, where a request asks fewer than there are.
#include "coordinator/policy/planning_check.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/chosen.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }

std::vector<DeployedPerspective> deployed(std::string_view rirs) {
  std::vector<DeployedPerspective> out;
  out.push_back({*PerspectiveId::parse("primary"), Role::kPrimary, Rir::kAfrinic, {}, {}, Rir::kAfrinic});
  out.push_back({*PerspectiveId::parse("shadow"), Role::kShadow, Rir::kLacnic, {}, {}, Rir::kLacnic});
  for (const Candidate& remote : remotes(rirs)) {
    out.push_back({remote.id, Role::kRemote, remote.rir, {}, {}, remote.rir});
  }
  return out;
}

std::string violations(const DeploymentFindings& findings) {
  std::string out;
  for (const Problem& violation : findings.violations) {
    CHECK(violation.code == ProblemCode::kPolicy);
    CHECK(violation.where == "planning");
    out += (out.empty() ? "" : " | ") + violation.detail;
  }
  return out;
}

std::string upcoming(const DeploymentFindings& findings) {
  std::string out;
  for (const std::string& change : findings.upcoming) out += (out.empty() ? "" : " | ") + change;
  return out;
}

Planning of(std::size_t remotes, std::size_t cohorts = 1) {
  Planning planning;
  planning.remotes = remotes;
  planning.cohorts = cohorts;
  return planning;
}

}  // namespace

TEST_CASE("what is asked must satisfy the day's phase, and is told ahead of the next (BR 3.2.2.9)",
          "[policy][planning]") {
  struct Row {
    const char* rule;
    const char* rirs;
    Planning planning;
    std::chrono::year_month_day day;
    const char* today;
    const char* later;
  };
  const DeploymentTerms terms{.phases = phases_of(std::array{Profile::kTls}, {})};
  const auto november = 2026y / 11 / 23;
  const auto december = 2026y / 12 / 15;
  const Row rows[] = {
      {"all are asked: nothing that the deployment's own check does not tell", "RRRR", of(0), december, "", ""},
      {"five of eight", "RRRAAPPL", of(5), december, "", ""},
      {"four of eight, while four are enough", "RRRAAPPL", of(4), november, "",
       "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; planning.remotes is 4"},
      {"four of eight, when five are needed", "RRRAAPPL", of(4), december,
       "BR 3.2.2.9 asks for 5 remote perspectives; planning.remotes is 4", ""},
      {"a phase that is over is not told", "RRRAAPPL", of(3), november,
       "BR 3.2.2.9 asks for 4 remote perspectives; planning.remotes is 3",
       "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; planning.remotes is 3"},
      {"two cohorts of ten", "RRRRAAPPLL", of(0, 2), december, "", ""},
      {"two cohorts of nine", "RRRRAAPPL", of(0, 2), november, "",
       "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; one of 2 cohorts has 4"},
      {"five of nine in two cohorts", "RRRRAAPPL", of(5, 2), december,
       "planning (BR 3.2.2.9): 5 remote perspectives are to be asked, and of 9 in 2 cohorts one has only 4", ""},
      {"two cohorts with one other region between them", "RRRRRRRRRA", of(5, 2), december,
       "planning (BR 3.2.2.9): 5 of 10 remote perspectives in 2 cohorts can lie in only 1 RIR region; 2 are needed",
       ""},
      {"before regions counted", "RRRRRRRRRA", of(5, 2), 2026y / 3 / 14, "",
       "from 2026-03-15 planning (BR 3.2.2.9): 5 of 10 remote perspectives in 2 cohorts can lie in only 1 RIR region; "
       "2 "
       "are needed | from 2026-06-15 planning (BR 3.2.2.9): 5 of 10 remote perspectives in 2 cohorts can lie in only 1 "
       "RIR region; 2 are needed | from 2026-12-15 planning (BR 3.2.2.9): 5 of 10 remote perspectives in 2 cohorts can "
       "lie in only 1 RIR region; 2 are needed"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const DeploymentFindings findings = check_planning(deployed(row.rirs), row.planning, terms, at(row.day));
      CHECK(violations(findings) == row.today);
      CHECK(upcoming(findings) == row.later);
    }
}

TEST_CASE("how many are asked, where that is not said", "[policy][planning]") {
  CHECK(remotes_asked(of(0), 7) == 7);
  CHECK(remotes_asked(of(5), 7) == 5);
  CHECK(remotes_asked(of(0, 2), 10) == 5);
  CHECK(remotes_asked(of(0, 2), 11) == 5);  // what every cohort has
  CHECK(remotes_asked(of(4, 2), 11) == 4);
}

}  // namespace mpic::test
