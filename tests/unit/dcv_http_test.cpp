#include "common/rules/dcv_http.hpp"

#include "common/domain/observation.hpp"
#include "common/rules/dcv_question.hpp"
#include "tests/support/catch.hpp"

namespace mpic::rules {
namespace {

const std::string kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
const std::string kThumbprint = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
const AcmeHttp01 kQuestion{kToken, kToken + "." + kThumbprint};

}  // namespace

TEST_CASE("the body is the key authorization and trailing white space (RFC 8555 8.3)", "[http-01]") {
  const std::string& good = kQuestion.key_authorization;
  CHECK(good.size() == 87);
  for (const std::string& white : {std::string(), std::string("\n"), std::string("\r\n"), std::string("\n\r \t"),
                                   std::string("\v\f"), std::string(200, ' ')}) {
    CHECK_FALSE(http_01_mismatch(good + white, kQuestion));
  }
  for (const std::string& body :
       {std::string(), std::string("ok"), " " + good, "\n" + good, "\xEF\xBB\xBF" + good, good.substr(1),
        good.substr(0, 86), good + "x", good + "\nx", good + std::string("\0", 1), good + "\xC2\xA0", good + "." + good,
        "<html>" + good + "</html>", kToken}) {
    INFO(body);
    const auto problem = http_01_mismatch(body, kQuestion);
    REQUIRE(problem);
    CHECK(problem->code == ProblemCode::kChallengeMismatch);
    CHECK_THAT(problem->detail, Catch::Contains(good));
  }
}

TEST_CASE("what came instead is quoted, cut and escaped", "[http-01][hostile]") {
  const auto detail = [](const std::string& body) { return http_01_mismatch(body, kQuestion)->detail; };
  CHECK_THAT(detail("hello \"you\""), Catch::Contains("got \"hello \\x22you\\x22\""));
  CHECK_THAT(detail("%s%n\x1B[2J"), Catch::Contains("got \"%s%n\\x1b[2J\""));
  CHECK_THAT(detail("caf\xE9"), Catch::Contains("got \"caf\\xe9\""));
  CHECK_THAT(detail(""), Catch::Contains("got nothing"));
  CHECK_THAT(detail(std::string(138, 'a')), Catch::Contains("got \"" + std::string(128, 'a') + "\" and more"));
  CHECK(detail(std::string(10'000, '\x01')).size() <= 1'024);
  CHECK(is_utf8(detail(std::string(127, 'a') + "\xC3\xA9")));  // a character across the cut
}

TEST_CASE("the body's limit leaves a whole answer in a kept prefix", "[http-01]") {
  const AcmeHttp01 longest{std::string(128, 'a'), std::string(128, 'a') + "." + kThumbprint};
  CHECK(http_01_body_limit(longest) <= kBodyPrefix);
  CHECK(http_01_body_limit(kQuestion) > kQuestion.key_authorization.size());
}

}  // namespace mpic::rules
