// Every dated change, and how old the tables may be.
#include "coordinator/policy/changes.hpp"

#include <algorithm>

#include "coordinator/policy/methods.hpp"
#include "coordinator/policy/reuse.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(sys_days(day)); }

std::string told(const std::vector<PolicyChange>& changes) {
  std::string out;
  for (const PolicyChange& change : changes) {
    out += to_string(change.day) + " " + change.what + " (" + change.clause + ")\n";
  }
  return out;
}

}  // namespace

TEST_CASE("what changes after a day, of any kind, in the order of the days (BR 1.6.4)", "[policy][changes]") {
  CHECK(told(changes_after(Profile::kTls, at(2026y / 11 / 23))) ==
        R"(2026-12-15 5 remote perspectives in 2 RIR regions are needed (BR 3.2.2.9)
2027-03-15 contact-phone-txt MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.16)
2027-03-15 contact-phone-caa MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.17)
2027-03-15 reverse-address-lookup MUST NOT be used any more, nor what it showed before (BR 3.2.2.5.3)
2027-03-15 a validation is at most 100 days old when a certificate is issued (BR 4.2.1)
2027-03-15 a TLS server certificate is valid for 100 days at most (BR 6.3.2)
2027-03-15 accounturi and validationmethods of CAA (RFC 8657) must be obeyed (BR 4.2.2.1.2)
2028-03-15 contact-email-caa MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.13)
2028-03-15 contact-email-txt MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.14)
2029-03-15 a validation is at most 10 days old when a certificate is issued (BR 4.2.1)
2029-03-15 a TLS server certificate is valid for 47 days at most (BR 6.3.2)
)");
  CHECK(told(changes_after(Profile::kSmime, at(2026y / 11 / 23))) ==
        R"(2026-12-15 5 remote perspectives in 2 RIR regions are needed (SBR 4.2.2.2 with BR 3.2.2.9)
2027-03-15 contact-phone-txt MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.16)
2027-03-15 contact-phone-caa MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.17)
2028-03-15 contact-email-caa MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.13)
2028-03-15 contact-email-txt MUST NOT be used any more, nor what it showed before (BR 3.2.2.4.14)
)");
  CHECK(told(changes_after(Profile::kCustom, at(2026y / 11 / 23))) ==
        told(changes_after(Profile::kTls, at(2026y / 11 / 23))));
  CHECK(changes_after(Profile::kTls, at(2029y / 3 / 15)).empty());
}

TEST_CASE("a change is to come until its first moment", "[policy][changes]") {
  const auto days_after = [](TimePoint when) { return changes_after(Profile::kTls, when).front().day; };
  CHECK(days_after(at(2026y / 12 / 15) - 1ns) == sys_days(2026y / 12 / 15));
  CHECK(days_after(at(2026y / 12 / 15)) == sys_days(2027y / 3 / 15));
}

TEST_CASE("no dated row of any table is missing among the changes", "[policy][changes]") {
  for (const Profile profile : kProfiles) DYNAMIC_SECTION(to_string(profile)) {
      const auto changes = changes_after(profile, TimePoint{});
      CHECK(std::is_sorted(changes.begin(), changes.end(),
                           [](const PolicyChange& a, const PolicyChange& b) { return a.day < b.day; }));
      const auto count = [&](sys_days day, std::string_view clause) {
        return std::count_if(changes.begin(), changes.end(),
                             [&](const PolicyChange& change) { return change.day == day && change.clause == clause; });
      };
      for (const QuorumPhase& phase : quorum_phases(profile)) CHECK(count(phase.effective, phase.clause) == 1);
      for (const ReusePhase& phase : reuse_phases(profile).subspan(1)) CHECK(count(phase.effective, phase.clause) == 1);
      for (const MethodRow& row : method_rows()) {
        const bool applies = profile != Profile::kSmime || !row.for_ip;
        INFO(row.clause);
        if (row.should_not) CHECK(count(*row.should_not, row.clause) == (applies ? 1 : 0));
        if (row.must_not) CHECK(count(*row.must_not, row.clause) == (applies ? 1 : 0));
      }
    }
}

TEST_CASE("a table is stale from six calendar months on", "[policy][changes]") {
  struct Row {
    const char* rule;
    std::chrono::year_month_day compared;
    std::chrono::year_month_day stale;  // from its first moment
  };
  const Row rows[] = {
      {"of the table as it is", 2026y / 10 / 4, 2027y / 4 / 4},
      {"into the next year", 2026y / 7 / 1, 2027y / 1 / 1},
      {"August has a day that February has not", 2026y / 8 / 31, 2027y / 2 / 28},
      {"but for leap years", 2027y / 8 / 30, 2028y / 2 / 29},
      {"March has one that September has not", 2026y / 3 / 31, 2026y / 9 / 30},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_FALSE(is_stale(row.compared, at(row.compared)));
      CHECK_FALSE(is_stale(row.compared, at(row.stale) - 1ns));
      CHECK(is_stale(row.compared, at(row.stale)));
      CHECK_FALSE(is_stale(row.compared, at(2000y / 1 / 1)));  // a clock that a test has set
    }
}

TEST_CASE("operators are told of a table that is old, or that a newer text was published for", "[policy][changes]") {
  const auto warnings = [](Profile profile, TimePoint when) {
    std::string out;
    for (const std::string& warning : table_warnings(profile, when)) out += warning + "\n";
    return out;
  };
  const std::string newer =
      "this program's table is of the S/MIME Baseline Requirements 1.0.10; 1.0.16 of 2026-09-28 is published, and was "
      "not "
      "compared with it\n";
  CHECK(warnings(Profile::kTls, at(2027y / 4 / 3)).empty());
  CHECK(warnings(Profile::kSmime, at(2027y / 4 / 3)) == newer);
  CHECK(
      warnings(Profile::kTls, at(2027y / 4 / 4)) ==
      "this program's table of the TLS Baseline Requirements was last compared with them on 2026-10-04, 182 days ago: "
      "they may demand more by now; update it\n");
  CHECK(warnings(Profile::kCustom, at(2027y / 4 / 4)) == warnings(Profile::kTls, at(2027y / 4 / 4)));
  CHECK_THAT(warnings(Profile::kSmime, at(2028y / 1 / 1)),
             Catch::StartsWith("this program's table of the S/MIME Baseline Requirements was last compared") &&
                 Catch::EndsWith(newer));
}
