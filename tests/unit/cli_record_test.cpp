#include "cli/record_view.hpp"

#include <google/protobuf/text_format.h>

#include "cli/render.hpp"
#include "common/evidence/merkle.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

template <class Message>
Message message(const std::string& text) {
  Message result;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &result));
  return result;
}

constexpr const char* kBody = R"(
  record_id: "fc91" log_origin: "mpic.ca.example/2026" client: "pipeline"
  request { request_id: "order-7" trace_id: "t" identifier: "a.example" }
  received { seconds: 1795766390 } decided { seconds: 1795766391 nanos: 250000000 }
  decision { verdict: VERDICT_NOT_CORROBORATED findings: "only one sees it" }
  earlier { verdict: VERDICT_NOT_DETERMINED would_be: VERDICT_NOT_DETERMINED }
  attempts {
    number: 0 cohort: 0 started { seconds: 1795766390 }
    planned { perspective_id: "ours" role: ROLE_PRIMARY rir: RIR_RIPE asserted: true reason: "the client's own" }
  }
  attempts {
    number: 1 cohort: 1 started { seconds: 1795766391 }
    planned { perspective_id: "ours" role: ROLE_PRIMARY rir: RIR_RIPE asserted: true }
  }
  attempts {
    number: 1 cohort: 1 started { seconds: 1795766392 }
    planned {
      perspective_id: "eu-west" role: ROLE_REMOTE rir: RIR_RIPE reason: "first of its cohort in RIPE"
      sent { seconds: 1795766391 } received { seconds: 1795766391 nanos: 42000000 }
    }
    planned {
      perspective_id: "sa-east" role: ROLE_REMOTE rir: RIR_LACNIC reason: "in place of us-west"
      problem { code: PROBLEM_CODE_UNREACHABLE where: "sa-east" detail: "the stream \033[2Jbroke" }
      sent { seconds: 1795766391 }
    }
    passed_over { perspective_id: "us-west" reason: "not ready: its resolver fails" }
  })";

v1::Record record_of(const v1::RecordBody& body) {
  v1::Record record;
  record.set_body(body.SerializeAsString());
  record.set_leaf_index(17);
  v1::StatementBody statement;
  statement.set_identifier("a.example");
  const Digest digest = evidence::sha256(record.body());
  statement.set_record_sha256(std::string(digest.begin(), digest.end()));
  record.mutable_statement()->set_payload(statement.SerializeAsString());
  v1::Addendum late;
  late.set_perspective_id("af-south");
  late.set_contradicts_the_rest(true);
  record.add_addenda(late.SerializeAsString());
  return record;
}

}  // namespace

TEST_CASE("cli: a record as people see it", "[cli]") {
  const auto record = read_record(record_of(message<v1::RecordBody>(kBody)));
  REQUIRE(record);
  CHECK(render(*record, false, Style{false, true, 100}) == R"(✗ NOT_CORROBORATED  a.example
  No basis for issuance.

Findings
  - only one sees it

  Record        fc91
  Log           leaf 17
  Request       order-7
  Trace         t
  Took          1250 ms, 2 attempts
  Asked by      pipeline
  Received      2026-11-27 07:59:50 UTC
  Decided       2026-11-27 07:59:51 UTC
  Log origin    mpic.ca.example/2026

Attempt 1, begun 2026-11-27 07:59:50 UTC
  PERSPECTIVE  ROLE     RIR   ANSWERED IN  WHY IT WAS ASKED
  ours         primary  RIPE            -  the client's own; asserted by the client, not observed

Attempt 2, cohort 1, begun 2026-11-27 07:59:51 UTC
  PERSPECTIVE  ROLE     RIR     ANSWERED IN  WHY IT WAS ASKED
  ours         primary  RIPE              -  asserted by the client, not observed
  eu-west      remote   RIPE          42 ms  first of its cohort in RIPE
  sa-east      remote   LACNIC            -  in place of us-west
                                             UNREACHABLE: the stream \x1b[2Jbroke
  us-west      -        -                 -  passed over: not ready: its resolver fails

  Attempt 1 came to NOT_DETERMINED

Said after the answer
  - af-south: contradicts the rest
)");
  CHECK(exit_status(record->response, false) == 1);
}

TEST_CASE("cli: a record that was changed is refused", "[cli]") {
  const v1::RecordBody body = message<v1::RecordBody>(kBody);
  v1::RecordBody changed = body;
  changed.mutable_decision()->set_verdict(v1::VERDICT_CORROBORATED);
  v1::Record record = record_of(body);
  record.set_body(changed.SerializeAsString());
  REQUIRE_FALSE(read_record(record));
  CHECK_THAT(read_record(record).error().detail, Catch::Contains("its statement is over another body"));
  record.set_body("\xFF\xFF");
  CHECK_FALSE(read_record(record));
  CHECK_FALSE(read_record(v1::Record()));
  record = record_of(body);
  record.add_addenda("\xFF\xFF");
  CHECK_FALSE(read_record(record));
}

TEST_CASE("cli: perspectives tell whether they are ready, and why not", "[cli]") {
  const auto response = message<v1::ListPerspectivesResponse>(R"(
    perspectives { id: "a" role: ROLE_PRIMARY rir: RIR_RIPE connected: true ready: true agent_version: "1.2"
      egress: "192.0.2.1" egress: "2001:db8::1" }
    perspectives { id: "b" role: ROLE_REMOTE rir: RIR_ARIN connected: true not_ready_because: "its resolver fails" }
    perspectives { id: "c" role: ROLE_REMOTE rir: RIR_ARIN connected: true drained: true not_ready_because: "drained" }
    perspectives { id: "d" role: ROLE_REMOTE rir: RIR_APNIC last_error: "refused" not_ready_because: "refused" }
    perspectives { id: "e" role: ROLE_REMOTE rir: RIR_APNIC connected: true ready: true
      suspicion: "contradicts 40 of 100, its peers 1" })");
  CHECK(render(response, Style{false, false, 100}) == R"(4 of 5 perspectives connected

PERSPECTIVE  ROLE     RIR    STATE            AGENT  REMARKS
a            primary  RIPE   + ready          1.2    192.0.2.1, 2001:db8::1
b            remote   ARIN   ? not ready             its resolver fails
c            remote   ARIN   ? drained               drained
d            remote   APNIC  x not connected         refused
e            remote   APNIC  + ready                 contradicts 40 of 100, its peers 1
)");
}
