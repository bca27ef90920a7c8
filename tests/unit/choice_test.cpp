// Planning as a table of sentences.
#include "tests/support/catch.hpp"
#include "tests/support/chosen.hpp"

namespace mpic::test {

// Reckoned by another program from the sentence in choice.hpp: a later version must choose the same.
TEST_CASE("choices as they must stay", "[policy][choice]") {
  struct Row {
    const char* rirs;
    std::string subject;
    Ask ask;
    const char* asked;
  };
  using namespace std::string_literals;
  const Row rows[] = {
      {"RRRAAPPL", "example.com", {}, "r2 r4 r6 r7 r8"},
      {"RRRAAPPL", "www.example.org", {}, "r1 r4 r6 r7 r8"},
      {"RRRAAPPL", "192.0.2.1", {}, "r1 r4 r5 r7 r8"},
      {"RRRAAPPL", "2001:db8::1", {}, "r1 r2 r5 r7 r8"},
      {"RRRAAPPL", "example.com\0caa"s, {}, "r1 r2 r5 r7 r8"},
      {"RRRAAPPLRAPF", "example.com", {.cohorts = 2}, "r2 r4 r6 r10 r12"},
      {"RRRAAPPLRAPF", "example.com", {.cohorts = 2, .attempt = 1}, "r5 r7 r8 r9 r11"},
      {"RRRAAPPLRAPF", "example.com", {.cohorts = 2, .attempt = 2}, "r2 r4 r6 r10 r12"},
      {"RRRAAPPLRAPF", "example.com", {.wanted = 9, .cohorts = 2, .attempt = 3}, "r1 r5 r7 r8 r9 r11"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rirs << ", " << row.subject << ", attempt " << row.ask.attempt) {
      const std::vector<Candidate> candidates = remotes(row.rirs);
      CHECK(names(candidates, chosen(candidates, row.subject, row.ask).chosen) == row.asked);
    }
}

TEST_CASE("a plan says why each was chosen or passed over", "[policy][choice]") {
  std::vector<Candidate> candidates = remotes("RRRAAPPL");
  // The order for example.com is r6 r8 r2 r4 r7, and then r3 r5 r1.
  const auto stand = [&](std::size_t number, const char* why) { candidates[number - 1].standing = {false, why}; };
  const auto say = [&](const Choice& choice, std::size_t number) { return reason(choice, number - 1); };
  SECTION("when all are asked nothing is reckoned, and no secret is needed") {
    stand(4, "no connection for 12 s");
    const Choice choice = chosen(candidates, "example.com", {.wanted = 8, .secret = ""});
    CHECK(names(candidates, choice.chosen) == "r1 r2 r3 r4 r5 r6 r7 r8");
    CHECK(say(choice, 1) == "every configured perspective is asked");
    CHECK(say(choice, 4) == "not ready, and nobody to take its place: no connection for 12 s");
  }
  SECTION("when some are asked") {
    const Choice choice = chosen(candidates, "example.com");
    CHECK(say(choice, 6) == "1st of 8 in the order for this target");
    CHECK(say(choice, 8) == "2nd of 8 in the order for this target");
    CHECK(say(choice, 2) == "3rd of 8 in the order for this target");
    CHECK(say(choice, 7) == "5th of 8 in the order for this target");
    CHECK(say(choice, 3) == "6th of 8 in the order for this target; 5 are asked");
  }
  SECTION("when one is not ready") {
    stand(4, "no connection for 12 s");
    stand(3, "drained by the operator");
    const Choice choice = chosen(candidates, "example.com");
    CHECK(names(candidates, choice.chosen) == "r2 r5 r6 r7 r8");
    CHECK(say(choice, 5) == "in place of r4, which is not ready: no connection for 12 s");
    CHECK(say(choice, 4) == "not ready: no connection for 12 s; r5 is asked in its place");
    CHECK(say(choice, 3) == "6th of 8 in the order for this target; 5 are asked; not ready: drained by the operator");
    CHECK(say(choice, 1) == "8th of 8 in the order for this target; 5 are asked");
  }
  SECTION("when nobody can take its place") {
    candidates = remotes("RRRAAPPLRAPF");
    stand(4, "no connection for 12 s");
    const Choice choice = chosen(candidates, "example.com", {.wanted = 6, .cohorts = 2});
    CHECK(names(candidates, choice.chosen) == "r2 r3 r4 r6 r10 r12");
    CHECK(say(choice, 4) == "not ready, and nobody to take its place: no connection for 12 s");
  }
  SECTION("when there are cohorts") {
    candidates = remotes("RRRAAPPLRAPF");
    const Choice choice = chosen(candidates, "example.com", {.cohorts = 2, .attempt = 3});
    CHECK(choice.cohort == 1);
    CHECK(say(choice, 11) == "1st of 6 in the order of cohort 1 for this target");
    CHECK(say(choice, 1) == "6th of 6 in the order of cohort 1 for this target; 5 are asked");
    CHECK(say(choice, 2) == "belongs to cohort 0; this attempt asks cohort 1");
  }
  SECTION("when an agent has much to say of itself") {
    stand(1, "\x1b[31mred");
    CHECK(say(chosen(candidates, "example.com", {.wanted = 8}), 1) ==
          "not ready, and nobody to take its place: \\x1b[31mred");
    candidates[0].standing.why = std::string(5'000, 'x');
    CHECK(say(chosen(candidates, "example.com", {.wanted = 8}), 1).size() < 400);
  }
}

TEST_CASE("why a deployment cannot be dealt", "[policy][choice]") {
  struct Row {
    const char* rule;
    const char* rirs;
    Ask ask;
    const char* why;
  };
  const Row rows[] = {
      {"all of six", "RRAAPL", {.wanted = 6}, ""},
      {"more than there are", "RRAAPL", {.wanted = 7}, "7 remote perspectives are to be asked, and there are 6"},
      {"two cohorts of five", "RRRRAAAPPL", {.cohorts = 2}, ""},
      {"two cohorts of nine",
       "RRRRAAAPP",
       {.cohorts = 2},
       "5 remote perspectives are to be asked, and of 9 in 2 cohorts one has only 4"},
      {"a second region that reaches one cohort only",
       "RRRRRRRRRA",
       {.cohorts = 2},
       "5 of 10 remote perspectives in 2 cohorts can lie in only 1 RIR region; 2 are needed"},
      {"two lone ones reach a cohort each", "RRRRRRRRAP", {.cohorts = 2}, ""},
      {"one is asked, and so one region",
       "RAP",
       {.wanted = 1},
       "1 of 3 remote perspectives in 1 cohort can lie in only 1 RIR region; 2 are needed"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(why_not_dealt(regions_of(remotes(row.rirs)), row.ask.wanted, row.ask.cohorts, row.ask.min_rirs) == row.why);
    }
}

}  // namespace mpic::test
