// Ids of records: in the order of time, so that a store's index grows at its end, and different all the same.
#include <algorithm>
#include <set>

#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

TEST_CASE("record ids begin with the time, and the rest is random", "[record]") {
  SystemRandom random;
  CHECK(new_record_id(random, TimePoint(std::chrono::milliseconds(0x0123456789ab))).starts_with("0123456789ab"));
  std::vector<std::string> ids;
  for (int ms = 0; ms < 1'000; ++ms) ids.push_back(new_record_id(random, TimePoint(std::chrono::milliseconds(ms))));
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  std::set<std::string> rest;
  for (const std::string& id : ids) {
    CHECK(id.size() == 32);
    CHECK(std::all_of(id.begin(), id.end(), [](char c) { return std::string_view("0123456789abcdef").find(c) < 16; }));
    rest.insert(id.substr(12));
  }
  CHECK(rest.size() == ids.size());
}
