#include "coordinator/policy/retention.hpp"

#include <algorithm>
#include <array>

namespace mpic::coordinator {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr days kTwoYears(730);  // BR 5.4.3, 5.5.2
constexpr days kCaaReuse(398);  // BR 3.2.2.9

constexpr std::array<RetentionPhase, 3> kTls = {{
    {sys_days(2026y / 3 / 15), days(200), days(200), "BR 4.2.1, 6.3.2"},
    {sys_days(2027y / 3 / 15), days(100), days(100), "BR 4.2.1, 6.3.2"},
    {sys_days(2029y / 3 / 15), days(10), days(47), "BR 4.2.1, 6.3.2"},
}};
constexpr std::array<RetentionPhase, 1> kSmime = {{
    {sys_days(1970y / 1 / 1), days(398), days(825), "SBR 4.2.1, 6.3.2"},
}};

}  // namespace

days RetentionPhase::keep() const { return kTwoYears + reuse + validity; }

std::span<const RetentionPhase> retention_phases(Profile profile) {
  if (profile == Profile::kTls) return kTls;
  if (profile == Profile::kSmime) return kSmime;
  return {};
}

RetentionFloor retention_floor(std::span<const Profile> profiles, bool caa_is_reused, TimePoint when) {
  RetentionFloor out;
  for (const Profile profile : profiles) {
    const auto phases = retention_phases(profile);
    for (std::size_t i = 0; i < phases.size(); ++i) {
      RetentionPhase phase = phases[i];
      if (caa_is_reused) phase.reuse = std::max(phase.reuse, kCaaReuse);
      const bool begun = i == 0 || when >= phase.effective;
      const bool over = i + 1 < phases.size() && when >= phases[i + 1].effective + phase.keep();
      if (begun && !over && phase.keep() > out.keep) out = {phase.keep(), phase};
    }
  }
  return out;
}

}  // namespace mpic::coordinator
