// Perspectives that contradict the rest: each row is a history of checks, and who is suspected after it.
#include "coordinator/perspectives/dissent.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

PerspectiveId id(char letter) { return PerspectiveId::parse(std::string(1, letter)).value(); }

// One letter for each perspective, in the order a, b, c …: C corroborates, x contradicts, - could not look.
std::vector<Dissent::Row> check_of(std::string_view seen) {
  std::vector<Dissent::Row> rows;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Outcome outcome = seen[i] == 'C'   ? Outcome::kCorroborates
                            : seen[i] == 'x' ? Outcome::kContradicts
                                             : Outcome::kCouldNotLook;
    rows.push_back({id(static_cast<char>('a' + static_cast<char>(i))), outcome});
  }
  return rows;
}

struct Times {
  int times;
  const char* seen;
};

std::string suspects(const Dissent& dissent) {
  std::string out;
  for (char letter = 'a'; letter <= 'h'; ++letter) {
    if (dissent.suspicion(id(letter))) out += letter;
  }
  return out;
}

void tell(Dissent& dissent, const std::vector<Times>& history) {
  for (const Times& part : history) {
    for (int i = 0; i < part.times; ++i) dissent.note(check_of(part.seen));
  }
}

}  // namespace

TEST_CASE("who contradicts the rest far more often than its peers is suspected", "[dissent]") {
  struct Row {
    const char* rule;
    std::vector<Times> history;
    const char* suspected;
  };
  const Row rows[] = {
      {"nobody, where all agree", {{1000, "CCCCC"}}, ""},
      {"nobody after nine contradictions", {{100, "CCCCC"}, {9, "CCCCx"}}, ""},
      {"who contradicts for the tenth time", {{100, "CCCCC"}, {10, "CCCCx"}}, "e"},
      {"not for less than one answer in a hundred", {{990, "CCCCC"}, {9, "CCCCx"}, {480, "CCCCC"}, {5, "CCCCx"}}, ""},
      {"not when its peers contradict as often",
       {{100, "CCCCC"}, {10, "CCCCx"}, {10, "xCCCC"}, {10, "CxCCC"}, {10, "CCxCC"}},
       ""},
      {"two bad ones do not hide each other", {{100, "CCCCC"}, {20, "xCCCC"}, {20, "CxCCC"}}, "ab"},
      {"where most contradict it is the site, and nobody's fault", {{100, "CCCCC"}, {50, "xxxxx"}, {50, "xxxx-"}}, ""},
      {"but who corroborates all the same dissents", {{100, "CCCCC"}, {10, "xxxxC"}}, "e"},
      {"who could not look says nothing", {{100, "CCCCC"}, {50, "CCCC-"}}, ""},
      {"nothing can be told where half of them say so", {{100, "CCCC"}, {50, "CCxx"}}, ""},
      {"nor by one alone", {{100, "CCCCC"}, {50, "----x"}}, ""},
      {"half of the rate is relief", {{100, "CCCCC"}, {10, "CCCCx"}, {800, "CCCCC"}}, "e"},
      {"less is", {{100, "CCCCC"}, {10, "CCCCx"}, {4000, "CCCCC"}, {1, "CCCCx"}}, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Dissent dissent;
      tell(dissent, row.history);
      CHECK(suspects(dissent) == row.suspected);
    }
}

TEST_CASE("the suspicion is one sentence with numbers", "[dissent]") {
  Dissent dissent;
  tell(dissent, {{437, "CCCCC"}, {60, "CCCCx"}, {1, "xCCCC"}, {1, "CxCCC"}, {1, "CCxCC"}});
  CHECK(dissent.suspicion(id('e')).value() ==
        "contradicts the rest in 12.0 % of its last 500 answers, its peers in 0.2 %: its route or resolver may be at "
        "fault");
  CHECK_FALSE(dissent.suspicion(id('z')));
}

TEST_CASE("who is no longer in the deployment is forgotten", "[dissent]") {
  Dissent dissent;
  tell(dissent, {{100, "CCCCC"}, {20, "xCCCx"}});
  REQUIRE(suspects(dissent) == "ae");
  const std::vector<PerspectiveId> left = {id('b'), id('c'), id('d'), id('e')};
  dissent.keep_only(left);
  CHECK(suspects(dissent) == "e");
}
