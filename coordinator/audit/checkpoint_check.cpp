#include "coordinator/audit/checkpoint_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpic::coordinator {
namespace {

constexpr std::size_t kAtOnce = 1'000;
constexpr std::size_t kMostWaiting = 1'000;

// Sizes are kept as signed numbers: one below 0 is nobody's, and comes first.
std::int64_t as_kept(std::uint64_t size) { return static_cast<std::int64_t>(size); }

}  // namespace

CheckpointCheck::CheckpointCheck(LogReader& log, const VerifyOptions& options, VerifyReport& report, Tell tell)
    : log_(log), options_(options), report_(report), tell_(std::move(tell)), keys_(options.log_keys) {
  for (std::size_t i = 0; i < options.checkpoints.size(); ++i) {
    std::string place = fmt::format("checkpoint {} from elsewhere", i + 1);
    const auto says = evidence::read_checkpoint(options.checkpoints[i]);
    if (!says) {
      tell_(std::move(place), "it is no checkpoint: " + says.error().detail);
    } else {
      elsewhere_.emplace(says->size, Sighting{std::move(place), options.checkpoints[i], says->size, says->root});
    }
  }
}

void CheckpointCheck::begin(const std::optional<StoredCheckpoint>& newest) {
  if (newest) newest_ = newest->size;
  is_read_ = !newest_;
}

void CheckpointCheck::add_key_of_log(const evidence::NoteVerifier& key) {
  const auto same = [&](const evidence::NoteVerifier& known) { return known.vkey() == key.vkey(); };
  if (options_.log_keys.empty() && std::none_of(keys_.begin(), keys_.end(), same)) keys_.push_back(key);
}

Expected<const StoredCheckpoint*> CheckpointCheck::next() {
  if (read_.empty() && !is_read_) {
    auto more = log_.checkpoints(read_to_, kAtOnce);
    if (!more) return Unexpected(more.error());
    is_read_ = more->size() < kAtOnce;
    for (StoredCheckpoint& one : *more) {
      if (as_kept(one.size) > as_kept(*newest_)) {
        is_read_ = true;
        break;
      }
      read_to_ = one.size;
      read_.push_back(std::move(one));
    }
  }
  return read_.empty() ? nullptr : &read_.front();
}

std::optional<CheckpointCheck::Sighting> CheckpointCheck::seen(const StoredCheckpoint& kept) {
  std::string place = fmt::format("checkpoint of size {}", as_kept(kept.size));
  const auto says = evidence::read_checkpoint(kept.note);
  if (says && says->size == kept.size) return Sighting{std::move(place), kept.note, says->size, says->root};
  tell_(std::move(place),
        says ? fmt::format("its note is of size {}", says->size) : "it is no checkpoint: " + says.error().detail);
  return std::nullopt;
}

Expected<void> CheckpointCheck::hold_against(const evidence::GrowingTree& tree) {
  const std::uint64_t size = tree.size();
  std::optional<Digest> root;
  const auto standing = [&](const Sighting& one) {
    if (!root) root = size == 0 ? evidence::sha256("") : tree.root();
    return one.root == *root ? Standing::kHolds : Standing::kOtherRoot;
  };
  for (;;) {
    const auto kept = next();
    if (!kept) return Unexpected(kept.error());
    if (*kept == nullptr || as_kept((*kept)->size) > as_kept(size)) break;
    if (auto one = seen(**kept)) {
      const Standing where = standing(*one);
      judge(*std::move(one), where);
    }
    read_.pop_front();
  }
  const auto [first, last] = elsewhere_.equal_range(size);
  for (auto at = first; at != last; ++at) judge(at->second, standing(at->second));
  elsewhere_.erase(first, last);
  return {};
}

Expected<void> CheckpointCheck::end(std::uint64_t leaves) {
  while (!is_full()) {
    const auto kept = next();
    if (!kept) return Unexpected(kept.error());
    if (*kept == nullptr) break;
    if (auto one = seen(**kept)) judge(*std::move(one), Standing::kBeyondEnd);
    read_.pop_front();
  }
  for (const auto& [size, one] : elsewhere_) judge(one, Standing::kBeyondEnd);
  is_last_look_ = true;
  for (const auto& [one, standing] : std::exchange(waiting_, {})) judge(one, standing);
  if (options_.log_keys.empty()) return {};
  report_.trusts_itself = report_.covered == 0;
  if (report_.covered == 0 && leaves != 0) {
    tell_("the log", "no checkpoint of it is signed by the key that is known: nothing in it is vouched for");
  }
  return {};
}

void CheckpointCheck::judge(Sighting seen, Standing standing) {
  const auto opened = evidence::open_checkpoint(seen.note, keys_);
  if (!opened && options_.log_keys.empty() && !is_last_look_ && waiting_.size() < kMostWaiting) {
    waiting_.emplace_back(std::move(seen), standing);
  } else if (!opened) {
    tell_(std::move(seen.place), opened.error().detail);
  } else if (opened->origin != log_.origin()) {
    tell_(std::move(seen.place), fmt::format("it is of the log \"{}\"", opened->origin));
  } else if (standing == Standing::kBeyondEnd) {
    tell_(std::move(seen.place), fmt::format("the log has {} leaves: its end was cut off", report_.leaves));
  } else if (standing == Standing::kOtherRoot) {
    tell_(std::move(seen.place), "the log's first leaves are not those that it commits to");
  } else {
    ++report_.checkpoints;
    report_.covered = std::max(report_.covered, seen.size);
  }
}

}  // namespace mpic::coordinator
