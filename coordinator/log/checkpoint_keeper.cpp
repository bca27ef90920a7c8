#include "coordinator/log/checkpoint_keeper.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "common/evidence/log_tree.hpp"
#include "common/telemetry/event_kinds.hpp"

namespace mpic::coordinator {
namespace {

namespace event_kind = telemetry::event_kind;

Unexpected is_inconsistent(std::string why) { return fail(ProblemCode::kEvidenceInvalid, "log", std::move(why)); }

}  // namespace

CheckpointKeeper::CheckpointKeeper(const Parts& parts)
    : parts_(parts),
      size_(parts.metrics.gauge("mpic_log_size", "Leaves of the log that are durable")),
      signed_size_(parts.metrics.gauge("mpic_log_checkpoint_size", "Leaves that the newest signed checkpoint covers")),
      lag_(parts.metrics.gauge("mpic_log_checkpoint_lag_seconds",
                               "For how long there have been leaves that no checkpoint covers; 0: none")),
      consistent_(parts.metrics.gauge("mpic_log_consistent",
                                      "1 while the log extends its last checkpoint; 0: nothing is signed")),
      failures_(
          parts.metrics.counter("mpic_log_checkpoint_failures_total", "Checkpoints that could not be signed or kept")) {
  consistent_.Set(1);
}

Expected<void> CheckpointKeeper::begin() {
  auto kept = parts_.store.last_checkpoint();
  if (!kept) return Unexpected(kept.error());
  if (*kept) {
    const auto said = evidence::read_checkpoint((*kept)->note);
    if (!said) return is_inconsistent("the last checkpoint cannot be read: " + said.error().detail);
    const std::string& origin = parts_.settings.get()->deployment.log_origin;
    if (said->origin != origin || said->size != (*kept)->size) {
      return is_inconsistent(
          fmt::format("the last checkpoint is one of {} with size {}, kept as one of {} with size {}",
                      printable(said->origin), said->size, origin, (*kept)->size));
    }
    last_ = *said;
    signed_size_.Set(static_cast<double>(said->size));
    parts_.checkpoints.publish(**std::move(kept));
  }
  return {};
}

void CheckpointKeeper::look() {
  const TreeHead head = parts_.store.tree_head();
  measure(head);
  const SteadyPoint now = parts_.clock.steady_now();
  if (last_try_ && now - *last_try_ < kBetweenCheckpoints) return;
  if (parts_.store.has_lost_records()) {
    last_try_ = now;
    return told(is_inconsistent(parts_.store.fault()));
  }
  if (!parts_.store.healthy()) return;
  if (uncovered_since_) return sign(head);
  if (failing_) told({});  // it is again what was signed last
}

void CheckpointKeeper::finish() {
  const TreeHead head = parts_.store.tree_head();
  measure(head);
  if (uncovered_since_ && !parts_.store.has_lost_records()) sign(head);
}

std::string CheckpointKeeper::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void CheckpointKeeper::sign(const TreeHead& head) {
  last_try_ = parts_.clock.steady_now();
  told(keep(head));
  measure(head);
}

Expected<void> CheckpointKeeper::keep(const TreeHead& head) {
  const SettingsPtr settings = parts_.settings.get();
  if (const auto extends = check_that_it_extends(head); !extends) return extends;
  const evidence::Checkpoint checkpoint{settings->deployment.log_origin, head.size, head.root};
  StoredCheckpoint signed_one{head.size, parts_.clock.now(), settings->checkpoint_key.value().sign(checkpoint)};
  if (const auto kept = parts_.store.keep_checkpoint(signed_one); !kept) return kept;
  last_ = checkpoint;
  parts_.checkpoints.publish(std::move(signed_one));
  return {};
}

Expected<void> CheckpointKeeper::check_that_it_extends(const TreeHead& head) {
  if (!last_) return {};
  if (head.size < last_->size) {
    return is_inconsistent(
        fmt::format("it has {} leaves, and had {} when its last checkpoint was signed", head.size, last_->size));
  }
  const auto proof = evidence::consistency_proof(parts_.store, last_->size, head.size);
  if (!proof) return Unexpected(proof.error());
  if (evidence::verify_consistency(last_->size, last_->root, head.size, head.root, *proof)) return {};
  return is_inconsistent(fmt::format("its first {} leaves are not those of its last checkpoint", last_->size));
}

void CheckpointKeeper::told(const Expected<void>& result) {
  const auto before = std::exchange(failing_, result ? std::nullopt : std::optional(result.error().code));
  const bool was_inconsistent = before == ProblemCode::kEvidenceInvalid;
  const bool is_inconsistent_now = failing_ == ProblemCode::kEvidenceInvalid;
  {
    const std::lock_guard lock(mutex_);
    fault_ = result ? std::string() : result.error().detail;
  }
  consistent_.Set(is_inconsistent_now ? 0 : 1);
  if (!result) failures_.Increment();
  if (before == failing_) return;
  const std::string& origin = parts_.settings.get()->deployment.log_origin;
  if (is_inconsistent_now) {
    spdlog::critical("security: log {}: {}; no checkpoint is signed. Keep the store as it is, and have it looked at",
                     origin, result.error().detail);
    parts_.events.write({parts_.clock.now(),
                         event_kind::kLogInconsistent,
                         origin,
                         "the log is not what it was: " + result.error().detail,
                         {}});
  } else if (!result) {
    spdlog::error("log {}: no checkpoint can be signed: {}", origin, result.error().detail);
  }
  if (was_inconsistent && !is_inconsistent_now) {
    spdlog::warn("security: log {}: it extends its last checkpoint again", origin);
    parts_.events.write(
        {parts_.clock.now(), event_kind::kLogConsistent, origin, "the log extends its last checkpoint again", {}});
  } else if (result && before) {
    spdlog::info("log {}: checkpoints are signed again", origin);
  }
}

// News is any other head than the one that was signed: also one that should not be.
void CheckpointKeeper::measure(const TreeHead& head) {
  const bool covered = last_ ? head.size == last_->size && head.root == last_->root : head.size == 0;
  const SteadyPoint now = parts_.clock.steady_now();
  if (covered) {
    uncovered_since_.reset();
  } else if (!uncovered_since_) {
    uncovered_since_ = now;
  }
  size_.Set(static_cast<double>(head.size));
  signed_size_.Set(last_ ? static_cast<double>(last_->size) : 0);
  lag_.Set(uncovered_since_ ? std::chrono::duration<double>(now - *uncovered_since_).count() : 0);
}

}  // namespace mpic::coordinator
