#include "coordinator/policy/quorum.hpp"

#include <cctype>
#include <string_view>

#include "coordinator/policy/baseline_requirements.hpp"
#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

constexpr QuorumPolicy kFrom2025Sep15{.min_remotes = 2, .min_rirs = 1};
constexpr QuorumPolicy kFrom2026Mar15{.min_remotes = 3, .min_rirs = 2};
constexpr QuorumPolicy kFrom2026Dec15{.min_remotes = 5, .min_rirs = 2};

Rir rir_of(char letter) {
  switch (letter) {
    case 'A':
      return Rir::kArin;
    case 'R':
      return Rir::kRipe;
    case 'P':
      return Rir::kApnic;
    case 'L':
      return Rir::kLacnic;
    default:
      return Rir::kAfrinic;
  }
}

// A remote per letter: A(RIN), R(IPE), (A)P(NIC), L(ACNIC), (A)F(RINIC); upper case corroborates.
std::vector<Corroboration> attempt(std::string_view remotes) {
  std::vector<Corroboration> out;
  for (std::size_t i = 0; i < remotes.size(); ++i) {
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(remotes[i])));
    out.push_back({*PerspectiveId::parse("p" + std::to_string(i)), rir_of(upper), remotes[i] == upper});
  }
  return out;
}

}  // namespace

TEST_CASE("quorum follows BR 3.2.2.9", "[decide][quorum]") {
  struct Row {
    const char* rule;
    const char* remotes;
    bool reached;
    const char* fraction;
  };
  const Row rows[] = {
      {"five remotes tolerate one disagreement", "RRAAp", true, "4/5"},
      {"five remotes do not tolerate two", "RRAap", false, "3/5"},
      {"six remotes tolerate two", "RRAAap", true, "4/6"},
      {"six remotes do not tolerate three", "RRAaap", false, "3/6"},
      {"however many remotes, two are tolerated", "RRRRAAAAPPrr", true, "10/12"},
      {"however many remotes, three are not", "RRRRAAAAPrrr", false, "9/12"},
      {"one RIR is not enough, however many agree", "RRRRRa", false, "5/6"},
      {"two RIRs are enough", "RRRRRA", true, "6/6"},
      {"the RIR of a remote that does not corroborate does not count", "RRRRa", false, "4/5"},
      {"too few remotes, although all agree", "RAPR", false, "4/4"},
      {"all of five agree", "RAPLF", true, "5/5"},
      {"none agrees", "raplf", false, "0/5"},
      {"no remote at all", "", false, "0/0"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.remotes << ")") {
      const auto decision = decide_quorum(attempt(row.remotes), kFrom2026Dec15);
      REQUIRE(decision);
      CHECK(decision->reached == row.reached);
      CHECK(decision->fraction() == row.fraction);
      CHECK_FALSE(decision->clause.empty());
      CHECK_FALSE(decision->explanation.empty());
    }
}

TEST_CASE("earlier phases, by the same rules", "[decide][quorum]") {
  struct Row {
    const char* rule;
    QuorumPolicy policy;
    const char* remotes;
    bool reached;
  };
  const Row rows[] = {
      {"two remotes tolerate one disagreement", kFrom2025Sep15, "Rr", true},
      {"two remotes in one RIR, before RIR diversity", kFrom2025Sep15, "RR", true},
      {"one remote is too few", kFrom2025Sep15, "R", false},
      {"3 of 3", kFrom2026Mar15, "RAP", true},
      {"2 of 3, one unreachable", kFrom2026Mar15, "RAp", true},
      {"1 of 3", kFrom2026Mar15, "Rap", false},
      {"0 of 3", kFrom2026Mar15, "rap", false},
      {"4 of 5", kFrom2026Mar15, "RAPRa", true},
      {"3 of 5", kFrom2026Mar15, "RAPra", false},
      {"4 of 6", kFrom2026Mar15, "RAPRap", true},
      {"3 of 6", kFrom2026Mar15, "RAPrap", false},
      {"2 of 3 in one RIR: the third was the other region", kFrom2026Mar15, "RRa", false},
      {"all pass, one RIR only", kFrom2026Mar15, "RRR", false},
      {"two configured where three are demanded", kFrom2026Mar15, "RA", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.remotes << ")") {
      CHECK(decide_quorum(attempt(row.remotes), row.policy)->reached == row.reached);
    }
}

TEST_CASE("failures allowed by number of remotes (BR 3.2.2.9)", "[decide][quorum]") {
  CHECK(allowed_failures(0) == 0);
  CHECK(allowed_failures(1) == 0);
  for (const std::size_t few : {2U, 3U, 4U, 5U}) CHECK(allowed_failures(few) == 1);
  for (const std::size_t many : {6U, 7U, 50U, 1'000U}) CHECK(allowed_failures(many) == 2);
}

TEST_CASE("a request may ask for more, never for less", "[decide][quorum]") {
  QuorumPolicy unanimous = kFrom2026Dec15;
  unanimous.unanimous = true;
  CHECK(decide_quorum(attempt("RRAAP"), unanimous)->reached);
  const auto four_of_five = decide_quorum(attempt("RRAAp"), unanimous);
  CHECK_FALSE(four_of_five->reached);
  CHECK(four_of_five->clause == "stricter quorum of the request");
  CHECK_FALSE(decide_quorum({}, QuorumPolicy{.min_remotes = 0, .min_rirs = 0})->reached);
}

TEST_CASE("a perspective twice is our mistake, not the subscriber's", "[decide][quorum]") {
  auto twice = attempt("RRAAP");
  twice[4].perspective = twice[0].perspective;
  const auto decision = decide_quorum(twice, kFrom2026Dec15);
  REQUIRE_FALSE(decision);
  CHECK(decision.error().code == ProblemCode::kInternal);
  CHECK(decision.error().where == "p0");
}

TEST_CASE("a decision says why, with the clause", "[decide][quorum]") {
  const auto decided = [](const char* remotes) { return *decide_quorum(attempt(remotes), kFrom2026Dec15); };
  CHECK(decided("RRAAPp").explanation == "5 of 6 remote perspectives in 3 RIRs corroborate; 2 failures are allowed");
  CHECK(decided("RRAap").explanation ==
        "3 of 5 remote perspectives in 2 RIRs corroborate; 1 failure is allowed, 2 were seen");
  CHECK(decided("RRRRR").explanation ==
        "5 of 5 remote perspectives in 1 RIR corroborate; those that corroborate must lie in at least 2 RIR "
        "regions");
  CHECK(decided("RAPR").explanation == "4 of 4 remote perspectives in 3 RIRs corroborate; at least 5 must be asked");
  CHECK(decided("RRRRR").clause == "BR 3.2.2.9, RIR diversity");
  CHECK(decided("RRAap").clause == "BR 3.2.2.9, Quorum Requirements");
}

// The standard's table once more, as simply as it can be said, against every attempt of up to seven remotes.
TEST_CASE("the decision agrees with a naive reading on every small attempt", "[decide][quorum]") {
  constexpr std::string_view kLetters = "AaPp";
  std::size_t attempts = 0, different = 0;
  for (const QuorumPolicy& policy : {kFrom2025Sep15, kFrom2026Mar15, kFrom2026Dec15}) {
    for (std::size_t size = 0; size <= 7; ++size) {
      std::vector<std::size_t> digits(size, 0);
      for (bool more = true; more;) {
        std::string remotes;
        for (const std::size_t digit : digits) remotes += kLetters[digit];
        std::size_t agree = 0;
        bool arin = false, apnic = false;
        for (const char c : remotes) {
          agree += c == 'A' || c == 'P' ? 1U : 0U;
          arin = arin || c == 'A';
          apnic = apnic || c == 'P';
        }
        const std::size_t regions = (arin ? 1U : 0U) + (apnic ? 1U : 0U);
        const std::size_t needed = size >= 6 ? size - 2 : size >= 2 ? size - 1 : size;
        const bool expected = size >= policy.min_remotes && agree >= needed && regions >= policy.min_rirs;
        const auto decision = decide_quorum(attempt(remotes), policy);
        ++attempts;
        different += decision && decision->reached == expected && decision->rirs.size() == regions ? 0U : 1U;
        std::size_t at = 0;
        while (at < size && ++digits[at] == kLetters.size()) digits[at++] = 0;
        more = at < size;
      }
    }
  }
  CHECK(attempts == 3 * 21'845);
  CHECK(different == 0);
}

}  // namespace mpic::coordinator
