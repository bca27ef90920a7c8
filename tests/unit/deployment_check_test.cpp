#include "coordinator/policy/deployment_check.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }
const TimePoint kOctober2026 = at(2026y / 10 / 4);

DeployedPerspective placed(const char* id, Role role, Rir rir, double latitude, double longitude) {
  const Place place{id, latitude, longitude};
  return {*PerspectiveId::parse(id), role, rir, place, place, rir};
}

std::vector<DeployedPerspective> six_regions() {
  return {placed("primary", Role::kPrimary, Rir::kRipe, 50.11, 8.68),
          placed("dub", Role::kRemote, Rir::kRipe, 53.35, -6.26),
          placed("iad", Role::kRemote, Rir::kArin, 39.04, -77.49),
          placed("pdx", Role::kRemote, Rir::kArin, 45.52, -122.68),
          placed("sin", Role::kRemote, Rir::kApnic, 1.35, 103.82),
          placed("gru", Role::kRemote, Rir::kLacnic, -23.55, -46.63),
          placed("jnb", Role::kRemote, Rir::kAfrinic, -26.20, 28.05)};
}

const DeploymentTerms kTlsTerms{.phases = phases_of(std::array{Profile::kTls}, {})};

DeploymentFindings checked(const std::vector<DeployedPerspective>& perspectives, TimePoint when = kOctober2026,
                           const DeploymentTerms& terms = kTlsTerms) {
  return check_deployment(perspectives, terms, when);
}

// The one violation after a change, "" when there is none; several are joined.
template <class Change>
std::string after(Change change) {
  auto perspectives = six_regions();
  change(perspectives);
  std::string out;
  for (const Problem& violation : checked(perspectives).violations) {
    CHECK(violation.code == ProblemCode::kPolicy);
    out += (out.empty() ? "" : " | ") + violation.where + ": " + violation.detail;
  }
  return out;
}

using Perspectives = std::vector<DeployedPerspective>;

}  // namespace

TEST_CASE("a deployment in six regions complies, today and later", "[policy][deployment]") {
  const auto findings = checked(six_regions());
  CHECK(findings.violations.empty());
  CHECK(findings.upcoming.empty());
}

TEST_CASE("what a deployment must not be (BR 3.2.2.9)", "[policy][deployment]") {
  struct Row {
    const char* rule;
    std::string found;
    const char* says;
  };
  const Row rows[] = {
      {"no Primary", after([](Perspectives& p) { p.erase(p.begin()); }), "must be the Primary"},
      {"two Primaries", after([](Perspectives& p) { p[1].role = Role::kPrimary; }), "this deployment has 2"},
      {"an id twice", after([](Perspectives& p) { p[2].id = p[1].id; }), "two perspectives have the id \"dub\""},
      {"three remotes where four are needed", after([](Perspectives& p) { p.erase(p.begin() + 4, p.end()); }),
       "BR 3.2.2.9 asks for 4 remote perspectives; this deployment has 3"},
      {"all remotes in one region", after([](Perspectives& p) {
         for (auto& one : p) one.rir = one.resolver_rir = Rir::kArin;
       }),
       "in 2 RIR regions; this deployment has them in 1"},
      {"two too near", after([](Perspectives& p) {
         p[1].place = {"ams", 52.37, 4.90};
       }),
       "primary and dub are 36"},
      {"a remote at the Primary's place", after([](Perspectives& p) { p[1].place = p[0].place; }), "are 0.0 km apart"},
      {"resolvers too near", after([](Perspectives& p) {
         p[1].resolver_place = {"ams", 52.37, 4.90};
       }),
       "the resolvers of primary and dub are 36"},
      {"a resolver in another region", after([](Perspectives& p) { p[3].resolver_rir = Rir::kRipe; }),
       "pdx: its resolver is in the region of RIPE, the perspective in that of ARIN"},
      {"a latitude that is none", after([](Perspectives& p) { p[4].place.latitude = 91; }),
       "sin: the place's latitude"},
      {"a longitude that is none", after([](Perspectives& p) { p[4].resolver_place.longitude = -181; }),
       "sin: the resolver's latitude"},
      {"a place that is no number",
       after([](Perspectives& p) { p[4].place.latitude = std::numeric_limits<double>::quiet_NaN(); }),
       "sin: the place's latitude"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_THAT(row.found, Catch::Contains(row.says));
      CHECK_THAT(row.found, !Catch::Contains("|"));  // nothing else
    }
  CHECK(after([](Perspectives& p) { p[1].place = {"ams", 52.37, 4.90}; }).find("505.0 km") != std::string::npos);
}

TEST_CASE("500 km is too near, 505 km is not (ours: the formula's margin)", "[policy][deployment]") {
  const auto apart = [](double km) {
    auto perspectives = six_regions();
    const double degrees = km / 111.195;
    perspectives[0].place = perspectives[0].resolver_place = {"a", 0, 0};
    perspectives[1].place = perspectives[1].resolver_place = {"b", 0, degrees};
    return checked(perspectives).violations.size();
  };
  CHECK(apart(499) == 2);  // place and resolver
  CHECK(apart(501) == 2);
  CHECK(apart(504.9) == 2);
  CHECK(apart(505.1) == 0);
}

TEST_CASE("shadows may be anywhere, and do not count", "[policy][deployment]") {
  auto perspectives = six_regions();
  perspectives.push_back(placed("shadow", Role::kShadow, Rir::kRipe, 50.11, 8.68));
  CHECK(checked(perspectives).violations.empty());
  perspectives = six_regions();
  for (std::size_t i = 4; i < perspectives.size(); ++i) perspectives[i].role = Role::kShadow;
  CHECK(checked(perspectives).violations.size() == 1);
  perspectives.push_back(placed("dub", Role::kShadow, Rir::kRipe, 0, 0));
  CHECK(checked(perspectives).violations.size() == 2);  // an id twice confuses records, shadow or not
}

TEST_CASE("an operator is told weeks ahead what will stop complying", "[policy][deployment]") {
  auto four = six_regions();
  four.erase(four.begin() + 5, four.end());
  const auto findings = checked(four);
  CHECK(findings.violations.empty());
  CHECK(findings.upcoming ==
        std::vector<std::string>{"from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4"});
  CHECK(checked(four, at(2026y / 12 / 15)).violations.size() == 1);
  CHECK(checked(four, at(2026y / 12 / 15)).upcoming.empty());

  std::vector<DeployedPerspective> two = {placed("primary", Role::kPrimary, Rir::kRipe, 50.11, 8.68),
                                          placed("dub", Role::kRemote, Rir::kRipe, 53.35, -6.26),
                                          placed("mad", Role::kRemote, Rir::kRipe, 40.42, -3.70)};
  const auto early = checked(two, at(2026y / 1 / 1));
  CHECK(early.violations.empty());
  CHECK(early.upcoming.size() == 6);  // three phases, each by number and by region
  CHECK_THAT(early.upcoming.front(), Catch::StartsWith("from 2026-03-15 BR 3.2.2.9"));
  CHECK_THAT(early.upcoming[1], Catch::Contains("2 RIR regions; this deployment has them in 1"));
  CHECK(checked(two, at(2024y / 1 / 1)).violations.empty());
}

TEST_CASE("a Primary that is asserted need not be configured, and there are never two", "[policy][deployment]") {
  DeploymentTerms asserted = kTlsTerms;
  asserted.primary_is_asserted = true;
  auto perspectives = six_regions();
  CHECK(checked(perspectives, kOctober2026, asserted).violations.empty());
  perspectives[1].role = Role::kPrimary;
  CHECK(checked(perspectives, kOctober2026, asserted).violations.size() == 1);
  perspectives = six_regions();
  perspectives.erase(perspectives.begin());
  CHECK(checked(perspectives, kOctober2026, asserted).violations.empty());
  CHECK(checked(perspectives, kOctober2026).violations.size() == 1);
  // What it lacks besides is told all the same.
  perspectives.erase(perspectives.begin() + 3, perspectives.end());
  CHECK(checked(perspectives, kOctober2026, asserted).violations.size() == 1);
}

TEST_CASE("a deployment is held against its own profiles, each by its clause", "[policy][deployment]") {
  struct Row {
    const char* rule;
    std::vector<Profile> profiles;
    CustomQuorum custom;
    const char* today;
    const char* later;
  };
  using P = Profile;
  const Row rows[] = {
      {"TLS", {P::kTls}, {}, "", "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4"},
      {"S/MIME",
       {P::kSmime},
       {},
       "",
       "from 2026-12-15 SBR 4.2.2.2 with BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4"},
      {"both, told once",
       {P::kTls, P::kSmime},
       {},
       "",
       "from 2026-12-15 BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4"},
      {"custom that asks for no more", {P::kCustom}, {4, {}}, "", ""},
      {"custom that asks for more",
       {P::kCustom},
       {6, 5},
       "policy.custom instead of BR 3.2.2.9 asks for 6 remote perspectives; this deployment has 4; "
       "policy.custom instead of BR 3.2.2.9 asks for remote perspectives in 5 RIR regions; this deployment has them in "
       "3",
       ""},
  };
  auto four = six_regions();
  four.erase(four.begin() + 5, four.end());
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto findings = checked(four, kOctober2026, {.phases = phases_of(row.profiles, row.custom)});
      std::string today;
      for (const Problem& violation : findings.violations) today += (today.empty() ? "" : "; ") + violation.detail;
      std::string later;
      for (const std::string& change : findings.upcoming) later += (later.empty() ? "" : "; ") + change;
      CHECK(today == row.today);
      CHECK(later == row.later);
    }
}

}  // namespace mpic::coordinator
