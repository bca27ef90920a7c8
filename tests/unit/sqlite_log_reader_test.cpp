// A SQLite store's file as an auditor reads it: every leaf, what is looked for, and nothing that is written.
#include <fmt/format.h>

#include <filesystem>

#include "coordinator/audit/sqlite.hpp"
#include "coordinator/audit/sqlite_find.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

TimePoint at(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

struct Asked {
  const char* id;
  const char* identifier;
  const char* client;
  const char* trace;
  const char* verdict;
  const char* failing;  // perspective that does not corroborate; none
  const char* outcome;  // of it
};
// Received a second after each other, from 0 on.
constexpr Asked kAsked[] = {
    {"r0", "www.example.com", "acme", "t0", "CORROBORATED", "", ""},
    {"r1", "example.com", "acme", "", "CORROBORATED", "us-east", "unreachable"},
    {"r2", "*.example.com", "acme", "t2", "NOT_CORROBORATED", "us-east", "contradicts"},
    {"r3", "www.example.com", "other", "t0", "NOT_CORROBORATED", "us-west", "contradicts"},
    {"r4", "www.another-example.com", "other", "", "CORROBORATED", "", ""},
    {"r5", "192.0.2.1", "other", "t5", "NOT_DETERMINED", "us-west", "unreachable"},
    {"r6", "a.b.example.com", "acme", "", "CORROBORATED", "ap-south", "could_not_look"},
};

StoredRecord record_for(const Asked& asked, int second) {
  StoredRecord record = record_of(asked.id);
  record.identifier = asked.identifier;
  record.client = asked.client;
  record.trace_id = asked.trace;
  record.verdict = asked.verdict;
  record.received = at(second);
  record.decided = at(second + 1);
  for (AttemptRow& row : record.rows) {
    if (row.perspective == asked.failing) row.outcome = asked.outcome;
  }
  return record;
}

void fill(SqliteStore& store) {
  int second = 0;
  for (const Asked& asked : kAsked) REQUIRE(append(store, record_for(asked, second++)));
}

std::unique_ptr<SqliteStore> open(const Folder& folder) { return SqliteStore::open(folder.file(), kLog).value(); }

RecordQuery query(const std::function<void(RecordQuery&)>& set) {
  RecordQuery out;
  set(out);
  return out;
}

// How SQLite goes about it, one step per line.
std::string plan_of_query(const Folder& folder, const RecordQuery& wanted) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  std::string out;
  {
    Statement steps(database, ("EXPLAIN QUERY PLAN " + find_statement(wanted).sql).c_str());
    int step = steps.step();
    for (; step == SQLITE_ROW; step = steps.step()) out += steps.column(3) + "\n";
    CHECK(step == SQLITE_DONE);
  }
  sqlite3_close(database);
  return out;
}

}  // namespace

TEST_CASE("records are found by what is asked, newest first, and each by an index", "[store][log]") {
  struct Row {
    const char* asked;
    std::function<void(RecordQuery&)> set;
    const char* found;
    const char* uses;
  };
  const Row rows[] = {
      {"everything", [](RecordQuery&) {}, "r6 r5 r4 r3 r2 r1 r0", "SCAN records USING COVERING INDEX records_by_time"},
      {"a name", [](RecordQuery& q) { q.identifier = "www.example.com"; }, "r3 r0",
       "SEARCH records USING COVERING INDEX records_by_identifier (identifier=?)"},
      {"a name, in a time", [](RecordQuery& q) { q.identifier = "www.example.com", q.from = at(1), q.until = at(9); },
       "r3",
       "SEARCH records USING COVERING INDEX records_by_identifier (identifier=? AND received_ns>? AND received_ns<?)"},
      {"an address", [](RecordQuery& q) { q.identifier = "192.0.2.1"; }, "r5",
       "SEARCH records USING COVERING INDEX records_by_identifier (identifier=?)"},
      {"names below another, itself not", [](RecordQuery& q) { q.identifier = "*.example.com"; }, "r6 r3 r2 r0",
       "SCAN records USING COVERING INDEX records_by_identifier"},
      {"names below another of one client", [](RecordQuery& q) { q.identifier = "*.example.com", q.client = "other"; },
       "r3", "SCAN records USING INDEX records_by_identifier"},
      {"a record's id", [](RecordQuery& q) { q.record_id = "r2"; }, "r2",
       "SEARCH records USING INDEX sqlite_autoindex_records_1 (record_id=?)"},
      {"a request's id", [](RecordQuery& q) { q.request_id = "request of r2"; }, "r2",
       "SEARCH records USING INDEX records_by_request (request_id=?)"},
      {"a request's id of another client", [](RecordQuery& q) { q.request_id = "request of r2", q.client = "other"; },
       "", "SEARCH records USING INDEX records_by_request (request_id=? AND client=?)"},
      {"a trace id", [](RecordQuery& q) { q.trace_id = "t0"; }, "r3 r0",
       "SEARCH records USING INDEX records_by_trace (trace_id=?)"},
      {"a client", [](RecordQuery& q) { q.client = "other"; }, "r5 r4 r3", "SCAN records USING INDEX records_by_time"},
      {"a verdict", [](RecordQuery& q) { q.verdict = "NOT_CORROBORATED"; }, "r3 r2",
       "SCAN records USING INDEX records_by_time"},
      {"a time", [](RecordQuery& q) { q.from = at(2), q.until = at(4); }, "r3 r2",
       "SEARCH records USING COVERING INDEX records_by_time (received_ns>? AND received_ns<?)"},
      {"the newest two", [](RecordQuery& q) { q.most = 2; }, "r6 r5",
       "SCAN records USING COVERING INDEX records_by_time"},
      {"an outcome", [](RecordQuery& q) { q.outcome = "unreachable"; }, "r5 r1",
       "SEARCH attempts USING COVERING INDEX attempts_that_failed (outcome=?)"},
      {"an outcome of one perspective", [](RecordQuery& q) { q.outcome = "contradicts", q.perspective = "us-west"; },
       "r3", "SEARCH attempts USING COVERING INDEX attempts_that_failed (outcome=? AND perspective=?)"},
      {"the newest of an outcome", [](RecordQuery& q) { q.outcome = "contradicts", q.most = 1; }, "r3",
       "SEARCH attempts USING COVERING INDEX attempts_that_failed (outcome=?)"},
      {"an outcome under a name", [](RecordQuery& q) { q.outcome = "contradicts", q.identifier = "www.example.com"; },
       "r3", "SEARCH records USING COVERING INDEX records_by_identifier (identifier=?)"},
      {"a perspective that corroborates, in a time",
       [](RecordQuery& q) { q.outcome = "corroborates", q.perspective = "us-east", q.until = at(4); }, "r3 r0",
       "SEARCH records USING COVERING INDEX records_by_time (received_ns<?)"},
      {"a perspective that nobody asked", [](RecordQuery& q) { q.perspective = "nowhere"; }, "",
       "SCAN records USING COVERING INDEX records_by_time"},
      {"a name as it is not written", [](RecordQuery& q) { q.identifier = "%example.com"; }, "",
       "SEARCH records USING COVERING INDEX records_by_identifier (identifier=?)"},
  };
  const Folder folder;
  const auto store = open(folder);
  fill(*store);
  const auto reader = read_sqlite(folder.file()).value();
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.asked) {
      const RecordQuery wanted = query(row.set);
      const auto found = reader->find(wanted);
      REQUIRE(found);
      std::string ids;
      for (const StoredRecord& record : *found) {
        ids += (ids.empty() ? "" : " ") + record.record_id;
        CHECK(record.rows.size() == 7);
        CHECK(record.body.empty());
      }
      CHECK(ids == row.found);
      const std::string plan = plan_of_query(folder, wanted);
      CHECK_THAT(plan, Catch::Matchers::Contains(row.uses));
      CHECK_THAT(plan, !Catch::Matchers::Contains("SCAN records\n") && !Catch::Matchers::Contains("SCAN attempts") &&
                           !Catch::Matchers::Contains("AUTOMATIC"));
    }
  }
}

TEST_CASE("a leaf is read with all that the file has of it", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  fill(*store);
  REQUIRE(append(*store, StoredAddendum("r1", "us-east", "late", at(9))));
  const auto reader = read_sqlite(folder.file()).value();
  CHECK(reader->origin() == kLog);
  CHECK(reader->source() == folder.file());
  CHECK(reader->size().value() == 8);
  const auto leaves = reader->leaves(1, 2).value();
  REQUIRE(leaves.size() == 2);
  CHECK(leaves[0].index == 1);
  CHECK(leaves[0].body == record_of("r1").body);
  CHECK(leaves[0].statement == record_of("r1").statement);
  CHECK(leaves[0].record->identifier == "example.com");
  CHECK(leaves[0].record->rows.at(2).outcome == "unreachable");
  CHECK(leaves[0].record->body.empty());
  const auto last = reader->leaves(7, 100).value();
  REQUIRE(last.size() == 1);
  CHECK(last[0].addendum->record_id == "r1");
  CHECK(last[0].body == "late");
  CHECK(reader->leaves(8, 100)->empty());
  CHECK(reader->leaves(0, 0)->empty());
  CHECK(fault_of(reader->record("r1"), "r1").value_or("") == "");
  CHECK(reader->record("r1").value()->addenda.size() == 1);
  CHECK(reader->record("r99").value() == std::nullopt);
}

TEST_CASE("a row that is no leaf of the log is told, and a leaf without its row is left to who verifies",
          "[store][log]") {
  struct Row {
    const char* what;
    const char* sql;
    const char* told;
  };
  const Row rows[] = {
      {"a record beyond the end",
       "INSERT INTO records SELECT 100, 'r100', client, 'x', '', identifier, verdict, 1, 1, "
       "body, statement FROM records WHERE leaf = 1",
       "records 100"},
      {"an event in the place of a record", "INSERT INTO events VALUES (3, 1, x'01')", "events 3"},
      {"attempts of nothing", "INSERT INTO attempts VALUES (50, 0, '', '', '', '', '', '', '')", "attempts 50"},
      {"a record that is gone", "DELETE FROM records WHERE leaf = 3", ""},
      {"a leaf that is gone", "DELETE FROM leaves WHERE idx = 3", "records 3, attempts 3"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.what) {
      const Folder folder;
      fill(*open(folder));
      sqlite3* database = nullptr;
      REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
      REQUIRE(execute(database, row.sql));
      sqlite3_close(database);
      const auto reader = read_sqlite(folder.file()).value();
      const auto strays = reader->stray_rows(10);
      REQUIRE(strays);
      std::string told;
      for (const StrayRow& stray : *strays) {
        told += fmt::format("{}{} {}", told.empty() ? "" : ", ", stray.table, stray.leaf);
      }
      CHECK(told == row.told);
      const auto leaves = reader->leaves(0, 100);
      REQUIRE(leaves);
      if (told.empty()) CHECK_FALSE(leaves->at(3).record);
    }
  }
}

TEST_CASE("what cannot be read as a log says why", "[store][log]") {
  const Folder folder;
  const auto missing = read_sqlite(folder.file());
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().detail, Catch::Matchers::Contains("there is no such file"));
  CHECK_FALSE(std::filesystem::exists(folder.file()));

  open(folder).reset();
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  REQUIRE(execute(database, "PRAGMA user_version = 99"));
  sqlite3_close(database);
  const auto newer = read_sqlite(folder.file());
  REQUIRE_FALSE(newer);
  CHECK_THAT(newer.error().detail, Catch::Matchers::Contains("use the newer program"));
  CHECK_FALSE(read_sqlite(folder.path()));
}

TEST_CASE("a log is read where nothing may be written, and from under any name", "[store][log]") {
  const Folder folder;
  fill(*open(folder));
  const auto odd = folder.path() / "a?b#c%41" / "records.sqlite";
  std::filesystem::create_directory(odd.parent_path());
  std::filesystem::rename(folder.file(), odd);
  std::filesystem::permissions(odd, std::filesystem::perms::owner_read);
  std::filesystem::permissions(odd.parent_path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const auto reader = read_sqlite(odd);
  REQUIRE(reader);
  CHECK(all_leaves(**reader, 3).size() == std::size(kAsked));
  std::filesystem::permissions(odd.parent_path(), std::filesystem::perms::owner_all);
}

TEST_CASE("a log is read while it is written, each part as of one moment", "[store][log]") {
  const Folder folder;
  const auto store = open(folder);
  const auto reader = read_sqlite(folder.file()).value();
  std::size_t seen = 0;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(append(*store, record_of("r" + std::to_string(i))));
    const auto leaves = reader->leaves(seen, 1'000).value();
    for (const LoggedLeaf& leaf : leaves) {
      CHECK(leaf.index == seen++);
      CHECK(leaf.record.has_value());
    }
    CHECK(seen == static_cast<std::size_t>(i) + 1);
  }
  CHECK(append(*store, record_of("last")).value() == 100);  // the reader holds nothing up
}
