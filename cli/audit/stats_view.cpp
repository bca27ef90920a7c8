// Counts as people and programs read them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/audit/stats.hpp"
#include "cli/batch/progress.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "common/domain/problem.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLongestName = 256;
constexpr std::array kVerdicts = {v1::VERDICT_CORROBORATED, v1::VERDICT_NOT_CORROBORATED, v1::VERDICT_NOT_DETERMINED};

std::string share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? "-" : fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(of));
}

std::string median_text(const Durations& durations) {
  const auto median = durations.median();
  return median ? fmt::format("{} ms", grouped(*median)) : "-";
}

std::uint64_t number_of(const LogStats::Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

std::uint64_t total_of(const LogStats::Counts& counts) {
  std::uint64_t out = 0;
  for (const auto& [name, number] : counts) out += number;
  return out;
}

// The most frequent first.
std::string counts_table(const char* title, const LogStats::Counts& counts, std::uint64_t of, const Style& style) {
  if (counts.empty()) return "";
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  Table table({{title}, {"NUMBER", true}, {"SHARE", true}});
  for (const auto& [name, number] : sorted) {
    table.add({{for_terminal(name), Tone::kStrong}, {grouped(number)}, {share(number, of)}});
  }
  return "\n" + table.render(kIndent, style);
}

std::string other_outcomes(const LogStats::Looks& looks) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < LogStats::kOutcomes; ++i) {
    if (i == v1::OUTCOME_CORROBORATES || looks.outcomes[i] == 0) continue;
    const std::string name = i == 0 ? "unknown" : word(static_cast<v1::Outcome>(i));
    parts.push_back(
        fmt::format("{} {} ({})", name, grouped(looks.outcomes[i]), share(looks.outcomes[i], looks.total())));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string looks_table(const LogStats& stats, const Style& style) {
  if (stats.looks.empty()) return "";
  Table table({{"PERSPECTIVE"}, {"CHECK"}, {"LOOKS", true}, {"CORROBORATES", true}, {"MEDIAN", true}, {"THE REST"}});
  for (const auto& [who, looks] : stats.looks) {
    table.add({{for_terminal(who.first), Tone::kStrong},
               {for_terminal(who.second)},
               {grouped(looks.total())},
               {share(looks.outcomes[v1::OUTCOME_CORROBORATES], looks.total())},
               {median_text(looks.elapsed)},
               {other_outcomes(looks)}});
  }
  return "\n" + table.render(kIndent, style);
}

std::string periods_table(const LogStats& stats, const Style& style) {
  if (stats.periods.empty()) return "";
  Table table(
      {{"RECEIVED"}, {"RECORDS", true}, {"CORROBORATED", true}, {"NOT_CORROBORATED", true}, {"NOT_DETERMINED", true}});
  for (const auto& [when, counts] : stats.periods) {
    std::vector<Cell> cells = {{when, Tone::kStrong}, {grouped(total_of(counts))}};
    for (const v1::Verdict verdict : kVerdicts) cells.push_back({grouped(number_of(counts, word(verdict)))});
    table.add(std::move(cells));
  }
  return "\n" + table.render(kIndent, style);
}

std::string summary(const LogStats& stats, const Style& style) {
  constexpr std::size_t kLabels = 14;
  std::string out;
  const auto line = [&](const char* label, const std::string& text) {
    out += paragraph(fmt::format("  {}", label), text, kIndent + kLabels, style);
  };
  const bool is_whole = stats.incomplete == 0;
  line("Incomplete", toned(grouped(stats.incomplete), is_whole ? Tone::kGood : Tone::kBad, style) +
                         (is_whole ? "" : fmt::format(": {}", fmt::join(stats.incomplete_leaves, "; "))));
  line("No result", grouped(stats.without_result));
  line("Not kept", grouped(stats.pruned));
  line("Retried", grouped(stats.retried));
  line("Came late", fmt::format("{}, of which {} contradict", grouped(stats.addenda), grouped(stats.contradictions)));
  line("Decided in", median_text(stats.decided_in) + " (median)");
  return out;
}

bj::object object_of(const LogStats::Counts& counts) {
  bj::object out;
  for (const auto& [name, number] : counts) out[printable(name, kLongestName)] = number;
  return out;
}

bj::value median_json(const Durations& durations) {
  const auto median = durations.median();
  return median ? bj::value(*median) : bj::value(nullptr);
}

bj::array looks_json(const LogStats& stats) {
  bj::array out;
  for (const auto& [who, looks] : stats.looks) {
    bj::object outcomes;
    for (std::size_t i = 0; i < LogStats::kOutcomes; ++i) {
      if (looks.outcomes[i] == 0) continue;
      outcomes[i == 0 ? "unknown" : std::string(to_string(static_cast<Outcome>(i)))] = looks.outcomes[i];
    }
    out.push_back(bj::object{{"perspective", printable(who.first, kLongestName)},
                             {"check", who.second},
                             {"looks", looks.total()},
                             {"outcomes", outcomes},
                             {"median_ms", median_json(looks.elapsed)}});
  }
  return out;
}

}  // namespace

std::string stats_text(const LogStats& stats, const std::string& origin, const Style& style) {
  std::uint64_t looks = 0;
  for (const auto& [who, one] : stats.looks) looks += one.total();
  return fmt::format("{} records of {}\n", grouped(stats.records), for_terminal(origin)) + summary(stats, style) +
         counts_table("VERDICT", stats.verdicts, stats.records, style) +
         counts_table("WOULD BE", stats.would_be, stats.records, style) +
         counts_table("METHOD", stats.methods, stats.records, style) + looks_table(stats, style) +
         counts_table("PROBLEM", stats.problems, looks, style) + periods_table(stats, style);
}

std::string stats_json(const LogStats& stats, const std::string& origin) {
  bj::array incomplete;
  for (const std::string& leaf : stats.incomplete_leaves) incomplete.emplace_back(leaf);
  bj::object periods;
  for (const auto& [when, counts] : stats.periods) periods[when] = object_of(counts);
  return bj::serialize(bj::object{{"origin", printable(origin, kLongestName)},
                                  {"records", stats.records},
                                  {"incomplete", stats.incomplete},
                                  {"incomplete_leaves", incomplete},
                                  {"without_result", stats.without_result},
                                  {"not_kept", stats.pruned},
                                  {"retried", stats.retried},
                                  {"addenda", stats.addenda},
                                  {"addenda_that_contradict", stats.contradictions},
                                  {"median_ms", median_json(stats.decided_in)},
                                  {"verdicts", object_of(stats.verdicts)},
                                  {"would_be", object_of(stats.would_be)},
                                  {"methods", object_of(stats.methods)},
                                  {"perspectives", looks_json(stats)},
                                  {"problems", object_of(stats.problems)},
                                  {"periods", periods}}) +
         "\n";
}

}  // namespace mpic::cli
