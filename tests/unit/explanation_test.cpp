#include "common/rules/explanation.hpp"

#include <algorithm>
#include <map>

#include "tests/support/catch.hpp"

namespace mpic::rules {
namespace {

// Every code that has a name.
std::vector<ProblemCode> codes() {
  std::vector<ProblemCode> out;
  for (unsigned number = 1; number < 200; ++number) {
    const auto code = static_cast<ProblemCode>(number);
    if (to_string(code) != "UNSPECIFIED") out.push_back(code);
  }
  return out;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

}  // namespace

TEST_CASE("every problem is explained to the owner of the site", "[explanation]") {
  const Explanation unknown = explanation_of(static_cast<ProblemCode>(999));
  std::map<std::string_view, ProblemCode> meanings;
  REQUIRE(codes().size() > 50);
  for (const ProblemCode code : codes()) {
    INFO(to_string(code));
    const Explanation explanation = explanation_of(code);
    CHECK(explanation.meaning != unknown.meaning);
    CHECK(meanings.emplace(explanation.meaning, code).second);  // no two problems mean the same
    CHECK((explanation.meaning.size() >= 20 && explanation.meaning.size() <= 200));
    CHECK((explanation.advice.size() >= 10 && explanation.advice.size() <= 400));
    CHECK(explanation.meaning.back() == '.');
    CHECK(explanation.advice.back() == '.');
    CHECK(is_plain(explanation.meaning));
    CHECK(is_plain(explanation.advice));
    // One sentence.
    CHECK(explanation.meaning.find(". ") == std::string_view::npos);
  }
}

TEST_CASE("where a problem is our own, the owner of the site is not sent looking", "[explanation]") {
  for (const ProblemCode code : codes()) {
    const Outcome outcome = outcome_of(code);
    const bool of_a_perspective = static_cast<unsigned>(code) < 100;
    if (!of_a_perspective || outcome == Outcome::kContradicts || outcome == Outcome::kCouldNotLook) continue;
    INFO(to_string(code));
    const std::string_view advice = explanation_of(code).advice;
    const bool harmless = advice.starts_with("Nothing need be done") || advice.starts_with("Ask again") ||
                          advice.starts_with("Try again");
    CHECK(harmless);
  }
}

}  // namespace mpic::rules
