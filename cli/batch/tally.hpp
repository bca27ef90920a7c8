// What the lines of a batch came to, counted. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

// Of one line.
struct LineOutcome {
  std::size_t line = 0;
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  v1::Verdict would_be = v1::VERDICT_UNSPECIFIED;
  std::vector<std::string> problems;  // codes that perspectives met, each once: "DNS_NXDOMAIN"
  std::string error;                  // "INVALID_ARGUMENT": there is no verdict
};

[[nodiscard]] LineOutcome outcome_of(std::size_t line, const v1::CorroborateResponse& response);
// The name of a gRPC status code in the contract's spelling, "INVALID_ARGUMENT".
[[nodiscard]] std::string status_name(std::uint32_t grpc_code);

class Tally {
 public:
  // Verdicts are counted as `mpic check` takes them: with `follow_would_be`, as what they would be.
  explicit Tally(bool follow_would_be) : follow_would_be_(follow_would_be) {}
  void add(const LineOutcome& outcome);

  [[nodiscard]] std::size_t total() const { return total_; }
  [[nodiscard]] std::size_t count(v1::Verdict verdict) const;
  [[nodiscard]] std::size_t errors() const { return error_count_; }
  using Counts = std::vector<std::pair<std::string, std::size_t>>;  // the most frequent first
  [[nodiscard]] Counts would_be() const;                            // of those counted as NOT_DETERMINED
  [[nodiscard]] Counts problems() const;                            // lines in which somebody met it
  [[nodiscard]] Counts error_codes() const;
  // 0: every line is corroborated; 1: some are not; 2: of some it is not known, which comes before 1.
  [[nodiscard]] int exit_status() const;

 private:
  bool follow_would_be_;
  std::size_t total_ = 0;
  std::size_t error_count_ = 0;
  std::map<v1::Verdict, std::size_t> verdicts_;
  std::map<std::string, std::size_t> would_be_;
  std::map<std::string, std::size_t> problems_;
  std::map<std::string, std::size_t> errors_;
};

}  // namespace mpic::cli
