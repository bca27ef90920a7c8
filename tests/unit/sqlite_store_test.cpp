// The store on a real file: what is answered is there after a restart, and what was left open is closed.
#include "coordinator/audit/sqlite_store.hpp"

#include "common/evidence/merkle.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "coordinator/pipeline/recover.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using test::append;
using test::Folder;

namespace {

std::unique_ptr<SqliteStore> open(const Folder& folder) { return SqliteStore::open(folder.file(), test::kLog).value(); }

StoredRecord record(const std::string& id) {
  StoredRecord out;
  out.record_id = id;
  out.client = "tester";
  out.identifier = "www.example.com";
  out.verdict = "CORROBORATED";
  out.body = "the body";
  out.statement = "the statement";
  out.rows = {{"aa", "eu-west", "remote", "RIPE", "caa", "corroborates", ""},
              {"aa", "us-east", "remote", "ARIN", "caa", "unreachable", "UNREACHABLE"}};
  return out;
}

}  // namespace

TEST_CASE("a record that was appended is there after a restart, with its rows", "[store]") {
  const Folder folder;
  {
    const auto store = open(folder);
    REQUIRE(append(*store, record("r1")));
    CHECK(store->healthy());
  }
  const auto found = open(folder)->find("r1");
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->body == "the body");
  CHECK((*found)->rows.size() == 2);
  CHECK((*found)->rows[1].problem == "UNREACHABLE");
  CHECK_FALSE(open(folder)->find("r2")->has_value());
}

TEST_CASE("a record cannot be replaced", "[store]") {
  const Folder folder;
  const auto store = open(folder);
  REQUIRE(append(*store, record("r1")));
  StoredRecord other = record("r1");
  other.body = "another body";
  const auto refused = append(*store, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ProblemCode::kInvalidArgument);
  CHECK(store->healthy());  // the record is at fault, not the disk
  CHECK((*store->find("r1").value()).body == "the body");
  CHECK(append(*store, record("r2")));
  CHECK(store->healthy());
}

TEST_CASE("a store of another log, or of a newer program, is refused", "[store]") {
  const Folder folder;
  open(folder).reset();
  const auto other = SqliteStore::open(folder.file(), "mpic.test/other");
  REQUIRE_FALSE(other);
  CHECK_THAT(other.error().detail, Catch::Matchers::Contains("mpic.test/unit"));

  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  REQUIRE(execute(database, "PRAGMA user_version = 99"));
  sqlite3_close(database);
  const auto newer = SqliteStore::open(folder.file(), "mpic.test/unit");
  REQUIRE_FALSE(newer);
  CHECK_THAT(newer.error().detail, Catch::Matchers::Contains("use the newer program"));
}

TEST_CASE("a plan is open until its record comes", "[store]") {
  const Folder folder;
  {
    const auto store = open(folder);
    CHECK(store->plan(StoredPlan("r1", "plan one", TimePoint{})));
    CHECK(store->plan(StoredPlan("r2", "plan two", TimePoint{})));
    REQUIRE(append(*store, record("r1")));
  }
  const auto plans = open(folder)->open_plans();
  REQUIRE(plans);
  REQUIRE(plans->size() == 1);
  CHECK(plans->front().record_id == "r2");
}

TEST_CASE("a killed coordinator's plans become one record without a result", "[store]") {
  v1::PlanRecord plan;
  plan.set_record_id("r1");
  plan.mutable_request()->set_identifier("www.example.com");
  plan.mutable_request()->mutable_caa();
  plan.mutable_attempt()->set_attempt_id(std::string(16, 'a'));
  v1::PlannedPerspective& planned = *plan.mutable_attempt()->add_planned();
  planned.set_perspective_id("eu-west");
  planned.set_role(v1::ROLE_PRIMARY);
  planned.set_rir(v1::RIR_RIPE);
  const std::vector<StoredPlan> left = {StoredPlan("r1", plan.SerializeAsString(), TimePoint{}),
                                        StoredPlan("r1", plan.SerializeAsString(), TimePoint{}),
                                        StoredPlan("bad", "\xff", TimePoint{})};
  const auto recovered = close_open_plans(left, TimePoint{}, evidence::SigningKey::generate());
  REQUIRE(recovered.records.size() == 1);
  CHECK(recovered.unreadable == std::vector<std::string>{"bad"});
  CHECK(recovered.records[0].verdict == "NOT_DETERMINED");
  REQUIRE(recovered.records[0].rows.size() == 2);
  CHECK(recovered.records[0].rows[0].outcome == "no_result");
  v1::RecordBody body;
  REQUIRE(body.ParseFromString(recovered.records[0].body));
  CHECK(body.attempts_size() == 2);
  CHECK_FALSE(body.decision().basis_for_issuance());
}

TEST_CASE("a plan that is closed has rows for the checks that each perspective was asked", "[store][planning]") {
  v1::PlanRecord plan;
  plan.set_record_id("r1");
  plan.mutable_request()->mutable_caa();
  plan.mutable_request()->mutable_dcv();
  v1::Assignment assignment;
  assignment.mutable_caa();
  v1::PlannedPerspective& caa_only = *plan.mutable_attempt()->add_planned();
  caa_only.set_perspective_id("eu-west");
  caa_only.set_assignment(assignment.SerializeAsString());
  v1::PlannedPerspective& asserted = *plan.mutable_attempt()->add_planned();
  asserted.set_perspective_id("of-the-ca");
  asserted.set_asserted(true);
  const auto recovered = close_open_plans({StoredPlan("r1", plan.SerializeAsString(), TimePoint{})}, TimePoint{},
                                          evidence::SigningKey::generate());
  REQUIRE(recovered.records.size() == 1);
  std::vector<std::string> rows;
  for (const AttemptRow& row : recovered.records[0].rows) rows.push_back(row.perspective + " " + row.check);
  CHECK(rows == std::vector<std::string>{"eu-west caa", "of-the-ca dcv", "of-the-ca caa"});
}

// The client of a request that was refused asks again with the same id, and is answered; then the coordinator restarts.
TEST_CASE("what is closed without a result leaves its request id to the request that is answered", "[store]") {
  const Folder folder;
  v1::PlanRecord plan;
  plan.set_record_id("r1");
  plan.set_client("tester");
  plan.mutable_request()->set_request_id("q1");
  {
    const auto store = open(folder);
    CHECK(store->plan(StoredPlan("r1", plan.SerializeAsString(), TimePoint{})));
    StoredRecord answered = record("r2");
    answered.request_id = "q1";
    REQUIRE(append(*store, answered));
  }
  const auto store = open(folder);
  const auto left = close_open_plans(store->open_plans().value(), TimePoint{}, evidence::SigningKey::generate());
  REQUIRE(left.records.size() == 1);
  CHECK(append(*store, left.records[0]));
  CHECK(store->open_plans()->empty());
  CHECK(store->find_request("tester", "q1").value()->record_id == "r2");
  v1::RecordBody body;
  REQUIRE(body.ParseFromString(store->find("r1").value()->body));
  CHECK(body.request().request_id() == "q1");
}
