// What GetRecord gives of a store.
#include "coordinator/service/record_reader.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

TEST_CASE("a record whose retention has ended is refused as that", "[service][log]") {
  FakeStore store;
  REQUIRE(append(store, record_of("r1")));
  REQUIRE(append(store, record_of("r2")));
  REQUIRE(store.prune(1, 100).value() == 1);
  ClientEntry client;
  client.name = "tester";
  for (const RecordKey& key : {RecordKey{"r1", ""}, RecordKey{"", "request of r1"}}) {
    const auto found = read_record(store, client, key);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ProblemCode::kPolicy);
    CHECK_THAT(found.error().detail, Catch::Matchers::Contains("no longer kept"));
  }
  client.name = "another";  // is not told that there was one
  CHECK(read_record(store, client, {"r1", ""}).value().has_value() == false);
  client.name = "tester";
  CHECK(read_record(store, client, {"r2", ""}).value()->body() == record_of("r2").body);
}
