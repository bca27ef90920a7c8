// `mpic audit stats`: counts over the records of a log.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/each_leaf.hpp"
#include "cli/audit/stats.hpp"
#include "cli/audit/times.hpp"

namespace mpic::cli {
namespace {

struct StatsOptions {
  LogSource source;
  std::string from;
  std::string until;
  std::string by;
  bool json = false;
};

constexpr const char* kFooter =
    R"(Records count by the time of receipt. The shares of a perspective are of all its looks, in every attempt. A record
is incomplete when it lacks something that BR 5.4.1 (2) asks of it: there must be none.

Examples:
  mpic audit stats --store records.sqlite
  mpic audit stats --config coordinator.yaml --from 2026-11-01 --until 2026-12-01 --by day
  mpic audit stats --export log-export --json

Exit status: 0; 1 a record is incomplete; 2 the log could not be read; 64 usage.)";

By by_of(const std::string& text) {
  if (text == "day") return By::kDay;
  return text == "hour" ? By::kHour : By::kNothing;
}

void run_stats(const StatsOptions& options, Surroundings& around) {
  StatsCounter::Period period;
  if (!options.from.empty()) period.from = time_of("--from", options.from);
  if (!options.until.empty()) period.until = time_of("--until", options.until);
  period.by = by_of(options.by);
  StatsCounter counter(period);
  const auto log = open_log(options.source);
  for_each_leaf(*log, around, [&](const coordinator::LoggedLeaf& leaf) { counter.add(leaf); });
  const LogStats& stats = counter.stats();
  around.out << (options.json ? stats_json(stats, log->origin()) : stats_text(stats, log->origin(), around.style));
  if (stats.incomplete > 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_stats(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("stats", "Count verdicts, outcomes, problems, methods, times");
  const auto options = std::make_shared<StatsOptions>();
  add_log_source(*command, options->source);
  command->add_option("--from", options->from, "Received then or later: 2026-11-25, or 2026-11-25T08:00:00Z")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Received before")->type_name("TIME");
  command->add_option("--by", options->by, "Verdicts of each day or hour too")
      ->check(CLI::IsMember({"day", "hour"}).description(""))
      ->type_name("day|hour");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(kFooter);
  command->callback([options, &surroundings] { run_stats(*options, surroundings); });
}

}  // namespace mpic::cli
