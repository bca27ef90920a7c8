#include "coordinator/policy/baseline_requirements.hpp"

#include <array>
#include <string>
#include <vector>

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
      // `custom` has no table of its own.
      for (const Profile profile : {Profile::kTls, Profile::kCustom}) {
        const auto phase = quorum_phase_at(profile, row.when);
        REQUIRE(phase.has_value() == (row.remotes != 0));
        if (!phase) continue;
        CHECK(phase->min_remotes == row.remotes);
        CHECK(phase->min_rirs == row.rirs);
        CHECK(phase->enforced == row.enforced);
        CHECK(phase->clause == "BR 3.2.2.9");
      }
    }
}

TEST_CASE("S/MIME asks for corroboration from its own day on, by the same numbers (SBR 4.2.2.2)", "[policy]") {
  struct Row {
    const char* rule;
    TimePoint when;
    std::size_t remotes;  // 0: no rule yet
    std::size_t rirs;
  };
  const Row rows[] = {
      {"not while TLS only reports", at(2025y / 3 / 15), 0, 0},
      {"the last moment without", at(2025y / 5 / 15) - 1ns, 0, 0},
      {"enforced at once", at(2025y / 5 / 15), 2, 1},
      {"the last moment of two", at(2026y / 3 / 15) - 1ns, 2, 1},
      {"three, and two RIRs", at(2026y / 3 / 15), 3, 2},
      {"four", at(2026y / 6 / 15), 4, 2},
      {"the last moment of four", at(2026y / 12 / 15) - 1ns, 4, 2},
      {"five", at(2026y / 12 / 15), 5, 2},
      {"years later", at(2040y / 1 / 1), 5, 2},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto phase = quorum_phase_at(Profile::kSmime, row.when);
      REQUIRE(phase.has_value() == (row.remotes != 0));
      if (!phase) continue;
      CHECK(phase->min_remotes == row.remotes);
      CHECK(phase->min_rirs == row.rirs);
      CHECK(phase->enforced);
      CHECK(phase->clause == "SBR 4.2.2.2 with BR 3.2.2.9");
    }
}

TEST_CASE("a table only ever asks for more, and knows what comes next", "[policy]") {
  for (const Profile profile : kProfiles) DYNAMIC_SECTION(to_string(profile)) {
      const auto phases = quorum_phases(profile);
      CHECK(phases.size() == (profile == Profile::kSmime ? 4 : 5));
      for (std::size_t i = 1; i < phases.size(); ++i) {
        CHECK(phases[i - 1].effective < phases[i].effective);
        CHECK(phases[i - 1].min_remotes <= phases[i].min_remotes);
        CHECK(phases[i - 1].min_rirs <= phases[i].min_rirs);
        CHECK(next_quorum_phase(profile, phases[i - 1].effective)->effective == phases[i].effective);
        CHECK(next_quorum_phase(profile, TimePoint(phases[i].effective) - 1ns)->effective == phases[i].effective);
      }
      CHECK(next_quorum_phase(profile, at(2020y / 1 / 1))->effective == phases.front().effective);
      CHECK_FALSE(next_quorum_phase(profile, phases.back().effective));
    }
}

TEST_CASE("what satisfies all profiles of a deployment, and the numbers of custom", "[policy]") {
  struct Row {
    const char* rule;
    std::vector<Profile> profiles;
    CustomQuorum custom;
    std::string phases;
  };
  using P = Profile;
  const std::string later = "2026-03-15 3/2, 2026-06-15 4/2, 2026-12-15 5/2";
  const Row rows[] = {
      {"TLS alone", {P::kTls}, {}, "2025-03-15 2/1 reported, 2025-09-15 2/1, " + later},
      {"S/MIME alone", {P::kSmime}, {}, "2025-05-15 2/1, " + later},
      {"both: enforced by whichever is first",
       {P::kTls, P::kSmime},
       {},
       "2025-03-15 2/1 reported, 2025-05-15 2/1, " + later},
      {"in whatever order", {P::kSmime, P::kTls}, {}, "2025-03-15 2/1 reported, 2025-05-15 2/1, " + later},
      {"custom: as TLS, and something at every moment",
       {P::kCustom},
       {},
       "1970-01-01 2/1 reported, 2025-09-15 2/1, " + later},
      {"custom with both numbers never changes", {P::kCustom}, {1, 1}, "1970-01-01 1/1 reported"},
      {"also when it asks for more", {P::kCustom}, {7, 4}, "1970-01-01 7/4 reported"},
      {"custom with a number of remotes follows the regions",
       {P::kCustom},
       {2, {}},
       "1970-01-01 2/1 reported, 2026-03-15 2/2 reported"},
      {"and the other way round",
       {P::kCustom},
       {{}, 1},
       "1970-01-01 2/1 reported, 2026-03-15 3/1 reported, 2026-06-15 4/1 reported, 2026-12-15 5/1 reported"},
      {"nobody's", {}, {}, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      std::string told;
      for (const QuorumPhase& phase : phases_of(row.profiles, row.custom)) {
        told += (told.empty() ? "" : ", ") + to_string(phase.effective) + " " + std::to_string(phase.min_remotes) +
                "/" + std::to_string(phase.min_rirs) + (phase.enforced ? "" : " reported");
      }
      CHECK(told == row.phases);
    }
  const std::array both = {P::kTls, P::kSmime};
  CHECK(phases_of(both, {}).back().clause == "BR 3.2.2.9");
  CHECK(phases_of(std::array{P::kSmime}, {}).back().clause == "SBR 4.2.2.2 with BR 3.2.2.9");
  CHECK(phases_of(std::array{P::kCustom}, {1, {}}).back().clause == "policy.custom instead of BR 3.2.2.9");
}

TEST_CASE("each profile says which text its tables were compared with", "[policy]") {
  CHECK(rules_version(Profile::kTls).name == "TLS Baseline Requirements");
  CHECK(rules_version(Profile::kTls).version == "2.3.1");
  CHECK(rules_version(Profile::kTls).newer.empty());
  CHECK(rules_version(Profile::kSmime).name == "S/MIME Baseline Requirements");
  CHECK(rules_version(Profile::kSmime).version == "1.0.10");
  CHECK(rules_version(Profile::kSmime).newer == "1.0.16 of 2026-09-28");
  CHECK(rules_version(Profile::kCustom).version == "2.3.1");
  for (const Profile profile : kProfiles) CHECK(rules_version(profile).compared == sys_days(2026y / 10 / 4));
}

TEST_CASE("days are written as ISO 8601 says", "[policy]") {
  CHECK(to_string(sys_days(2026y / 12 / 15)) == "2026-12-15");
  CHECK(to_string(sys_days(2025y / 3 / 5)) == "2025-03-05");
}

}  // namespace mpic::coordinator
