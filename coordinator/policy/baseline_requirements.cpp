#include "coordinator/policy/baseline_requirements.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace mpic::coordinator {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::string_view kClause = "BR 3.2.2.9";

constexpr std::array<QuorumPhase, 5> kPhases = {{
    {sys_days(2025y / 3 / 15), 2, 1, kClause, false},
    {sys_days(2025y / 9 / 15), 2, 1, kClause, true},
    {sys_days(2026y / 3 / 15), 3, 2, kClause, true},
    {sys_days(2026y / 6 / 15), 4, 2, kClause, true},
    {sys_days(2026y / 12 / 15), 5, 2, kClause, true},
}};

// The first phase that is still to come.
const QuorumPhase* first_after(TimePoint when) {
  return std::find_if(kPhases.begin(), kPhases.end(), [&](const QuorumPhase& phase) { return when < phase.effective; });
}

}  // namespace

std::span<const QuorumPhase> quorum_phases() { return kPhases; }

std::optional<QuorumPhase> quorum_phase_at(TimePoint when) {
  const QuorumPhase* next = first_after(when);
  if (next == kPhases.begin()) return std::nullopt;
  return *(next - 1);
}

std::optional<QuorumPhase> next_quorum_phase(TimePoint when) {
  const QuorumPhase* next = first_after(when);
  if (next == kPhases.end()) return std::nullopt;
  return *next;
}

std::string to_string(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

}  // namespace mpic::coordinator
