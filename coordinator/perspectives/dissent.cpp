#include "coordinator/perspectives/dissent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mpic::coordinator {

double Dissent::Count::rate() const {
  return answers == 0 ? 0 : static_cast<double>(contradictions) / static_cast<double>(answers);
}

void Dissent::note(std::span<const Row> remotes) {
  const auto have = [&](Outcome outcome) {
    return std::count_if(remotes.begin(), remotes.end(), [&](const Row& row) { return row.outcome == outcome; });
  };
  const auto corroborate = have(Outcome::kCorroborates);
  const auto contradict = have(Outcome::kContradicts);
  if (corroborate == contradict) return;
  const Outcome most = corroborate > contradict ? Outcome::kCorroborates : Outcome::kContradicts;
  const std::lock_guard lock(mutex_);
  for (const Row& row : remotes) {
    const bool saw = row.outcome == Outcome::kCorroborates || row.outcome == Outcome::kContradicts;
    const bool dissents = saw && row.outcome != most;
    if (!saw || (most == Outcome::kContradicts && !dissents)) continue;
    Count& count = counts_[row.perspective];
    if (count.answers == kMemory) {
      count.answers /= 2;
      count.contradictions /= 2;
    }
    ++count.answers;
    if (dissents) ++count.contradictions;
    if (dissents || count.suspected) judge(row.perspective, count);
  }
}

// The median, so that one bad peer, or two, do not hide another.
double Dissent::peers_rate(const PerspectiveId& perspective) const {
  std::vector<double> rates;
  for (const auto& [id, count] : counts_) {
    if (id != perspective) rates.push_back(count.rate());
  }
  if (rates.empty()) return 0;
  const auto middle = rates.begin() + static_cast<std::ptrdiff_t>((rates.size() - 1) / 2);
  std::nth_element(rates.begin(), middle, rates.end());
  return *middle;
}

void Dissent::judge(const PerspectiveId& perspective, Count& count) {
  const double part = count.suspected ? kRelief : 1;
  count.suspected = static_cast<double>(count.contradictions) >= part * kFewest && count.rate() >= part * kLeastRate &&
                    count.rate() >= part * kTimesPeers * peers_rate(perspective);
}

std::optional<std::string> Dissent::suspicion(const PerspectiveId& perspective) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(perspective);
  if (found == counts_.end() || !found->second.suspected) return std::nullopt;
  const Count& count = found->second;
  constexpr double kPercent = 100;
  return fmt::format(
      "contradicts the rest in {:.1f} % of its last {} answers, its peers in {:.1f} %: its route or resolver may be "
      "at fault",
      kPercent * count.rate(), count.answers, kPercent * peers_rate(perspective));
}

void Dissent::keep_only(std::span<const PerspectiveId> perspectives) {
  const std::lock_guard lock(mutex_);
  std::erase_if(counts_, [&](const auto& known) {
    return std::find(perspectives.begin(), perspectives.end(), known.first) == perspectives.end();
  });
}

}  // namespace mpic::coordinator
