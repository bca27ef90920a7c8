// The store that keeps nothing: it takes everything, and says of nothing that it is there.
#include "coordinator/audit/nowhere_store.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

TEST_CASE("recording to nowhere counts, and keeps nothing", "[store]") {
  NowhereStore store;
  CHECK(store.healthy());
  CHECK(store.plan(plan_of("r1")));
  CHECK(append(store, record_of("r1")).value() == 0);
  CHECK(append(store, StoredAddendum("r1", "us-east", "late", TimePoint{})).value() == 1);
  CHECK(store.append_event({}).value() == 2);
  CHECK(store.tree_head().size == 0);
  CHECK(store.last_events(1)->empty());
  CHECK(store.open_plans()->empty());
  CHECK(store.find("r1").value() == std::nullopt);
  CHECK(store.find_request("tester", "request of r1").value() == std::nullopt);
  CHECK_FALSE(store.hashes(0, 0, 1));
  CHECK_FALSE(store.keep_checkpoint({}));
}
