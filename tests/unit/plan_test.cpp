// What each perspective of a plan is asked.
#include <map>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/chosen.hpp"
#include "tests/support/observed.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

class Steady final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out) octet = ++state_;
  }

 private:
  std::uint8_t state_ = 0;
};

class Told final : public Standings {
 public:
  [[nodiscard]] Standing standing(const PerspectiveId& perspective) const override {
    const auto found = not_ready.find(perspective.text());
    return found == not_ready.end() ? Standing{} : Standing{false, found->second};
  }
  std::map<std::string, std::string> not_ready;
};

// A Primary, eight remotes of which five are asked, and a shadow.
struct Planner {
  Planner() {
    const auto add = [&](const std::string& id, Role role, Rir rir) {
      deployment.perspectives.push_back({.where = {.id = *PerspectiveId::parse(id), .role = role, .rir = rir}});
    };
    add("primary", Role::kPrimary, Rir::kArin);
    for (const Candidate& remote : remotes("RRRAAPPL")) add(remote.id.text(), Role::kRemote, remote.rir);
    add("shadow", Role::kShadow, Rir::kAfrinic);
    deployment.planning.remotes = 5;
    deployment.planning.secret = kSecret;
    const std::string token = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
    request.dcv = DcvQuestion{AcmeHttp01{token, token + "." + std::string(43, 'k')}};
    request.caa = CaaQuestion{.issuer_domains = {"ca.example"}};
    request.quorum = {.min_remotes = 4, .min_rirs = 2};
  }

  [[nodiscard]] Plan plan(std::size_t number = 0) {
    return plan_remotes({request, deployment, AttemptId{7}, number, TimePoint{}, 5s}, standings, random);
  }

  // "r1 dcv caa, r4 dcv, ..."
  [[nodiscard]] std::string asked() {
    std::string out;
    for (const PlannedLook& look : plan().looks) {
      out += (out.empty() ? "" : ", ") + look.perspective->where.id.text();
      if (look.assignment.dcv) out += " dcv";
      if (look.assignment.caa) out += " caa";
    }
    return out;
  }

  Deployment deployment{.log_origin = "mpic.test/unit", .profiles = {Profile::kTls}};
  CheckedRequest request{.identifier = identifier("example.com"), .budget = 20s};
  Told standings;
  Steady random;
};

}  // namespace

TEST_CASE("who is asked, and what", "[planning]") {
  struct Row {
    const char* rule;
    std::function<void(Planner&)> change;
    const char* asked;
  };
  const Row rows[] = {
      {"five of eight, everything, and the shadow", [](Planner&) {},
       "r2 dcv caa, r4 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"for a wildcard the same as for its name",
       [](Planner& p) { p.request.identifier = identifier("*.example.com"); },
       "r2 dcv caa, r4 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"for a name that is validated at another the same as for that",
       [](Planner& p) {
         p.request.identifier = identifier("www.example.org");
         p.request.authorization_domain = dns_name("example.com");
       },
       "r2 dcv caa, r4 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"for an address by its text",
       [](Planner& p) {
         p.request.identifier = identifier("192.0.2.1");
         p.request.caa.reset();
       },
       "r1 dcv, r4 dcv, r5 dcv, r7 dcv, r8 dcv, shadow dcv"},
      {"a set of its own for CAA", [](Planner& p) { p.deployment.planning.separate_caa = true; },
       "r1 caa, r2 dcv caa, r4 dcv, r5 caa, r6 dcv, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"CAA alone by its own set",
       [](Planner& p) {
         p.deployment.planning.separate_caa = true;
         p.request.dcv.reset();
       },
       "r1 caa, r2 caa, r5 caa, r7 caa, r8 caa, shadow caa"},
      {"DCV alone by its own set",
       [](Planner& p) {
         p.deployment.planning.separate_caa = true;
         p.request.caa.reset();
       },
       "r2 dcv, r4 dcv, r6 dcv, r7 dcv, r8 dcv, shadow dcv"},
      {"as many as a stricter request asks for", [](Planner& p) { p.request.quorum.min_remotes = 7; },
       "r2 dcv caa, r3 dcv caa, r4 dcv caa, r5 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"all, when it asks for more than there are", [](Planner& p) { p.request.quorum.min_remotes = 9; },
       "r1 dcv caa, r2 dcv caa, r3 dcv caa, r4 dcv caa, r5 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv "
       "caa"},
      {"all, when nothing is configured", [](Planner& p) { p.deployment.planning = {}; },
       "r1 dcv caa, r2 dcv caa, r3 dcv caa, r4 dcv caa, r5 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv "
       "caa"},
      {"another in place of one that is drained, although it is well",
       [](Planner& p) { p.deployment.perspectives[4].drained = true; },
       "r2 dcv caa, r5 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"another in place of one that is not ready",
       [](Planner& p) { p.standings.not_ready["r4"] = "no connection for 12 s"; },
       "r2 dcv caa, r5 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
      {"a shadow whatever its health", [](Planner& p) { p.standings.not_ready["shadow"] = "no connection"; },
       "r2 dcv caa, r4 dcv caa, r6 dcv caa, r7 dcv caa, r8 dcv caa, shadow dcv caa"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Planner planner;
      row.change(planner);
      CHECK(planner.asked() == row.asked);
    }
}

TEST_CASE("a plan tells its number, its cohort, and why for everybody", "[planning]") {
  Planner planner;
  planner.deployment.planning.separate_caa = true;
  Plan plan = planner.plan();
  CHECK(plan.number == 0);
  CHECK(plan.cohort == 0);
  CHECK(plan.looks.front().reason ==
        "DCV: 8th of 8 in the order for this target; 5 are asked. CAA: 2nd of 8 in the order for this target");
  CHECK(plan.looks.back().reason == "a shadow: asked and recorded, never counted");
  REQUIRE(plan.passed_over.size() == 1);
  CHECK(plan.passed_over[0].perspective.text() == "r3");
  CHECK(plan.passed_over[0].reason ==
        "DCV: 6th of 8 in the order for this target; 5 are asked. "
        "CAA: 8th of 8 in the order for this target; 5 are asked");

  planner.deployment.planning = {.remotes = 4, .cohorts = 2, .secret = std::string(kSecret)};
  plan = planner.plan(3);
  CHECK(plan.number == 3);
  CHECK(plan.cohort == 1);
  CHECK(plan.passed_over.size() == 4);
}

TEST_CASE("what is sent is what was planned, with a nonce for each", "[planning]") {
  Planner planner;
  planner.deployment.planning.separate_caa = true;
  std::set<std::string> nonces;
  for (const PlannedLook& look : planner.plan().looks) {
    const auto sent = wire::decode_assignment(look.octets);
    REQUIRE(sent);
    CHECK(sent->perspective == look.perspective->where.id);
    CHECK(sent->dcv.has_value() == look.assignment.dcv.has_value());
    CHECK(sent->caa.has_value() == look.assignment.caa.has_value());
    nonces.emplace(sent->nonce.begin(), sent->nonce.end());
  }
  CHECK(nonces.size() == 8);
}

}  // namespace mpic::test
