// How long records must be kept, by what a deployment serves and by the date.
#include "coordinator/policy/retention.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

std::int64_t floor_of(const std::vector<Profile>& profiles, bool caa_is_reused, std::chrono::sys_days day) {
  return retention_floor(profiles, caa_is_reused, day).keep.count();
}

}  // namespace

TEST_CASE("records are kept for two years after the certificate that may rest on them", "[policy][retention]") {
  struct Row {
    const char* rule;
    std::vector<Profile> profiles;
    bool caa_is_reused;
    std::chrono::year_month_day day;
    std::int64_t days;
  };
  const Row rows[] = {
      {"TLS: 730 + 200 of reuse + 200 of validity", {Profile::kTls}, false, 2026y / 11 / 25, 1130},
      {"CAA that is reused for 398 days asks for more", {Profile::kTls}, true, 2026y / 11 / 25, 1328},
      {"S/MIME: 730 + 398 + 825", {Profile::kSmime}, false, 2026y / 11 / 25, 1953},
      {"S/MIME reuses everything for 398 days anyhow", {Profile::kSmime}, true, 2026y / 11 / 25, 1953},
      {"who serves both keeps for the longer", {Profile::kTls, Profile::kSmime}, false, 2026y / 11 / 25, 1953},
      {"in any order", {Profile::kSmime, Profile::kTls}, false, 2026y / 11 / 25, 1953},
      {"nothing rests on custom", {Profile::kCustom}, true, 2026y / 11 / 25, 0},
      {"a shorter phase does not shorten what is to be kept of the one before",
       {Profile::kTls},
       false,
       2027y / 3 / 15,
       1130},
      {"until its last record has been", {Profile::kTls}, false, 2030y / 4 / 17, 1130},
      {"and from then on the next phase is the longest", {Profile::kTls}, false, 2030y / 4 / 18, 930},
      {"which ends likewise", {Profile::kTls}, false, 2031y / 10 / 1, 787},
      {"before the first phase that this program knows", {Profile::kTls}, false, 2025y / 1 / 1, 1130},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(floor_of(row.profiles, row.caa_is_reused, std::chrono::sys_days(row.day)) == row.days);
    }
}

TEST_CASE("the floor says where it comes from", "[policy][retention]") {
  const std::vector<Profile> both = {Profile::kTls, Profile::kSmime};
  const RetentionFloor floor = retention_floor(both, false, std::chrono::sys_days(2026y / 11 / 25));
  CHECK(floor.phase.clauses == "SBR 4.2.1, 6.3.2");
  CHECK(floor.phase.reuse == std::chrono::days(398));
  CHECK(floor.phase.validity == std::chrono::days(825));
}
