// What the records of a time add up to. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/text.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::cli {

enum class By : std::uint8_t { kNothing, kHour, kDay };

// Milliseconds, each value counted: the medians of millions need little room.
class Durations {
 public:
  void add(std::int64_t milliseconds);  // negative: 0
  // The lower of two middle ones; none without values.
  [[nodiscard]] std::optional<std::uint32_t> median() const;

 private:
  std::map<std::uint32_t, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

struct LogStats {
  static constexpr std::size_t kOutcomes = 9;  // by number; 0: one that this program does not know
  using Counts = std::map<std::string, std::uint64_t>;
  // Of one perspective at one kind of check, over all attempts.
  struct Looks {
    std::array<std::uint64_t, kOutcomes> outcomes{};
    Durations elapsed;
    [[nodiscard]] std::uint64_t total() const;
  };

  std::uint64_t records = 0;
  std::uint64_t incomplete = 0;                // that lack something: there must be none
  std::vector<std::string> incomplete_leaves;  // the first few, and what each lacks
  std::uint64_t without_result = 0;            // closed after the coordinator was killed
  std::uint64_t pruned = 0;                    // no longer kept: counted by verdict where the store still has it
  std::uint64_t retried = 0;
  std::uint64_t addenda = 0;
  std::uint64_t contradictions = 0;  // of those
  Counts verdicts;
  Counts would_be;
  Counts methods;                                              // and "caa"; checks of last attempts
  Counts problems;                                             // that perspectives met
  std::map<std::pair<std::string, std::string>, Looks> looks;  // perspective, check
  std::map<std::string, Counts> periods;                       // "2026-11-25": verdicts
  Durations decided_in;
};

class StatsCounter {
 public:
  struct Period {
    std::optional<TimePoint> from;   // by the time of receipt
    std::optional<TimePoint> until;  // not included
    By by = By::kNothing;
  };
  explicit StatsCounter(Period period) : period_(period) {}

  void add(const coordinator::LoggedLeaf& leaf);
  [[nodiscard]] const LogStats& stats() const { return stats_; }

 private:
  [[nodiscard]] bool is_within(TimePoint when) const;
  void add_addendum(const coordinator::LoggedLeaf& leaf);
  void add_pruned(const coordinator::LoggedLeaf& leaf);
  void add_record(const coordinator::LoggedLeaf& leaf);
  void add_incomplete(std::uint64_t leaf, const std::string& lacking);
  void add_verdict(TimePoint received, const std::string& verdict);
  void add_looks(const v1::Decision& decision);

  const Period period_;
  LogStats stats_;
};

// What a record lacks of what BR 5.4.1 (2) 7 and 8 ask, in words; empty: nothing. Of one without a result the plan is
// all that there is.
[[nodiscard]] std::string lacking_in(const v1::RecordBody& body);

[[nodiscard]] std::string stats_text(const LogStats& stats, const std::string& origin, const Style& style);
[[nodiscard]] std::string stats_json(const LogStats& stats, const std::string& origin);

}  // namespace mpic::cli
