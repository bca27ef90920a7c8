// What a re-derivation finds, while it goes on.
#pragma once

#include <string>
#include <vector>

#include "common/domain/problem.hpp"

namespace mpic::coordinator {

// Something in a record that does not follow from the rest of it.
struct Deviation {
  std::string why;        // one sentence
  bool by_rules = false;  // other rules than this program's may see it otherwise; else it could not be under any
};

class Deviations {
 public:
  void say(std::string why) { add(std::move(why), false); }
  void say_by_rules(std::string why) { add(std::move(why), true); }
  [[nodiscard]] std::vector<Deviation> take() { return std::move(all_); }

 private:
  static constexpr std::size_t kMost = 100;  // of one record; more would tell nobody anything
  static constexpr std::size_t kLongest = 400;

  void add(std::string why, bool by_rules) {
    if (all_.size() < kMost) all_.push_back({printable(why, kLongest), by_rules});
  }
  std::vector<Deviation> all_;
};

// Thrown within a re-derivation only: after this nothing more can be said of the record.
struct Unreadable {
  std::string why;
  bool by_rules = false;
};

}  // namespace mpic::coordinator
