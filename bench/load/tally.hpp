// What came of the requests of a run: how many of each kind, how long they took, and whether all is as it
// must be.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/load/caller.hpp"

namespace mpic::load {

// What every answer must be; a run with anything else has measured something else.
struct Expectation {
  bool any = false;             // no demands: for targets that are meant to fail
  unsigned remotes = 6;         // asked; each must corroborate, or (respond: settled) not have been waited for
  unsigned may_be_missing = 0;  // remotes that are allowed to contribute nothing
};

struct Percentiles {
  std::uint64_t p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;  // microseconds
};

// Not safe from several threads.
class Tally {
 public:
  explicit Tally(Expectation expectation) : expectation_(expectation) {}

  void answer(const grpc::Status& status, const v1::CorroborateResponse* response, std::chrono::nanoseconds took);
  void count(const std::string& kind, bool expected);

  [[nodiscard]] std::uint64_t answered() const { return took_us_.size(); }
  [[nodiscard]] std::uint64_t unexpected() const { return unexpected_; }
  [[nodiscard]] const std::string& first_unexpected() const { return first_unexpected_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& kinds() const { return kinds_; }
  // Exact: of the sorted times.
  [[nodiscard]] Percentiles percentiles() const;

 private:
  [[nodiscard]] bool as_expected(const v1::CorroborateResponse& response) const;

  Expectation expectation_;
  std::vector<std::uint32_t> took_us_;
  std::map<std::string, std::uint64_t> kinds_;  // "CORROBORATED caa 6/6" -> how many
  std::uint64_t unexpected_ = 0;
  std::string first_unexpected_;
};

}  // namespace mpic::load
