// Fetching a page (http-01) from nginx, with the real resolver before it.
#include <fstream>
#include <iterator>
#include <thread>

#include "agent/checks/page_check.hpp"
#include "common/rules/judgement.hpp"
#include "tests/integration/system.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

struct Seen {
  HttpObservation observation;
  rules::Judgement judgement;
};

Seen check(const std::string& identifier, std::chrono::milliseconds budget = 10s) {
  const System& system = system_under_test();
  RealTools tools;
  const agent::FetchContext context{tools.dns, tools.http, tools.clock, system.lab};
  const Identifier asked = Identifier::parse(identifier).value();
  const rules::DcvSubject subject{asked, asked};
  const DcvQuestion question{AcmeHttp01{system.token, system.key_authorization}};
  HttpObservation observation =
      tools.run(agent::check_page(context, subject, question, system.lab.describe(), tools.in(budget)));
  rules::Judgement judgement = rules::judge_http(subject, question, observation, system.lab.describe());
  return {std::move(observation), std::move(judgement)};
}

// The server writes its log after its answer, so the line may be a moment late.
std::string access_log_with(const std::string& part) {
  std::string text;
  for (int tries = 0; tries < 100 && text.find(part) == std::string::npos; ++tries) {
    std::this_thread::sleep_for(20ms);
    std::ifstream log(system_under_test().access_log);
    text.assign(std::istreambuf_iterator<char>(log), {});
  }
  return text;
}

}  // namespace

TEST_CASE("a challenge file is found, and the request comes from the egress address", "[http]") {
  const Seen seen = check("www.demo.test");
  CHECK(seen.judgement.outcome == Outcome::kCorroborates);
  CHECK(seen.judgement.dnssec_authenticated);
  REQUIRE(seen.observation.hops.size() == 1);
  CHECK(seen.observation.body == system_under_test().key_authorization);
  CHECK_FALSE(seen.observation.body_cut);
  CHECK(seen.observation.hops[0].tried[0].port == system_under_test().http_port);
  const std::string log = access_log_with("mpic-test/1");
  CHECK_THAT(log, Catch::Matchers::Contains("\"client\":\"" + system_under_test().egress + '"'));
  CHECK_THAT(log, Catch::Matchers::Contains("\"host\":\"www.demo.test\""));
  CHECK_THAT(log, Catch::Matchers::Contains("mpic-test/1"));
}

TEST_CASE("over a redirect to https, whose certificate nobody vouches for", "[http]") {
  const Seen seen = check("redirect.demo.test");
  CHECK(seen.judgement.outcome == Outcome::kCorroborates);
  REQUIRE(seen.observation.hops.size() == 3);
  CHECK(seen.observation.hops[0].status == 301);
  CHECK(seen.observation.hops[1].url.starts_with("https://redirect.demo.test/"));
  CHECK(seen.observation.hops[1].tried[0].port == system_under_test().https_port);
  CHECK(seen.observation.hops[2].url.starts_with("https://www.demo.test/"));
}

TEST_CASE("what the site answers otherwise", "[http]") {
  struct Row {
    const char* name;
    ProblemCode code;
  };
  const Row rows[] = {
      {"wrong.demo.test", ProblemCode::kChallengeMismatch},
      {"missing.demo.test", ProblemCode::kHttpStatus},
      {"large.demo.test", ProblemCode::kHttpBodyTooLarge},
      {"loop.demo.test", ProblemCode::kRedirectLoop},
      {"redirect-port.demo.test", ProblemCode::kRedirectForbidden},
      {"redirect-internal.demo.test", ProblemCode::kAddressForbidden},
      {"closes.demo.test", ProblemCode::kConnectionClosed},
      {"internal.demo.test", ProblemCode::kAddressForbidden},
      {"internal6.demo.test", ProblemCode::kAddressForbidden},
      {"metadata.demo.test", ProblemCode::kAddressForbidden},
      {"mixed.demo.test", ProblemCode::kAddressForbidden},
      {"refused.demo.test", ProblemCode::kConnectionRefused},
      {"no-address.demo.test", ProblemCode::kDnsNoAddresses},
      {"nothing-here.demo.test", ProblemCode::kDnsNxdomain},
      {"www.bogus.test", ProblemCode::kDnsBogus},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const Seen seen = check(row.name);
      CHECK(seen.judgement.outcome != Outcome::kCorroborates);
      CHECK(seen.judgement.outcome != Outcome::kEvidenceInvalid);
      REQUIRE(seen.judgement.problem);
      CHECK(seen.judgement.problem->code == row.code);
    }
}

TEST_CASE("a forbidden address is refused without a connection", "[http]") {
  const Seen seen = check("internal.demo.test");
  CHECK(seen.observation.hops[0].tried.empty());
  CHECK(seen.observation.hops[0].addresses.empty());
}

TEST_CASE("an address that refuses does not hide the one that answers", "[http]") {
  const Seen seen = check("two-addresses.demo.test");
  CHECK(seen.judgement.outcome == Outcome::kCorroborates);
}

TEST_CASE("a site that takes too long ends with the budget", "[http]") {
  const auto start = std::chrono::steady_clock::now();
  const Seen seen = check("slow.demo.test", 1500ms);
  const auto took = std::chrono::steady_clock::now() - start;
  REQUIRE(seen.judgement.problem);
  CHECK(seen.judgement.problem->code == ProblemCode::kReadTimeout);
  CHECK(took < 1500ms + 100ms);
}
