#include "coordinator/perspectives/health.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpic::coordinator {
namespace {

using std::chrono::seconds;

enum class Sign : std::uint8_t { kAnswered, kFailed, kNothing };

Sign sign_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCorroborates:
    case Outcome::kContradicts:
    case Outcome::kCouldNotLook:
      return Sign::kAnswered;
    case Outcome::kEvidenceInvalid:
    case Outcome::kUnreachable:
    case Outcome::kRefused:
      return Sign::kFailed;
    case Outcome::kNotWaitedFor:
    case Outcome::kNoResult:
      return Sign::kNothing;
  }
  return Sign::kNothing;
}

// Whole seconds for people. What several threads tell may be out of order by a moment.
seconds::rep whole_seconds(SteadyPoint::duration time) {
  return std::max(std::chrono::floor<seconds>(time), seconds{0}).count();
}

}  // namespace

void DampedHealth::note_connected(bool connected, SteadyPoint at) {
  advance(at);
  if (connected) {
    if (!seen_) seen_ = ready_ = true;
    if (disconnected_ || denied_) good_since_ = at;
    disconnected_.reset();
    denied_.reset();  // what it says of itself comes anew with each connection
    return;
  }
  if (!seen_ || disconnected_) return;
  disconnected_ = at;
  losses_.push_back(at);
  if (losses_.size() > kLosses) losses_.pop_front();
  if (ready_ && losses_.size() == kLosses && at - losses_.front() <= kLossesWithin) {
    fall(at, fmt::format("it lost its connection {} times in {} s", kLosses, whole_seconds(at - losses_.front())));
  }
}

void DampedHealth::note_status(bool ready, std::string why, SteadyPoint at) {
  advance(at);
  if (ready) {
    if (denied_) good_since_ = at;
    denied_.reset();
    return;
  }
  if (!denied_) denied_ = at;
  own_word_ = std::move(why);
}

void DampedHealth::note_outcome(Outcome outcome, SteadyPoint at) {
  const Sign sign = sign_of(outcome);
  if (sign == Sign::kNothing) return;
  advance(at);
  if (sign == Sign::kFailed && lost_lately(at)) return;
  bool& place = failed_[next_];
  next_ = (next_ + 1) % kWindow;
  if (place) --failures_;
  place = sign == Sign::kFailed;
  if (place) {
    note_failure(at);
  } else {
    failures_in_a_row_ = 0;
  }
}

void DampedHealth::note_failure(SteadyPoint at) {
  ++failures_;
  ++failures_in_a_row_;
  if (!ready_) {
    good_since_ = at;
  } else if (failures_in_a_row_ >= kFailuresInARow) {
    fall(at, fmt::format("{} attempts in a row got no usable answer from it", failures_in_a_row_));
  } else if (failures_ > kMostFailures) {
    fall(at, fmt::format("{} of its last {} attempts got no usable answer", failures_, kWindow));
  }
}

// The window begins anew: what made it fall must not make it fall again as soon as it has risen.
void DampedHealth::forget_outcomes() {
  failed_.fill(false);
  failures_ = failures_in_a_row_ = 0;
  losses_.clear();
}

void DampedHealth::fall(SteadyPoint at, std::string why) {
  falls_ = rose_ && at - *rose_ < kFlapping ? falls_ + 1 : 0;
  ready_ = false;
  why_ = std::move(why);
  good_since_ = at;
  forget_outcomes();
}

bool DampedHealth::lost_lately(SteadyPoint at) const {
  return disconnected_ || (!losses_.empty() && at - losses_.back() < kSameEvent);
}

seconds DampedHealth::hold() const {
  constexpr unsigned kDoublings = 4;  // more reach the longest anyway
  return std::min(kFirstHold * (1 << std::min(falls_, kDoublings)), kLongestHold);
}

// What time alone has changed up to `now`, each change at its own moment.
void DampedHealth::advance(SteadyPoint now) {
  if (!seen_) return;
  if (ready_) {
    if (disconnected_ && now - *disconnected_ >= kNoConnection) {
      fall(*disconnected_ + kNoConnection, "it had no connection");
    } else if (denied_ && now - *denied_ >= kOwnWord) {
      fall(*denied_ + kOwnWord, "it called itself not ready");
    }
  } else if (!disconnected_ && !denied_ && now - good_since_ >= hold()) {
    ready_ = true;
    rose_ = good_since_ + hold();
  }
}

Standing DampedHealth::standing(SteadyPoint now) {
  advance(now);
  if (ready_) return {};
  if (!seen_) return {false, "it has not been connected yet"};
  if (disconnected_) return {false, fmt::format("no connection for {} s", whole_seconds(now - *disconnected_))};
  if (denied_) {
    return {false, fmt::format("not ready by its own word for {} s: {}", whole_seconds(now - *denied_), own_word_)};
  }
  return {false,
          fmt::format("{}; good again for {} s of {} s", why_, whole_seconds(now - good_since_), hold().count())};
}

HealthBoard::HealthBoard(const Deployment& deployment, const Clock& clock) : clock_(clock) { apply(deployment); }

void HealthBoard::apply(const Deployment& deployment) {
  const std::lock_guard lock(mutex_);
  std::map<PerspectiveId, Entry> entries;
  for (const PerspectiveEntry& configured : deployment.perspectives) {
    const auto known = entries_.find(configured.where.id);
    Entry entry = known == entries_.end() ? Entry{} : std::move(known->second);
    entry.drained = configured.drained;
    entries.emplace(configured.where.id, std::move(entry));
  }
  entries_.swap(entries);
}

void HealthBoard::note_connected(const PerspectiveId& perspective, bool connected, SteadyPoint at) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(perspective);
  if (found != entries_.end()) found->second.health.note_connected(connected, at);
}

void HealthBoard::note_status(const PerspectiveId& perspective, bool ready, std::string why, SteadyPoint at) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(perspective);
  if (found != entries_.end()) found->second.health.note_status(ready, std::move(why), at);
}

void HealthBoard::note_outcome(const PerspectiveId& perspective, Outcome outcome, SteadyPoint at) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(perspective);
  if (found != entries_.end()) found->second.health.note_outcome(outcome, at);
}

Standing HealthBoard::standing(const PerspectiveId& perspective) const {
  const SteadyPoint now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(perspective);
  if (found == entries_.end()) return {false, "not part of the deployment"};
  if (found->second.drained) return {false, "drained by the operator"};
  return found->second.health.standing(now);
}

}  // namespace mpic::coordinator
