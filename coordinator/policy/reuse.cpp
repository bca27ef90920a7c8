#include "coordinator/policy/reuse.hpp"

#include <algorithm>
#include <array>

#include "coordinator/policy/methods.hpp"

namespace mpic::coordinator {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::string_view kClause = "BR 4.2.1";

constexpr std::array<ReusePhase, 4> kTlsPhases = {{
    {sys_days(1970y / 1 / 1), days(398), kClause},
    {sys_days(2026y / 3 / 15), days(200), kClause},
    {sys_days(2027y / 3 / 15), days(100), kClause},
    {sys_days(2029y / 3 / 15), days(10), kClause},
}};
constexpr std::array<ReusePhase, 1> kSmimePhases = {{{sys_days(1970y / 1 / 1), days(398), "SBR 4.2.1"}}};
constexpr days kPersistent(10);  // BR 3.2.2.4.22

// Certificates tell time in seconds: the last one before `end`.
TimePoint before(TimePoint end) { return end - 1s; }

// By the phases, each of which allows less than the one before.
TimePoint by_phases(std::span<const ReusePhase> phases, TimePoint validated) {
  TimePoint until = validated + phases.front().limit;
  for (const ReusePhase& phase : phases) {
    const TimePoint begins(phase.effective);
    if (until < begins) break;  // over before this phase
    until = std::min(until, std::max(validated + phase.limit, before(begins)));
  }
  return until;
}

}  // namespace

std::span<const ReusePhase> reuse_phases(Profile profile) {
  if (profile == Profile::kSmime) return kSmimePhases;
  return kTlsPhases;
}

TimePoint usable_until(const Reuse& reuse, TimePoint validated) {
  TimePoint until = by_phases(reuse_phases(profile_of(reuse.certificate)), validated);
  if (reuse.method == DcvMethod::kDnsPersistent) until = std::min(until, validated + kPersistent);
  if (const auto end = method_end(reuse.method, reuse.for_ip)) until = std::min(until, before(*end));
  return until;
}

}  // namespace mpic::coordinator
