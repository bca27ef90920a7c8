#include "cli/batch/progress.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/words.hpp"
#include "common/domain/problem.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using namespace std::chrono_literals;

constexpr Milliseconds kRateSpan = 15s;
constexpr Milliseconds kBetweenSamples = 250ms;
constexpr std::size_t kNarrowestBar = 10;
constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kReadable = 20;  // columns of a sentence that is cut
constexpr std::size_t kProblemsTold = 8;

constexpr v1::Verdict kVerdicts[] = {v1::VERDICT_CORROBORATED, v1::VERDICT_NOT_CORROBORATED,
                                     v1::VERDICT_NOT_DETERMINED};

double seconds(std::chrono::steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

std::string rate_text(double per_second) {
  return per_second < 10 ? fmt::format("{:.1f}/s", per_second) : fmt::format("{:.0f}/s", per_second);
}

std::string left_text(const BatchProgress& progress) {
  constexpr double kTooLong = 100 * 3600;
  const double left = static_cast<double>(progress.total - progress.done) / std::max(progress.per_second, 1e-9);
  if (left > kTooLong) return "";
  return clock_text(std::chrono::seconds(static_cast<long>(left + 0.5))) + " left";
}

std::size_t percent(const BatchProgress& progress) {
  return progress.total == 0 ? 100 : progress.done * 100 / progress.total;
}

std::string bar(const BatchProgress& progress, std::size_t width, const Style& style) {
  const std::size_t full = progress.total == 0 ? width : progress.done * width / progress.total;
  std::string out;
  for (std::size_t i = 0; i < full; ++i) out += style.unicode ? "█" : "#";
  std::string rest;
  for (std::size_t i = full; i < width; ++i) rest += style.unicode ? "░" : "-";
  return toned(out, Tone::kGood, style) + toned(rest, Tone::kFaint, style);
}

struct Count {
  std::string_view mark;
  std::size_t number;
  Tone tone;
};

std::vector<Count> counts(const Tally& tally, const Style& style) {
  return {{style.unicode ? "✓" : "+", tally.count(v1::VERDICT_CORROBORATED), Tone::kGood},
          {style.unicode ? "✗" : "x", tally.count(v1::VERDICT_NOT_CORROBORATED), Tone::kBad},
          {"?", tally.count(v1::VERDICT_NOT_DETERMINED), Tone::kDoubt},
          {"!", tally.errors(), Tone::kBad}};
}

// What is there none of is not told.
std::string counts_text(const Tally& tally, const Style& style) {
  std::vector<std::string> parts;
  for (const Count& count : counts(tally, style)) {
    if (count.number == 0) continue;
    parts.push_back(toned(fmt::format("{} {}", count.mark, grouped(count.number)), count.tone, style));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string list(const Tally::Counts& all) {
  std::vector<std::string> parts;
  for (const auto& [name, number] : all) {
    if (parts.size() == kProblemsTold) {
      parts.push_back(fmt::format("{} more", all.size() - kProblemsTold));
      break;
    }
    parts.push_back(fmt::format("{} {}", for_terminal(name), grouped(number)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Of text that may be toned: the codes take no room.
std::size_t columns_of(std::string text) {
  for (std::size_t at = text.find("\x1b["); at != std::string::npos; at = text.find("\x1b[")) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  return display_width(text);
}

bj::object object_of(const Tally::Counts& all) {
  bj::object out;
  for (const auto& [name, number] : all) out.emplace(name, number);
  return out;
}

}  // namespace

void RateMeter::observe(SteadyPoint now, std::size_t done) {
  if (!samples_.empty() && samples_.size() > 1 && now - samples_[samples_.size() - 2].when < kBetweenSamples) {
    samples_.back() = {now, done};
  } else {
    samples_.push_back({now, done});
  }
  while (samples_.size() > 2 && now - samples_[1].when >= kRateSpan) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const double span = seconds(samples_.back().when - samples_.front().when);
  return span <= 0 ? 0 : static_cast<double>(samples_.back().done - samples_.front().done) / span;
}

std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string clock_text(std::chrono::seconds duration) {
  const auto whole = std::max<long>(0, duration.count());
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string progress_bar(const BatchProgress& progress, const Tally& tally, const Style& style) {
  std::string line;
  std::size_t width = 0;
  // The last column stays free: some terminals begin a new line when it is written.
  const auto room = [&] { return style.width > width + 2 ? style.width - width - 2 : 0; };
  const auto add = [&](const std::string& part) {
    const std::size_t columns = columns_of(part);
    if (part.empty() || columns > room()) return;
    line += (line.empty() ? "" : " ") + part;
    width += columns + (width == 0 ? 0 : 1);
  };
  // By how much they would be missed.
  add(toned(fmt::format("{}/{}", grouped(progress.done), grouped(progress.total)), Tone::kStrong, style));
  add(fmt::format("{}%", percent(progress)));
  if (progress.trouble.empty()) {
    add(left_text(progress));
    add(counts_text(tally, style));
    add(rate_text(progress.per_second));
  } else if (room() >= kReadable) {
    add(toned(wrapped("waiting: " + for_terminal(progress.trouble), room()).front(), Tone::kDoubt, style));
  }
  if (room() < kNarrowestBar + 2) return line;
  return fmt::format("[{}] {}", bar(progress, std::min(room() - 2, kWidestBar), style), line);
}

std::string progress_words(const BatchProgress& progress, const Tally& tally) {
  std::string out = fmt::format("{} of {} lines answered ({}%), {}", grouped(progress.done), grouped(progress.total),
                                percent(progress), rate_text(progress.per_second));
  if (const std::string left = left_text(progress); !left.empty() && progress.done < progress.total) out += ", " + left;
  for (const v1::Verdict verdict : kVerdicts) {
    if (tally.count(verdict) > 0) out += fmt::format(", {} {}", word(verdict), grouped(tally.count(verdict)));
  }
  if (tally.errors() > 0) out += fmt::format(", errors {}", grouped(tally.errors()));
  if (!progress.trouble.empty()) out += "; waiting: " + for_terminal(progress.trouble);
  return out;
}

std::string summary_text(const BatchSummary& summary, const Tally& tally, const Style& style) {
  constexpr std::size_t kNames = 20;
  std::string out = fmt::format("{} of {} lines are answered", grouped(tally.total()), grouped(summary.total));
  if (summary.asked > 0) {
    const double took = std::max(std::chrono::duration<double>(summary.took).count(), 0.001);
    out += fmt::format("; {} of them now, in {} ({})", grouped(summary.asked),
                       clock_text(std::chrono::duration_cast<std::chrono::seconds>(summary.took + 500ms)),
                       rate_text(static_cast<double>(summary.asked) / took));
  }
  out += "\n";
  const auto row = [&](std::string_view name, std::size_t number, Tone tone, const std::string& more) {
    if (number == 0) return;
    out += toned(fmt::format("  {:<{}}{:>10}", name, kNames, grouped(number)), tone, style);
    out += (more.empty() ? "" : "  " + more) + "\n";
  };
  const std::string would_be = list(tally.would_be());
  row(word(v1::VERDICT_CORROBORATED), tally.count(v1::VERDICT_CORROBORATED), Tone::kGood, "");
  row(word(v1::VERDICT_NOT_CORROBORATED), tally.count(v1::VERDICT_NOT_CORROBORATED), Tone::kBad, "");
  row(word(v1::VERDICT_NOT_DETERMINED), tally.count(v1::VERDICT_NOT_DETERMINED), Tone::kDoubt,
      would_be.empty() ? "" : "would be: " + would_be);
  row("no verdict", tally.errors(), Tone::kBad, list(tally.error_codes()));
  if (!tally.problems().empty()) out += paragraph("Problems", list(tally.problems()), 10, style);
  return out + paragraph("Results", for_terminal(summary.output), 10, style);
}

std::string summary_json(const BatchSummary& summary, const Tally& tally) {
  bj::object verdicts;
  for (const v1::Verdict verdict : kVerdicts) verdicts.emplace(v1::Verdict_Name(verdict), tally.count(verdict));
  const bj::object out = {{"lines", summary.total},
                          {"answered", tally.total()},
                          {"complete", tally.total() == summary.total},
                          {"answered_now", summary.asked},
                          {"took_ms", summary.took.count()},
                          {"verdicts", verdicts},
                          {"would_be", object_of(tally.would_be())},
                          {"problems", object_of(tally.problems())},
                          {"errors", object_of(tally.error_codes())},
                          {"output", presentable(summary.output, 4096)}};
  return bj::serialize(out);
}

}  // namespace mpic::cli
