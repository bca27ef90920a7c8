// What operators are warned of, and from when on.
#include "coordinator/program/outlook.hpp"

#include <functional>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }

struct World {
  Deployment deployment = test::worldwide();
  ReadinessFacts facts;
  bool agents_known = true;

  World() {
    facts.policy_time = at(2026y / 11 / 23);
    for (const PerspectiveEntry& entry : deployment.perspectives) {
      facts.perspectives.push_back({entry.where.id, true, "", "", {}, true});
    }
  }
  void keep(std::size_t perspectives) {
    deployment.perspectives.resize(perspectives, deployment.perspectives.front());
    facts.perspectives.resize(perspectives, facts.perspectives.front());
  }
  void without_ipv6(std::initializer_list<std::size_t> which) {
    for (const std::size_t one : which) facts.perspectives[one].ipv6 = false;
  }
};

std::string lines(const Outlook& found) {
  std::string out;
  for (const std::string& warning : found.warnings) out += warning + "\n";
  return out;
}

}  // namespace

TEST_CASE("operators are warned of what will not do", "[outlook]") {
  struct Row {
    const char* rule;
    std::function<void(World&)> change;
    const char* warnings;
  };
  const Row rows[] = {
      {"of nothing, when all is well", [](World&) {}, ""},
      {"of a change that the deployment does not satisfy yet", [](World& world) { world.keep(5); },
       "policy: from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4\n"},
      {"of what keeps every verdict from being relied on",
       [](World& world) { world.deployment.lab.top_level_domains = {"test"}; },
       "lab: top-level-domains test: every verdict will be NOT_DETERMINED, with would_be beside it\n"},
      {"of records that are not kept for long enough",
       [](World& world) { world.deployment.retention.keep = std::chrono::days(1129); },
       "retention: store.keep_days is 1129, and records must be kept for 1130 days (BR 5.4.3, 5.5.2): 200 of reuse and "
       "200 of validity (BR 4.2.1, 6.3.2), and 730 after the certificate's end\n"},
      {"not of a table that is six months old but for a day",
       [](World& world) { world.facts.policy_time = at(2027y / 4 / 3); }, ""},
      {"of a table that is six months old", [](World& world) { world.facts.policy_time = at(2027y / 4 / 4); },
       "policy: this program's table of the TLS Baseline Requirements was last compared with them on 2026-10-04, 182 "
       "days ago: they may demand more by now; update it\n"},
      {"not while four of six remotes have IPv6",
       [](World& world) {
         world.without_ipv6({1, 2});
       },
       ""},
      {"when only three have",
       [](World& world) {
         world.without_ipv6({1, 2, 3});
       },
       "IPv6: 3 of 6 remote perspectives have IPv6 egress, and a quorum needs 4 (BR 3.2.2.9): names that have only "
       "IPv6 "
       "addresses cannot be corroborated\n"},
      {"when the Primary has not", [](World& world) { world.without_ipv6({0}); },
       "IPv6: the Primary primary has no IPv6 egress: names that have only IPv6 addresses cannot be validated\n"},
      {"when they have not told, although there was time",
       [](World& world) {
         for (const std::size_t i : {4, 5, 6}) world.facts.perspectives[i].ipv6.reset();
       },
       "IPv6: 3 of 6 remote perspectives have IPv6 egress, and a quorum needs 4 (BR 3.2.2.9): names that have only "
       "IPv6 "
       "addresses cannot be corroborated\n"},
      {"but not before",
       [](World& world) {
         world.without_ipv6({0, 1, 2, 3}), world.agents_known = false;
       },
       ""},
      {"with planning, by what is asked",
       [](World& world) {
         world.deployment.planning.remotes = 4;
         world.deployment.planning.secret = std::string(32, 's');
         world.without_ipv6({1, 2, 3});
       },
       "policy: from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; planning.remotes is 4\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      World world;
      row.change(world);
      CHECK(lines(outlook(world.deployment, world.facts, world.agents_known)) == row.warnings);
    }
}

TEST_CASE("the next change of the policy, and whether it is satisfied", "[outlook]") {
  World world;
  Outlook found = outlook(world.deployment, world.facts, true);
  CHECK(found.complies);
  CHECK(found.next_change == std::chrono::sys_days(2026y / 12 / 15));
  CHECK(found.complies_then);
  CHECK(found.table_age == std::chrono::days(50));

  world.keep(5);
  found = outlook(world.deployment, world.facts, true);
  CHECK(found.complies);
  CHECK_FALSE(found.complies_then);

  world.facts.policy_time = at(2026y / 12 / 15);
  found = outlook(world.deployment, world.facts, true);
  CHECK_FALSE(found.complies);
  CHECK_FALSE(found.next_change);
  CHECK(found.complies_then);

  world.facts.policy_time = at(2026y / 9 / 1);  // before the table was made, as a test's clock may be
  CHECK(outlook(world.deployment, world.facts, true).table_age == std::chrono::days(0));
}
