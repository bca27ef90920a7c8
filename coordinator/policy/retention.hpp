// How long records must be kept (BR 5.4.3, 5.5.2): two years after the certificate that they were for has expired.
// Pure.
//
// When that is, nobody here is told. So the latest that may be (ours): issued when the result could just still be
// reused (BR 4.2.1), with the longest validity of that day (BR 6.3.2), and then two years.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::coordinator {

// For records of 00:00 UTC of its day (BR 1.6.4) and later, until the next.
struct RetentionPhase {
  std::chrono::sys_days effective;
  std::chrono::days reuse;     // at most, between validation and issuance
  std::chrono::days validity;  // at most, of the certificate
  std::string_view clauses;    // where these two stand

  [[nodiscard]] std::chrono::days keep() const;
};

// In the order of their days. The first holds for everything before too: this program has kept no records of earlier
// phases. None for `custom`, whose verdicts no issuance may rest on.
[[nodiscard]] std::span<const RetentionPhase> retention_phases(Profile profile);

struct RetentionFloor {
  std::chrono::days keep{0};
  RetentionPhase phase{};  // that asks for it
};

// What is kept for at least that long is kept for long enough, whatever of what is in the store at `when` it is: a
// phase counts until its last record has been. `caa_is_reused`: the CA lets what remotes saw of CAA stand for up to 398
// days (BR 3.2.2.9). Zero when nothing need be kept.
[[nodiscard]] RetentionFloor retention_floor(std::span<const Profile> profiles, bool caa_is_reused, TimePoint when);

}  // namespace mpic::coordinator
