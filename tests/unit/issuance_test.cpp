#include "common/evidence/issuance.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/issuance_cases.hpp"

using namespace mpic;
using test::IssuanceCase;
using test::RecordCase;

namespace {

// What is told must be `refused`, or nothing.
template <class T>
void hold(const Expected<T>& told, const std::optional<test::Refusal>& refused) {
  if (!refused) {
    INFO((told ? std::string() : told.error().detail));
    CHECK(told.has_value());
    return;
  }
  REQUIRE_FALSE(told.has_value());
  CHECK(told.error().code == refused->code);
  const std::string& why = told.error().detail;
  CHECK((refused->why.ends_with(": ") ? why.substr(0, refused->why.size()) : why) == refused->why);
}

}  // namespace

TEST_CASE("a statement covers its own identifier, checks, method, account, client and time, and nothing else",
          "[issuance]") {
  for (const IssuanceCase& one : test::issuance_cases()) {
    DYNAMIC_SECTION((one.refused ? "not covered: " : "covered: ") << one.rule) {
      const auto told = evidence::check_issuance(one.statement, test::statement_keys(), one.issuance);
      hold(told, one.refused);
      if (told) CHECK(told->SerializeAsString() == one.statement.payload());
    }
  }
}

TEST_CASE("without keys nothing is covered", "[issuance]") {
  const IssuanceCase covered = test::issuance_cases().front();
  CHECK_FALSE(evidence::check_issuance(covered.statement, {}, covered.issuance));
}

TEST_CASE("a key that is pinned twice is believed in either of its times", "[issuance]") {
  const IssuanceCase covered = test::issuance_cases().front();
  auto keys = test::statement_keys();
  keys.insert(keys.begin(), {keys.front().key, TimePoint::min(), TimePoint::min()});
  CHECK(evidence::check_issuance(covered.statement, keys, covered.issuance));
  keys.erase(keys.begin() + 1);
  CHECK_FALSE(evidence::check_issuance(covered.statement, keys, covered.issuance));
}

TEST_CASE("a record is the one of its statement, and in its log", "[issuance]") {
  for (const RecordCase& one : test::record_cases()) {
    DYNAMIC_SECTION((one.refused ? "refused: " : "taken: ") << one.rule) {
      hold(evidence::check_record(one.record, one.statement, test::log_keys()), one.refused);
    }
  }
}

TEST_CASE("without keys of logs no record is taken", "[issuance]") {
  const RecordCase taken = test::record_cases().front();
  CHECK_FALSE(evidence::check_record(taken.record, taken.statement, {}));
}
