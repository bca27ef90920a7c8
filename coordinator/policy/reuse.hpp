// How long an issuance may rest on a validation of domain control (BR 4.2.1): by the date of the issuance.
// Pure.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "common/domain/caa.hpp"
#include "common/domain/dcv.hpp"
#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::coordinator {

// For issuances from 00:00 UTC of its day (BR 1.6.4) until the next.
struct ReusePhase {
  std::chrono::sys_days effective;
  std::chrono::days limit;  // of 86,400 seconds, between validation and issuance
  std::string_view clause;
};

// In the order of their days; the first has always been.
[[nodiscard]] std::span<const ReusePhase> reuse_phases(Profile profile);

// The last moment, on a whole second or that of `validated` plus days, at which an issuance may rest on what
// `method` showed at `validated`. The limit that counts is that of the issuance's date, so a validation may
// stop being usable at a date before its own limit of days is over. Also: dns-persistent at most 10 days
// (3.2.2.4.22; ours: 3.2.2.5.8 too); nothing that a method gave outlives its end (methods.hpp); S/MIME 398
// days (SBR 4.2.1).
struct Reuse {
  DcvMethod method;
  bool for_ip = false;
  CertificateType certificate = CertificateType::kTlsServer;
};
[[nodiscard]] TimePoint usable_until(const Reuse& reuse, TimePoint validated);

}  // namespace mpic::coordinator
