// BR 3.2.2.9 written down once more, as lists and loops, to hold the code against: it shares nothing with the code, not
// even the names of regions or verdicts. Slow and plain on purpose.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace mpic::test {

inline constexpr std::array<std::string_view, 5> kRegions = {"ARIN", "RIPE", "APNIC", "LACNIC", "AFRINIC"};

enum class Answer { kAgrees, kContradicts, kCannotLook, kUnreachable, kIsOut };
// Without kIsOut, which is none yet.
inline constexpr std::array<Answer, 4> kAnswers = {Answer::kAgrees, Answer::kContradicts, Answer::kCannotLook,
                                                   Answer::kUnreachable};

struct AskedRemote {
  std::string_view region;
  Answer answer;
};
using AskedRemotes = std::vector<AskedRemote>;

struct Demand {
  std::string_view name;
  std::size_t remotes;
  std::size_t regions;
  bool unanimous;
  std::size_t must_agree = 0;
};

enum class Ruling { kMet, kMissed, kMissedByOurFault };

// "Quorum Requirements": of 2 to 5 remotes 1 may fail to corroborate, of 6 or more 2. RIR diversity: those that
// corroborate lie in so many regions. `forgiving`: those that did not answer us agree as well.
inline bool is_quorum_met(const AskedRemotes& asked, const Demand& demand, bool forgiving) {
  std::vector<std::string_view> corroborating;
  std::vector<std::string_view> failing;
  for (const AskedRemote& remote : asked) {
    if (remote.answer == Answer::kAgrees || (forgiving && remote.answer == Answer::kUnreachable)) {
      corroborating.push_back(remote.region);
    } else {
      failing.push_back(remote.region);
    }
  }
  std::vector<std::string_view> regions;
  for (const std::string_view region : corroborating) {
    bool known = false;
    for (const std::string_view seen : regions) known = known || seen == region;
    if (!known) regions.push_back(region);
  }
  std::size_t may_fail = 0;
  if (asked.size() >= 2 && asked.size() <= 5) may_fail = 1;
  if (asked.size() >= 6) may_fail = 2;
  if (demand.unanimous) may_fail = 0;
  if (corroborating.size() < demand.must_agree) return false;
  if (asked.empty()) return false;
  if (asked.size() < demand.remotes) return false;
  if (failing.size() > may_fail) return false;
  if (regions.size() < demand.regions) return false;
  return true;
}

// Of a check whose Primary is positive, with nobody still out.
inline Ruling ruling(const AskedRemotes& asked, const Demand& demand) {
  if (is_quorum_met(asked, demand, false)) return Ruling::kMet;
  if (is_quorum_met(asked, demand, true)) return Ruling::kMissedByOurFault;
  return Ruling::kMissed;
}

}  // namespace mpic::test
