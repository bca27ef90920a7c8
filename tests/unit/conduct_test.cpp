#include "coordinator/pipeline/conduct.hpp"

#include "coordinator/perspectives/dissent.hpp"
#include "coordinator/perspectives/health.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_clock.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;

PerspectiveEntry entry(const char* id, Role role) {
  return PerspectiveEntry{.where = {.id = PerspectiveId::parse(id).value(), .role = role}};
}

// A deployment of a Primary, four remotes and a shadow, all connected; and decisions about them.
struct Observed {
  test::FakeClock clock{TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23))};
  Deployment deployment;
  std::optional<HealthBoard> health;
  Dissent dissent;
  std::optional<KeptConduct> conduct;

  Observed() {
    deployment.perspectives.push_back(entry("primary", Role::kPrimary));
    for (const char* id : {"r1", "r2", "r3", "r4"}) deployment.perspectives.push_back(entry(id, Role::kRemote));
    deployment.perspectives.push_back(entry("shadow", Role::kShadow));
    health.emplace(deployment, clock);
    for (const PerspectiveEntry& one : deployment.perspectives) {
      health->note_connected(one.where.id, true, clock.steady_now());
    }
    conduct.emplace(*health, dissent, clock);
  }

  // Outcomes in the order of the deployment.
  [[nodiscard]] Decision decision(const std::vector<Outcome>& outcomes) const {
    CheckDecision check{.kind = CheckKind::kCaa, .verdict = Verdict::kCorroborated};
    for (std::size_t i = 0; i < outcomes.size(); ++i) check.rows.push_back({&deployment.perspectives[i], outcomes[i]});
    Decision out{};
    out.checks.push_back(std::move(check));
    return out;
  }
  [[nodiscard]] bool is_ready(std::size_t index) const {
    return conduct->standing(deployment.perspectives[index].where.id).ready;
  }
  [[nodiscard]] bool is_suspected(std::size_t index) const {
    return conduct->suspicion(deployment.perspectives[index].where.id).has_value();
  }
};

constexpr auto kYes = Outcome::kCorroborates;
constexpr auto kNo = Outcome::kContradicts;

TEST_CASE("what decisions tell of perspectives", "[conduct]") {
  Observed all;
  SECTION("evidence that fails again and again makes a perspective unfit to be planned onto, and nobody else") {
    for (int i = 0; i < 3; ++i) {
      all.conduct->note(all.decision({kYes, Outcome::kEvidenceInvalid, kYes, kYes, kYes, kYes}));
    }
    CHECK_FALSE(all.is_ready(1));
    CHECK(all.is_ready(0));
    CHECK(all.is_ready(2));
  }
  SECTION("a site that cannot be reached is no perspective's fault") {
    const auto out = Outcome::kCouldNotLook;
    for (int i = 0; i < 30; ++i) all.conduct->note(all.decision({out, out, out, out, out, out}));
    for (std::size_t i = 0; i < 6; ++i) CHECK(all.is_ready(i));
  }
  SECTION("who contradicts the rest again and again is suspected, and stays fit") {
    for (int i = 0; i < 100; ++i) all.conduct->note(all.decision({kYes, kYes, kNo, kYes, kYes, kYes}));
    CHECK(all.is_suspected(2));
    CHECK_FALSE(all.is_suspected(1));
    CHECK(all.is_ready(2));
  }
  SECTION("shadows and the Primary are nobody's peers") {
    for (int i = 0; i < 100; ++i) all.conduct->note(all.decision({kYes, kYes, kYes, kYes, kYes, kNo}));
    CHECK_FALSE(all.is_suspected(5));
  }
  SECTION("beside a Primary that is not positive a contradiction tells nothing") {
    for (int i = 0; i < 100; ++i) all.conduct->note(all.decision({kNo, kYes, kNo, kYes, kYes, kYes}));
    CHECK_FALSE(all.is_suspected(2));
  }
  SECTION("a suspect that contradicts in a decision is named in it, one that agrees is not") {
    for (int i = 0; i < 100; ++i) all.conduct->note(all.decision({kYes, kYes, kNo, kYes, kYes, kYes}));
    Decision again = all.decision({kYes, kYes, kNo, kYes, kYes, kYes});
    add_suspicions(*all.conduct, again);
    REQUIRE(again.findings.size() == 1);
    CHECK_THAT(again.findings.front(), Catch::StartsWith("r2 contradicts the rest in "));
    Decision fine = all.decision({kYes, kYes, kYes, kYes, kYes, kYes});
    add_suspicions(*all.conduct, fine);
    CHECK(fine.findings.empty());
  }
}

}  // namespace
}  // namespace mpic::coordinator
