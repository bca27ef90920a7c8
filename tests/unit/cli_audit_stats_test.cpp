// `mpic audit stats`: counts over the records of a log.
#include "cli/audit/stats.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "tests/support/cli_run.hpp"
#include "tests/support/log_on_disk.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

using namespace std::chrono_literals;

const TimePoint kNine = TimePoint(std::chrono::sys_days(2026y / 11 / 25)) + 9h;  // the sample's records follow

coordinator::LoggedLeaf leaf_of(const test::SampleLog& log, std::size_t index) {
  coordinator::LoggedLeaf out;
  out.index = index;
  out.kind = log.leaves[index].kind;
  out.body = log.leaves[index].body;
  out.statement = log.leaves[index].statement;
  return out;
}

LogStats stats_of(const test::SampleLog& log, StatsCounter::Period period = {}) {
  StatsCounter counter(period);
  for (std::size_t i = 0; i < log.leaves.size(); ++i) counter.add(leaf_of(log, i));
  return counter.stats();
}

v1::RecordBody record(const test::SampleLog& log) {
  v1::RecordBody body;
  REQUIRE(body.ParseFromString(log.leaves[test::SampleLog::kRecord].body));
  return body;
}

}  // namespace

TEST_CASE("stats: what a log of five records adds up to", "[cli][audit]") {
  const LogStats stats = stats_of(test::sample_log(5, 1), {.from = {}, .until = {}, .by = By::kHour});
  CHECK(stats.records == 5);
  CHECK(stats.incomplete == 0);
  CHECK(stats.verdicts == LogStats::Counts{{"CORROBORATED", 4}, {"NOT_CORROBORATED", 1}});
  CHECK(stats.methods == LogStats::Counts{{"acme-dns-01", 5}, {"caa", 5}});
  CHECK(stats.addenda == 2);
  CHECK(stats.periods == std::map<std::string, LogStats::Counts>{{"2026-11-25T09:00Z", stats.verdicts}});
  CHECK(stats.decided_in.median() == 350);
  const LogStats::Looks& pdx = stats.looks.at({"pdx", "DCV"});
  CHECK(pdx.total() == 4);  // nobody asked it where the Primary's own determination was negative
  CHECK(pdx.outcomes[v1::OUTCOME_CORROBORATES] == 3);
  CHECK(pdx.outcomes[v1::OUTCOME_CONTRADICTS] == 1);
  CHECK(stats.looks.at({"jnb", "CAA"}).outcomes[v1::OUTCOME_NOT_WAITED_FOR] == 2);
  CHECK(stats.problems.at("NOT_WAITED_FOR") == 4);
}

TEST_CASE("stats: records count by the time of receipt", "[cli][audit]") {
  struct Row {
    const char* rule;
    std::optional<TimePoint> from;
    std::optional<TimePoint> until;
    std::uint64_t records;
  };
  const test::SampleLog log = test::sample_log(5, 1);
  const TimePoint second = kNine + 1s + 123'456'789ns;
  const Row rows[] = {
      {"all", {}, {}, 5},
      {"from the moment itself", second, {}, 4},
      {"not from later", second + 1ns, {}, 3},
      {"until the moment before", {}, second, 1},
      {"a time with none", second + 1h, {}, 0},
      {"one only", second, second + 1ns, 1},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) {
      CHECK(stats_of(log, {.from = row.from, .until = row.until, .by = By::kNothing}).records == row.records);
    }
  }
}

TEST_CASE("stats: a record that lacks something of BR 5.4.1 (2) is incomplete", "[cli][audit]") {
  struct Row {
    const char* lacking;
    std::function<void(v1::RecordBody&)> change;
  };
  const auto check = [](v1::RecordBody& body) -> v1::CheckResult& {
    return *body.mutable_decision()->mutable_checks(0);
  };
  const Row rows[] = {
      {"", [](v1::RecordBody&) {}},
      {"its id", [](auto& body) { body.clear_record_id(); }},
      {"who asked", [](auto& body) { body.clear_client(); }},
      {"the name that was applied for", [](auto& body) { body.mutable_request()->clear_identifier(); }},
      {"when it was received", [](auto& body) { body.clear_received(); }},
      {"when it was decided", [](auto& body) { body.clear_decided(); }},
      {"which deployment was in force", [](auto& body) { body.set_snapshot_sha256("short"); }},
      {"its attempts", [](auto& body) { body.clear_attempts(); }},
      {"the id of an attempt", [](auto& body) { body.mutable_attempts(1)->clear_attempt_id(); }},
      {"who was asked in an attempt", [](auto& body) { body.mutable_attempts(1)->clear_planned(); }},
      {"its verdict", [](auto& body) { body.mutable_decision()->clear_verdict(); }},
      {"the verdict of a check", [&](auto& body) { check(body).clear_verdict(); }},
      {"the clause of a check", [&](auto& body) { check(body).clear_clause(); }},
      {"the perspectives of a check", [&](auto& body) { check(body).clear_perspectives(); }},
      {"the method", [&](auto& body) { check(body).mutable_dcv()->clear_method(); }},
      {"the Authorization Domain Name", [&](auto& body) { check(body).mutable_dcv()->clear_authorization_domain(); }},
      {"the id of a perspective", [&](auto& body) { check(body).mutable_perspectives(2)->clear_perspective(); }},
      {"the result of a perspective", [&](auto& body) { check(body).mutable_perspectives(2)->clear_outcome(); }},
      {"the fraction of the quorum", [&](auto& body) { check(body).mutable_quorum()->clear_fraction(); }},
  };
  const test::SampleLog log = test::sample_log();
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.lacking) {
      v1::RecordBody body = record(log);
      row.change(body);
      CHECK(lacking_in(body) == row.lacking);
    }
  }
  StatsCounter counter({});
  coordinator::LoggedLeaf leaf = leaf_of(log, test::SampleLog::kRecord);
  leaf.statement.clear();
  counter.add(leaf);
  leaf.body = "\xFF\xFF";
  counter.add(leaf);
  CHECK(counter.stats().incomplete_leaves ==
        std::vector<std::string>{"leaf 2 lacks its statement", "leaf 2 lacks everything: it is no record"});
}

TEST_CASE("stats: what is no longer kept counts by what the store still has", "[cli][audit]") {
  StatsCounter counter({.from = kNine, .until = {}, .by = By::kDay});
  coordinator::LoggedLeaf leaf;
  leaf.kind = evidence::LeafKind::kRecord;
  counter.add(leaf);
  leaf.record.emplace();
  leaf.record->verdict = "CORROBORATED";
  leaf.record->received = kNine;
  counter.add(leaf);
  leaf.record->received = kNine - 1s;
  counter.add(leaf);
  CHECK(counter.stats().records == 2);
  CHECK(counter.stats().pruned == 2);
  CHECK(counter.stats().incomplete == 0);
  CHECK(counter.stats().periods == std::map<std::string, LogStats::Counts>{{"2026-11-25", {{"CORROBORATED", 1}}}});
}

TEST_CASE("stats: the median is the lower of two middle ones", "[cli][audit]") {
  Durations durations;
  CHECK_FALSE(durations.median());
  durations.add(7);
  CHECK(durations.median() == 7);
  durations.add(9);
  CHECK(durations.median() == 7);
  durations.add(9);
  CHECK(durations.median() == 9);
  durations.add(-5);
  CHECK(durations.median() == 7);
}

TEST_CASE("cli: audit stats for people and for programs", "[cli][audit]") {
  const cli::Folder folder;
  test::SampleLog log = test::sample_log(5, 1);
  const std::string file = (folder.path() / "log.sqlite").string();
  test::write_log(file, log, {log.checkpoint});
  const Result text = mpic_run({"audit", "stats", "--store", file, "--by", "day"});
  CHECK(text.status == 0);
  CHECK_THAT(text.out, Catch::StartsWith("5 records of " + log.origin + "\n  Incomplete    0\n"));
  CHECK_THAT(text.out, Catch::Contains("CORROBORATED           4  80.0%") && Catch::Contains("contradicts 1 (25.0%)"));
  const Result json = mpic_run({"audit", "stats", "--store", file, "--json"});
  const boost::json::value told = boost::json::parse(json.out);
  CHECK(told.at("records") == 5);
  CHECK(told.at("incomplete") == 0);
  CHECK(told.at("verdicts").at("CORROBORATED") == 4);
  CHECK(mpic_run({"audit", "stats", "--store", file, "--by", "year"}).status == 64);
  CHECK(mpic_run({"audit", "stats", "--store", file, "--from", "noon"}).status == 64);
}
