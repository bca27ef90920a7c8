// Whether a deployment satisfies the policy, now and at each change that is known.
#include "coordinator/policy/compliance.hpp"

#include <array>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }

// "2026-03-15 yes, 2026-12-15 no"
std::string told(const std::vector<ComplianceThen>& changes) {
  std::string out;
  for (const ComplianceThen& then : changes) {
    out += (out.empty() ? "" : ", ") + to_string(then.phase.effective) + (then.violations.empty() ? " yes" : " no");
  }
  return out;
}

std::string told(const PolicyStanding& standing) {
  return std::string(standing.complies_now ? "yes, " : "no, ") +
         (standing.next ? to_string(*standing.next) : std::string("never")) + (standing.complies_next ? " yes" : " no");
}

}  // namespace

TEST_CASE("whether a deployment complies now, next, and at each change that is known (BR 3.2.2.9)",
          "[policy][compliance]") {
  struct Row {
    const char* rule;
    std::size_t remotes;
    std::size_t asked;  // planning.remotes
    TimePoint when;
    const char* standing;
    const char* changes;
  };
  const TimePoint november = at(2026y / 11 / 23);
  const TimePoint december = at(2026y / 12 / 15);
  const Row rows[] = {
      {"six remotes comply, and will", 6, 0, november, "yes, 2026-12-15 yes", "2026-12-15 yes"},
      {"four comply, and will not", 4, 0, november, "yes, 2026-12-15 no", "2026-12-15 no"},
      {"until the last moment", 4, 0, december - 1ns, "yes, 2026-12-15 no", "2026-12-15 no"},
      {"then they do not, and nothing else is known", 4, 0, december, "no, never no", ""},
      {"six go on to", 6, 0, december, "yes, never yes", ""},
      {"three never did", 3, 0, november, "no, 2026-12-15 no", "2026-12-15 no"},
      {"long before, each change is told", 3, 0, at(2025y / 12 / 1), "yes, 2026-03-15 yes",
       "2026-03-15 yes, 2026-06-15 no, 2026-12-15 no"},
      {"what is asked counts, not what there is", 6, 4, november, "yes, 2026-12-15 no", "2026-12-15 no"},
      {"and when it is too few today", 6, 3, november, "no, 2026-12-15 no", "2026-12-15 no"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Deployment deployment = test::worldwide();
      deployment.perspectives.resize(1 + row.remotes, deployment.perspectives.front());
      deployment.planning.remotes = row.asked;
      const PolicySubject subject = deployment.policy_subject();
      CHECK(told(policy_standing(subject, row.when)) == row.standing);
      CHECK(told(complies_at_each_change(subject, row.when)) == row.changes);
      CHECK(findings_at(subject, row.when).violations.empty() == policy_standing(subject, row.when).complies_now);
    }
}

TEST_CASE("drained perspectives are deployed all the same", "[policy][compliance]") {
  Deployment deployment = test::worldwide();
  for (PerspectiveEntry& entry : deployment.perspectives) entry.drained = entry.where.role == Role::kRemote;
  CHECK(deployment.findings_at(at(2026y / 12 / 15)).violations.empty());
}

TEST_CASE("a Primary is asserted where every client may", "[policy][compliance]") {
  Deployment deployment = test::worldwide();
  const PerspectiveEntry primary = deployment.perspectives.front();
  deployment.perspectives.erase(deployment.perspectives.begin());
  CHECK(deployment.findings_at(at(2026y / 12 / 15)).violations.size() == 1);
  deployment.clients.front().asserted_primary = primary;
  CHECK(deployment.findings_at(at(2026y / 12 / 15)).violations.empty());
  deployment.clients.push_back({.name = "other", .san = "other.example"});
  CHECK(deployment.findings_at(at(2026y / 12 / 15)).violations.size() == 1);
  deployment.clients.clear();
  CHECK(deployment.findings_at(at(2026y / 12 / 15)).violations.size() == 1);
}

TEST_CASE("each profile's own numbers, and the largest of all of them", "[policy][compliance]") {
  Deployment deployment = test::worldwide();
  deployment.profiles = {Profile::kTls, Profile::kSmime};
  const TimePoint april = at(2025y / 4 / 1);
  CHECK(deployment.quorum_at(Profile::kTls, april)->min_remotes == 2);
  CHECK_FALSE(deployment.quorum_at(Profile::kSmime, april));
  CHECK(deployment.quorum_at(april)->min_remotes == 2);
  CHECK(deployment.quorum_at(Profile::kSmime, april).error().code == ProblemCode::kDeploymentPolicy);
  for (const Profile profile : deployment.profiles) {
    CHECK(deployment.quorum_at(profile, at(2026y / 12 / 15))->min_remotes == 5);
    CHECK(deployment.quorum_at(profile, at(2026y / 12 / 15))->min_rirs == 2);
  }
  deployment.profiles = {Profile::kCustom};
  deployment.custom_quorum.min_rirs = 3;
  CHECK(deployment.quorum_at(at(2000y / 1 / 1))->min_remotes == 2);
  CHECK(deployment.quorum_at(at(2026y / 12 / 15))->min_rirs == 3);
}

TEST_CASE("a stamp names the text that its profile goes by", "[policy]") {
  const Deployment deployment = test::worldwide();
  const auto stamp = [&](Profile profile) {
    const v1::PolicyStamp out = policy_stamp(deployment, profile, at(2026y / 11 / 23));
    return out.profile() + ", " + out.br_version() + " of " + out.table_date();
  };
  CHECK(stamp(Profile::kTls) == "cabf-tls-br, 2.3.1 of 2026-10-04");
  CHECK(stamp(Profile::kSmime) == "cabf-smime-br, 1.0.10 of 2026-10-04");
  CHECK(stamp(Profile::kCustom) == "custom, 2.3.1 of 2026-10-04");
}
