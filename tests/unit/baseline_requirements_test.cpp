#include "coordinator/policy/baseline_requirements.hpp"

#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(sys_days(day)); }

}  // namespace

TEST_CASE("remote perspectives needed, by date (BR 3.2.2.9)", "[policy]") {
  struct Row {
    const char* rule;
    TimePoint when;
    std::size_t remotes;  // 0: no rule yet
    std::size_t rirs;
    bool enforced;
  };
  const Row rows[] = {
      {"before any rule", at(2025y / 3 / 14), 0, 0, false},
      {"the last moment before it", at(2025y / 3 / 15) - 1ns, 0, 0, false},
      {"report only", at(2025y / 3 / 15), 2, 1, false},
      {"still report only", at(2025y / 9 / 15) - 1ns, 2, 1, false},
      {"enforced", at(2025y / 9 / 15), 2, 1, true},
      {"the last moment of two", at(2026y / 3 / 15) - 1ns, 2, 1, true},
      {"three, and two RIRs", at(2026y / 3 / 15), 3, 2, true},
      {"four", at(2026y / 6 / 15), 4, 2, true},
      {"the last moment of four", at(2026y / 12 / 15) - 1ns, 4, 2, true},
      {"five", at(2026y / 12 / 15), 5, 2, true},
      {"years later", at(2040y / 1 / 1), 5, 2, true},
      {"long ago", at(1970y / 1 / 1), 0, 0, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto phase = quorum_phase_at(row.when);
      REQUIRE(phase.has_value() == (row.remotes != 0));
      if (!phase) continue;
      CHECK(phase->min_remotes == row.remotes);
      CHECK(phase->min_rirs == row.rirs);
      CHECK(phase->enforced == row.enforced);
      CHECK(phase->clause == "BR 3.2.2.9");
    }
}

TEST_CASE("the table only ever asks for more, and knows what comes next", "[policy]") {
  const auto phases = quorum_phases();
  REQUIRE(phases.size() == 5);
  for (std::size_t i = 1; i < phases.size(); ++i) {
    CHECK(phases[i - 1].effective < phases[i].effective);
    CHECK(phases[i - 1].min_remotes <= phases[i].min_remotes);
    CHECK(phases[i - 1].min_rirs <= phases[i].min_rirs);
    CHECK(next_quorum_phase(phases[i - 1].effective)->effective == phases[i].effective);
    CHECK(next_quorum_phase(TimePoint(phases[i].effective) - 1ns)->effective == phases[i].effective);
  }
  CHECK(next_quorum_phase(at(2020y / 1 / 1))->effective == phases.front().effective);
  CHECK_FALSE(next_quorum_phase(phases.back().effective));
}

TEST_CASE("days are written as ISO 8601 says", "[policy]") {
  CHECK(to_string(sys_days(2026y / 12 / 15)) == "2026-12-15");
  CHECK(to_string(sys_days(2025y / 3 / 5)) == "2025-03-05");
}

}  // namespace mpic::coordinator
