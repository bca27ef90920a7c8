#include "coordinator/log/pruner.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {

Pruner::Pruner(const Parts& parts, const std::optional<v1::Pruned>& last)
    : parts_(parts),
      pruned_(parts.metrics.counter("mpic_log_pruned_total", "Leaves whose bodies were removed by retention")),
      minimum_gauge_(parts.metrics.gauge("mpic_log_pruned_below", "Leaves below this have no bodies any more")),
      began_(parts.clock.now()),
      began_steady_(parts.clock.steady_now()),
      minimum_(last ? last->minimum_index() : 0),
      pruning_(last.has_value()),
      said_by_(parts.store.tree_head().size) {  // the event that told of the last is somewhere in it
  minimum_gauge_.Set(static_cast<double>(minimum_));
}

void Pruner::look() {
  const SteadyPoint now = parts_.clock.steady_now();
  if (now < next_ || !parts_.store.healthy()) return;
  if (pruning_) {
    if (is_said_under_checkpoint()) prune_some();
    return;
  }
  next_ = now + kBetweenPrunings;
  plan();
}

void Pruner::plan() {
  const SettingsPtr settings = parts_.settings.get();
  const std::chrono::days keep = settings->deployment.retention.keep;
  tell_if_below_floor(settings->deployment);
  const auto checkpoint = parts_.checkpoints.last();
  if (keep == std::chrono::days{0} || !checkpoint || !is_clock_believed()) return;
  const TimePoint before = parts_.clock.now() - keep;
  const auto old = parts_.store.decided_before(before);
  if (!old) return failed(old.error());
  const std::uint64_t minimum = std::min(*old, checkpoint->size);
  if (minimum <= minimum_) return;

  v1::Pruned pruned;
  pruned.set_minimum_index(minimum);
  *pruned.mutable_decided_before() = wire::encode(before);
  pruned.set_keep_days(static_cast<std::uint32_t>(keep.count()));
  const auto said = parts_.changes.pruned(*settings, pruned);
  if (!said) return failed(said.error());
  said_by_ = *said + 1;
  minimum_ = minimum;
  minimum_gauge_.Set(static_cast<double>(minimum_));
  pruning_ = true;
  next_ = parts_.clock.steady_now();
  spdlog::info("log: bodies below leaf {} are removed: they were kept for {} days", minimum_, keep.count());
}

bool Pruner::is_said_under_checkpoint() const {
  const auto checkpoint = parts_.checkpoints.last();
  return checkpoint && checkpoint->size >= said_by_;
}

void Pruner::prune_some() {
  const auto emptied = parts_.store.prune(minimum_, kPrunedTogether);
  if (!emptied) return failed(emptied.error());
  pruned_.Increment(static_cast<double>(*emptied));
  pruning_ = *emptied != 0;
}

void Pruner::tell_if_below_floor(const Deployment& deployment) {
  const TimePoint now = parts_.clock.now();
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const auto below = deployment.below_floor_at(deployment.policy_time(now));
  if (!below || told_ == today) return;
  told_ = today;
  parts_.events.write({now, telemetry::event_kind::kBelowFloor, deployment.log_origin, *below, {}});
}

bool Pruner::is_clock_believed() const {
  const auto by_clock = parts_.clock.now() - began_;
  const auto by_time = parts_.clock.steady_now() - began_steady_;
  if (std::chrono::abs(by_clock - by_time) <= kMostClockDrift) return true;
  spdlog::error(
      "security: log: nothing is pruned: the system's clock has been set by more than an hour since the start. Restart "
      "the coordinator when it is right");
  return false;
}

void Pruner::failed(const Problem& problem) {
  spdlog::warn("log: what is older than store.keep_days cannot be pruned now: {}", problem.detail);
  next_ = parts_.clock.steady_now() + kBetweenPrunings;
}

}  // namespace mpic::coordinator
