// How far a batch is, for people: one line while it runs, a summary at its end. Pure: times come from outside.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "cli/batch/pacing.hpp"
#include "cli/batch/tally.hpp"
#include "cli/text.hpp"

namespace mpic::cli {

// Answers per second over the last quarter of a minute.
class RateMeter {
 public:
  // `done` never falls, `now` neither.
  void observe(SteadyPoint now, std::size_t done);
  [[nodiscard]] double per_second() const;

 private:
  struct Sample {
    SteadyPoint when;
    std::size_t done;
  };
  std::deque<Sample> samples_;
};

struct BatchProgress {
  std::size_t done = 0;
  std::size_t total = 0;
  std::size_t in_flight = 0;
  double per_second = 0;
  std::string trouble;  // why nothing is answered at the moment
};

[[nodiscard]] std::string grouped(std::size_t number);                // "10,000"
[[nodiscard]] std::string clock_text(std::chrono::seconds duration);  // "0:07", "1:02:03"

// At most `style.width` columns, without a line feed: "[####    ] 4,200/10,000 42% 512/s 0:11 left ✓ 4,100 ✗ 80 ? 20".
// What there is no room for is left out, the least telling first.
[[nodiscard]] std::string progress_bar(const BatchProgress& progress, const Tally& tally, const Style& style);
// The same for a log, in words.
[[nodiscard]] std::string progress_words(const BatchProgress& progress, const Tally& tally);

struct BatchSummary {
  std::size_t total = 0;
  std::size_t asked = 0;  // that this run got answers for
  Milliseconds took{0};
  std::string output;
};
[[nodiscard]] std::string summary_text(const BatchSummary& summary, const Tally& tally, const Style& style);
// One JSON object on one line.
[[nodiscard]] std::string summary_json(const BatchSummary& summary, const Tally& tally);

}  // namespace mpic::cli
