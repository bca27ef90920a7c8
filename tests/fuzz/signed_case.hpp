// Observations that were really signed, for those that try to forge them. The key is fixed and of a kind whose
// signatures are always the same, so that inputs mean the same on every run.
#pragma once

#include <string>
#include <vector>

#include "common/evidence/observations.hpp"

namespace mpic::fuzz {

struct SignedCase {
  Assignment asked;
  std::string asked_octets;
  std::vector<evidence::PinnedKey> pinned;
  v1::FromAgent message;  // of five leaves; the third answers `asked`
  v1::FromAgent other;    // by the same key on behalf of another perspective

  static constexpr int kOurs = 2;
  [[nodiscard]] evidence::Expectation expectation() const;
};

[[nodiscard]] const SignedCase& signed_case();

}  // namespace mpic::fuzz
