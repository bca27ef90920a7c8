// How a deployment stands to the policy, as a coordinator tells it.
#include "coordinator/perspectives/policy_report.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }
const TimePoint kNovember = at(2026y / 11 / 23);

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : " | ") + item;
  return out;
}

Deployment with_remotes(std::size_t remotes) {
  Deployment out = test::worldwide();
  out.perspectives.resize(1 + remotes, out.perspectives.front());
  return out;
}

}  // namespace

TEST_CASE("what applies, what changes next, and whether the deployment complies then", "[policy][report]") {
  const auto report = policy_report(with_remotes(4), Profile::kTls, kNovember);
  CHECK(report.current().min_remotes() == 4);
  CHECK(report.current().min_rirs() == 2);
  CHECK(report.current().effective() == "2026-06-15");
  CHECK(report.current().clause() == "BR 3.2.2.9");
  CHECK(report.next().min_remotes() == 5);
  CHECK(report.next().effective() == "2026-12-15");
  CHECK(report.complies_now());
  CHECK_FALSE(report.complies_next());
  CHECK(report.violations().empty());
  CHECK(joined(report.upcoming()) ==
        "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4");
  CHECK(report.next_change() == "2026-12-15");
  CHECK(joined(report.next_changes()) == "5 remote perspectives in 2 RIR regions are needed (BR 3.2.2.9)");
  CHECK(report.warnings().empty());
  CHECK(report.not_enforceable_because().empty());
}

TEST_CASE("after the last change of the quorum others are to come, until none is known", "[policy][report]") {
  const auto december = policy_report(with_remotes(4), Profile::kTls, at(2026y / 12 / 15));
  CHECK_FALSE(december.complies_now());
  CHECK_FALSE(december.complies_next());
  CHECK_FALSE(december.has_next());
  CHECK(joined(december.violations()) == "BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4");
  CHECK(december.next_change() == "2027-03-15");
  CHECK(december.next_changes().size() == 6);
  const auto last = policy_report(with_remotes(6), Profile::kTls, at(2029y / 3 / 15));
  CHECK(last.complies_now());
  CHECK(last.next_change().empty());
  CHECK(last.next_changes().empty());
  CHECK_THAT(joined(last.warnings()), Catch::Contains("was last compared with them on 2026-10-04"));
}

TEST_CASE("S/MIME by its own clause, version and table", "[policy][report]") {
  const auto report = policy_report(with_remotes(3), Profile::kSmime, kNovember);
  CHECK(report.current().clause() == "SBR 4.2.2.2 with BR 3.2.2.9");
  CHECK(joined(report.violations()) ==
        "SBR 4.2.2.2 with BR 3.2.2.9 asks for 4 remote perspectives; this deployment has 3");
  CHECK_THAT(joined(report.warnings()), Catch::Contains("1.0.16 of 2026-09-28 is published"));
}

TEST_CASE("a violation says of which perspective it is", "[policy][report]") {
  Deployment deployment = with_remotes(6);
  deployment.perspectives[1].where.resolver_rir = Rir::kArin;
  CHECK(joined(policy_report(deployment, Profile::kTls, kNovember).violations()) ==
        "dub: its resolver is in the region of ARIN, the perspective in that of RIPE (BR 3.2.2.9)");
}

TEST_CASE("custom is held against its own numbers, and is no basis for issuance", "[policy][report]") {
  Deployment deployment = with_remotes(2);
  deployment.profiles = {Profile::kCustom};
  deployment.custom_quorum = {2, 2};
  const auto report = policy_report(deployment, Profile::kCustom, kNovember);
  CHECK(report.complies_now());
  CHECK(report.current().min_remotes() == 2);
  CHECK_FALSE(report.has_next());
  CHECK(report.complies_next());
  CHECK_THAT(joined(report.not_enforceable_because()), Catch::Contains("the profile is custom"));
}
