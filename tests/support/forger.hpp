// What the agent of one perspective sends for an assignment: the truth as `sees` has it, or one of many lies, each of
// which is really signed, or really forged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/assignment.hpp"
#include "common/evidence/observations.hpp"

namespace mpic::test {

struct ForgerIdentity {
  PerspectiveId perspective;
  Rir rir;
  evidence::SigningKey key;
  std::vector<std::string> lab_relaxations;  // stamped into every observation
  // With which other-key lies; none: one that nobody knows.
  std::optional<evidence::SigningKey> other_key;
};

class Forger {
 public:
  explicit Forger(ForgerIdentity me) : me_(std::move(me)) {}

  // "honest", and every lie there is.
  [[nodiscard]] static const std::vector<std::string_view>& lies();

  // A message with one item, the answer to the assignment in `octets`. `sees` as in seen.hpp. Throws
  // std::invalid_argument for a lie that there is not.
  [[nodiscard]] v1::FromAgent answer(std::string_view lie, const std::string& sees, const std::string& octets,
                                     TimePoint now);

 private:
  [[nodiscard]] std::string observe(std::string_view lie, const std::string& sees, const std::string& octets,
                                    TimePoint now) const;
  [[nodiscard]] v1::FromAgent sign(std::string_view lie, const AttemptId& attempt, std::string leaf) const;

  ForgerIdentity me_;
  std::optional<v1::FromAgent> first_;  // evidence of the first assignment; what replay says again
};

}  // namespace mpic::test
