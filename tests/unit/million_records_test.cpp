// How long it takes to find something in a million records. Not of every run: `[million]` asks for it, as `tests/run
// soak` does.
#include <algorithm>
#include <chrono>
#include <iostream>

#include "coordinator/audit/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
constexpr Milliseconds kMost{50};

// A million records of 200,000 names, received a second after each other, with bodies as small as their columns; one in
// a hundred has an attempt that failed.
constexpr const char* kFill = R"sql(
BEGIN;
CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY);
WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 999999)
  INSERT INTO numbers SELECT n FROM counted;
INSERT INTO records SELECT n, printf('%012x%020x', n, n), 'client-' || (n % 3), 'request ' || n,
  CASE n % 10 WHEN 0 THEN 'trace ' || n ELSE '' END,
  printf('www.n%d.example%d.com', n * 7919 % 200000, n * 7919 % 200000 % 1000), 'CORROBORATED', n * 1000000000,
  n * 1000000000 + 1, x'01', x'01' FROM numbers;
INSERT INTO leaves SELECT n, 1, zeroblob(32) FROM numbers;
WITH seven (i, perspective) AS (VALUES (0, 'us-east'), (1, 'eu-west'), (2, 'eu-central'), (3, 'ap-northeast'),
                                       (4, 'sa-east'), (5, 'af-south'), (6, 'us-west'))
  INSERT INTO attempts SELECT n, i, printf('%032x', n), perspective, 'remote', 'RIPE', 'caa',
    CASE WHEN i = 3 AND n % 100 = 0 THEN 'unreachable' ELSE 'corroborates' END, '' FROM numbers, seven;
COMMIT;
)sql";

struct Row {
  const char* asked;
  std::function<void(RecordQuery&)> set;
  std::size_t found;
  bool is_bounded = true;  // by kMost; else it reads an index to its end
};

}  // namespace

TEST_CASE("in a million records each question is answered at once", "[.][million]") {
  const Folder folder;
  SqliteStore::open(folder.file(), kLog).value().reset();
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  REQUIRE(execute(database, kFill));
  sqlite3_close(database);
  const auto at = [](int second) { return TimePoint(std::chrono::seconds(second)); };
  const Row rows[] = {
      {"a name", [](RecordQuery& q) { q.identifier = "www.n77.example77.com"; }, 5},
      {"a name that is not there", [](RecordQuery& q) { q.identifier = "www.nobody.example"; }, 0},
      {"names below another", [](RecordQuery& q) { q.identifier = "*.example77.com"; }, 100, false},
      {"a record's id", [](RecordQuery& q) { q.record_id = "0000000003e8000000000000000003e8"; }, 1},
      {"a request's id", [](RecordQuery& q) { q.request_id = "request 500000"; }, 1},
      {"a trace id", [](RecordQuery& q) { q.trace_id = "trace 500000"; }, 1},
      {"an outcome", [](RecordQuery& q) { q.outcome = "unreachable"; }, 100},
      {"an outcome of a perspective", [](RecordQuery& q) { q.outcome = "unreachable", q.perspective = "ap-northeast"; },
       100},
      {"a perspective", [](RecordQuery& q) { q.perspective = "eu-west"; }, 100},
      {"a client, in an hour", [&](RecordQuery& q) { q.client = "client-1", q.from = at(1000), q.until = at(4600); },
       100},
      {"the newest", [](RecordQuery&) {}, 100},
  };
  const auto reader = read_sqlite(folder.file()).value();
  for (const Row& row : rows) {
    RecordQuery query;
    row.set(query);
    std::vector<Milliseconds> took;
    for (int turn = 0; turn < 6; ++turn) {
      const auto began = std::chrono::steady_clock::now();
      const auto found = reader->find(query);
      took.emplace_back(std::chrono::steady_clock::now() - began);
      REQUIRE(found);
      CHECK(found->size() == row.found);
    }
    const Milliseconds warm = *std::max_element(took.begin() + 1, took.end());
    std::cout << row.asked << ": " << took[0].count() << " ms, then at most " << warm.count() << " ms" << std::endl;
    INFO(row.asked);
    if (row.is_bounded) CHECK(warm < kMost);
  }
}
