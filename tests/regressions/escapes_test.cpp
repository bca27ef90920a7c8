// Found by fuzzing: each crossing of the wire escaped the backslashes of escapes again, so that people read "\x5cx1b"
// for an octet that a site sent.
#include "common/rules/dns_message.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_packet.hpp"

using namespace mpic;

TEST_CASE("an escape is not escaped again on its way", "[regression][wire]") {
  const Problem problem(ProblemCode::kChallengeMismatch, "http://example.com/\\x1b", "got " + quoted("\x1b[31m \"x\""));
  const Problem heard = wire::decode(wire::encode(problem));
  CHECK(heard == problem);
  CHECK(wire::decode(wire::encode(heard)) == problem);
}

TEST_CASE("a problem that an agent did not make fit is made fit", "[regression][wire]") {
  v1::Problem hostile;
  hostile.set_code(v1::PROBLEM_CODE_HTTP_STATUS);
  hostile.set_detail("\x1b[31mred " + std::string(5'000, 'x'));
  const Problem heard = wire::decode(hostile);
  CHECK_THAT(heard.detail, Catch::Matchers::StartsWith("\\x1b[31mred"));
  CHECK(heard.detail.size() <= 1024);
}

TEST_CASE("the text of an Extended DNS Error survives the way to the coordinator", "[regression][wire]") {
  Observation seen{.perspective = PerspectiveId::parse("eu-west").value()};
  seen.agent_version = seen.resolver = "test";
  const auto message =
      test::Packet(kServfail).question("example.com", test::kCaa).opt(test::extended_error(7, "caf\xe9")).octets();
  seen.caa = CaaObservation{{rules::read_reply(message, "example.com", RecordType::kCaa)}};
  seen.caa->lookups.front().server = "127.0.0.1:53";
  const auto heard = wire::decode_observation(wire::encode(seen));
  REQUIRE(heard);
  CHECK(heard->caa->lookups.front().extended_errors == seen.caa->lookups.front().extended_errors);
}
