// `mpic audit stats`: what a log holds, counted.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/audit/source.hpp"
#include "cli/audit/times.hpp"
#include "cli/table.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::LoggedLeaf;

constexpr std::size_t kBatch = 1'000;

struct StatsOptions {
  LogSource source;
  std::string from;
  std::string until;
  std::string by;
  bool json = false;
};

constexpr const char* kFooter =
    R"(Counts over every record of the log, or of a time. A record is incomplete when a perspective that was planned has no
row: there must be none. Times are medians of what the perspectives took.

Examples:
  mpic audit stats --store records.sqlite --from 2026-11-01 --until 2026-12-01
  mpic audit stats --store records.sqlite --by day --json

Exit status: 0; 1 when a record is incomplete; 2 when the log could not be read.)";

using Counts = std::map<std::string, std::uint64_t>;

struct OfPerspective {
  Counts outcomes;
  std::vector<std::uint32_t> took_ms;
};

struct Stats {
  std::uint64_t records = 0;
  std::uint64_t pruned = 0;
  std::uint64_t incomplete = 0;
  Counts verdicts;
  Counts methods;
  Counts problems;
  Counts periods;  // by hour or day
  std::map<std::string, OfPerspective> perspectives;
};

std::size_t rows_planned(const v1::RecordBody& body) {
  std::size_t out = 0;
  for (const v1::AttemptRecord& attempt : body.attempts()) {
    for (const v1::PlannedPerspective& planned : attempt.planned()) {
      v1::Assignment asked;
      const bool is_asserted = planned.asserted() || !asked.ParseFromString(planned.assignment());
      out += (is_asserted ? body.request().has_dcv() : asked.has_dcv()) ? 1U : 0U;
      out += (is_asserted ? body.request().has_caa() : asked.has_caa()) ? 1U : 0U;
    }
  }
  return out;
}

std::string method_of(const v1::CorroborateRequest& request) {
  if (!request.has_dcv()) return "caa only";
  const auto question = wire::decode(request.dcv(), "dcv");
  return question ? std::string(to_string(question->method())) : "unknown";
}

// Of records received in it.
struct Time {
  TimePoint from = TimePoint::min();
  TimePoint until = TimePoint::max();
};

void count(const LoggedLeaf& leaf, const StatsOptions& options, const Time& time, Stats& stats) {
  if (leaf.kind != evidence::LeafKind::kRecord) return;
  v1::RecordBody body;
  if (leaf.body.empty()) {
    ++stats.pruned;
    return;
  }
  if (!body.ParseFromString(leaf.body)) {
    ++stats.incomplete;
    return;
  }
  const TimePoint received = wire::decode(body.received()).value_or(TimePoint{});
  if (received < time.from || received >= time.until) return;
  ++stats.records;
  const auto rows = coordinator::attempt_rows(body);
  const bool is_indexed = leaf.record.has_value();
  if (rows.size() != rows_planned(body) || (is_indexed && leaf.record->rows != rows)) ++stats.incomplete;
  ++stats.verdicts[coordinator::stored_record(body, {}, {}).verdict];
  ++stats.methods[method_of(body.request())];
  if (!options.by.empty()) ++stats.periods[rfc3339(received).substr(0, options.by == "day" ? 10 : 13)];
  for (const coordinator::AttemptRow& row : rows) {
    ++stats.perspectives[row.perspective].outcomes[row.outcome];
    if (!row.problem.empty()) ++stats.problems[row.problem];
  }
  for (const v1::CheckResult& check : body.decision().checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      if (row.outcome() == v1::OUTCOME_NOT_WAITED_FOR || row.asserted()) continue;
      stats.perspectives[row.perspective()].took_ms.push_back(row.elapsed_ms());
    }
  }
}

std::uint32_t median(std::vector<std::uint32_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bj::object object_of(const Counts& counts) {
  bj::object out;
  for (const auto& [name, number] : counts) out[name] = number;
  return out;
}

std::string as_json(const Stats& stats) {
  bj::object perspectives;
  for (const auto& [name, one] : stats.perspectives) {
    perspectives[name] = bj::object{{"outcomes", object_of(one.outcomes)}, {"median_ms", median(one.took_ms)}};
  }
  return bj::serialize(bj::object{{"records", stats.records},
                                  {"pruned", stats.pruned},
                                  {"incomplete", stats.incomplete},
                                  {"verdicts", object_of(stats.verdicts)},
                                  {"methods", object_of(stats.methods)},
                                  {"problems", object_of(stats.problems)},
                                  {"periods", object_of(stats.periods)},
                                  {"perspectives", perspectives}}) +
         "\n";
}

std::string counted(const char* title, const Counts& counts, std::uint64_t of, const Style& style) {
  if (counts.empty()) return {};
  Table table({{title, false}, {"Records", true}, {"Share", true}});
  for (const auto& [name, number] : counts) {
    const double share = of == 0 ? 0 : 100.0 * static_cast<double>(number) / static_cast<double>(of);
    table.add({{for_terminal(name)}, {grouped(number)}, {fmt::format("{:.1f} %", share)}});
  }
  return table.render(0, style) + "\n";
}

std::string for_people(const Stats& stats, const Style& style) {
  std::string out = fmt::format("{} records, {} incomplete, {} pruned\n\n", grouped(stats.records),
                                grouped(stats.incomplete), grouped(stats.pruned));
  out += counted("Verdict", stats.verdicts, stats.records, style);
  out += counted("Method", stats.methods, stats.records, style);
  out += counted("Received", stats.periods, stats.records, style);
  Table table({{"Perspective", false}, {"Outcome", false}, {"Rows", true}, {"Share", true}, {"Median ms", true}});
  for (const auto& [name, one] : stats.perspectives) {
    std::uint64_t all = 0;
    for (const auto& [outcome, number] : one.outcomes) all += number;
    for (const auto& [outcome, number] : one.outcomes) {
      table.add({{for_terminal(name)},
                 {outcome},
                 {grouped(number)},
                 {fmt::format("{:.1f} %", 100.0 * static_cast<double>(number) / static_cast<double>(all))},
                 {std::to_string(median(one.took_ms))}});
    }
  }
  out += table.render(0, style) + "\n";
  Table problems({{"Problem", false}, {"Rows", true}});
  for (const auto& [name, number] : stats.problems) problems.add({{name}, {grouped(number)}});
  return out + problems.render(0, style);
}

void show(const StatsOptions& options, Surroundings& around) {
  Time time;
  if (!options.from.empty()) time.from = time_of("--from", options.from);
  if (!options.until.empty()) time.until = time_of("--until", options.until);
  const auto log = open_log(options.source);
  const std::uint64_t size = read_or_fail(log->size());
  Stats stats;
  ProgressLine line(around);
  for (std::uint64_t first = 0; first < size;) {
    const auto batch = read_or_fail(log->leaves(first, std::min<std::uint64_t>(kBatch, size - first)));
    if (batch.empty()) break;
    for (const LoggedLeaf& leaf : batch) count(leaf, options, time, stats);
    first += batch.size();
    line.show(first, size);
  }
  line.clear();
  around.out << (options.json ? as_json(stats) : for_people(stats, around.style));
  if (stats.incomplete != 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_stats(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("stats", "Count verdicts, outcomes, problems and methods");
  const auto options = std::make_shared<StatsOptions>();
  add_log_source(*command, options->source);
  command->add_option("--from", options->from, "Received then or later")->type_name("TIME");
  command->add_option("--until", options->until, "Received before")->type_name("TIME");
  command->add_option("--by", options->by, "Also by hour or day")->check(CLI::IsMember({"hour", "day"}));
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(kFooter);
  command->callback([options, &surroundings] { show(*options, surroundings); });
}

}  // namespace mpic::cli
