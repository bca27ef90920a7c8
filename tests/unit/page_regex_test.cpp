#include "common/rules/page_regex.hpp"

#include <ctime>
#include <string>

#include "common/domain/observation.hpp"
#include "tests/support/catch.hpp"

namespace mpic::rules {

TEST_CASE("a caller's regular expression is RE2's, short, and small", "[page]") {
  struct Row {
    const char* rule;
    std::string pattern;
    const char* says;  // "" when accepted
  };
  const Row rows[] = {
      {"none", "", ""},
      {"a word", "token", ""},
      {"a Random Value", "^id: [0-9a-f]{32}$", ""},
      {"a long Request Token", "[0-9A-Za-z_-]{200}", ""},
      {"octets beyond ASCII", "caf\xE9", ""},
      {"no octet twice: a back reference", "(a)\\1", "not a regular expression"},
      {"looking ahead", "(?=a)", "not a regular expression"},
      {"a bracket without its other", "(", "not a regular expression"},
      {"more octets than are accepted", std::string(257, 'a'), "at most 256 octets"},
      {"as many as are", std::string(256, 'a'), ""},
      {"repetitions of repetitions", "((((.?.?.?.?.?.?){10}){10}){9})z", "take long on a page"},
      {"more of them", "((a{100}){100}){100}", "not a regular expression"},
      {"one, many times", "(a?){1000}", "take long on a page"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto checked = check_page_regex(row.pattern);
      CHECK(checked.has_value() == (*row.says == '\0'));
      if (checked) return;
      CHECK(checked.error().code == ProblemCode::kInvalidArgument);
      CHECK(checked.error().where == "match_regex");
      CHECK_THAT(checked.error().detail, Catch::Contains(row.says));
      CHECK_FALSE(matches_page(row.pattern, "aaa"));
    }
}

TEST_CASE("a page is matched anywhere, octet for octet", "[page]") {
  CHECK(matches_page("", ""));
  CHECK(matches_page("b", "abc"));
  CHECK_FALSE(matches_page("^b", "abc"));
  CHECK(matches_page("(?m)^b", "a\nbc"));
  CHECK(matches_page("\\xFF$", "a\xFF"));
  CHECK_FALSE(matches_page("a.c", "a\nc"));
  CHECK(matches_page("(?s)a.c", std::string_view("a\0c", 3)));
}

TEST_CASE("no expression that is accepted takes long on the largest page", "[page][hostile]") {
  const auto seconds = [] {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
  };
  std::string page;
  while (page.size() < kMaxBody) page += page.size() * 7919 % 13 < 6 ? "abc" : "xyd";
  // The largest of their kinds: no cache of states helps, so that each octet is held against the whole program.
  for (const char* pattern :
       {"((.?){100})z", "((.*){120})z", "((.?.?.?){45})z", "(.*.*.*.*.*.*.*){15}z", "((a|b|.*){50})z"}) {
    INFO(pattern);
    REQUIRE(check_page_regex(pattern));
    const double start = seconds();
    CHECK_FALSE(matches_page(pattern, page));
    CHECK(seconds() - start < 0.25);
  }
}

}  // namespace mpic::rules
