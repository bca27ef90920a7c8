#include "coordinator/audit/log_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

using evidence::LeafKind;

// As coordinators write them: docs/evidence_format.md.
bool is_well_formed(const v1::ChangeEvent& event) {
  constexpr std::size_t kLongestWho = 256;
  constexpr int kMostSentences = 256;
  constexpr std::size_t kLongestSentence = 1'024;
  const bool is_short = std::all_of(event.what().begin(), event.what().end(),
                                    [](const std::string& what) { return what.size() <= kLongestSentence; });
  return v1::ChangeEvent::Kind_IsValid(event.kind()) && event.kind() != v1::ChangeEvent::KIND_UNSPECIFIED &&
         wire::decode(event.at()) && event.who().size() <= kLongestWho && event.what_size() <= kMostSentences &&
         is_short && event.has_pruned() == (event.kind() == v1::ChangeEvent::PRUNED);
}

std::string to_text(const Digest& digest) { return {digest.begin(), digest.end()}; }

}  // namespace

void LogLedger::tampered(std::string place, std::string why) {
  add({{FaultKind::kTampered, std::move(place), std::move(why)}});
}

void LogLedger::add(std::vector<Fault> faults) {
  for (Fault& fault : faults) {
    if (is_full()) {
      ++report_.more_faults;
    } else {
      report_.faults.push_back(std::move(fault));
    }
  }
}

void LogLedger::add_sighting(std::string place, const std::string& note, bool from_outside) {
  const auto says = evidence::read_checkpoint(note);
  if (!says) return tampered(std::move(place), "it is no checkpoint: " + says.error().detail);
  checkpoints_.emplace(says->size, Sighting{std::move(place), *says, note, from_outside});
}

Expected<void> LogLedger::begin() {
  origin_ = log_.origin();
  const auto kept = log_.checkpoints();
  if (!kept) return Unexpected(kept.error());
  for (const StoredCheckpoint& checkpoint : *kept) {
    const std::string place = fmt::format("checkpoint of size {}", checkpoint.size);
    add_sighting(place, checkpoint.note, false);
    const auto says = evidence::read_checkpoint(checkpoint.note);
    if (says && says->size != checkpoint.size) tampered(place, fmt::format("its note is of size {}", says->size));
  }
  for (std::size_t i = 0; i < options_.checkpoints.size(); ++i) {
    add_sighting(fmt::format("checkpoint {} from elsewhere", i + 1), options_.checkpoints[i], true);
  }
  auto nodes = log_.nodes();
  if (!nodes) return Unexpected(nodes.error());
  kept_nodes_ = *std::move(nodes);
  return {};
}

void LogLedger::enter(const LoggedLeaf& leaf) {
  if (leaf.index != report_.leaves) {
    tampered(place_of(leaf),
             fmt::format("leaf {} should stand here: leaves are missing, doubled or out of order", report_.leaves));
  }
  ++report_.leaves;
  grow(leaf);
  const bool is_there = !leaf.body.empty();
  if (is_there && evidence::sha256(leaf.body) != leaf.body_sha256) {
    tampered(place_of(leaf), "its body has another hash than its entry in the log");
  }
  if (!is_there) return enter_missing(leaf);
  switch (leaf.kind) {
    case LeafKind::kRecord:
      return enter_record(leaf);
    case LeafKind::kAddendum:
      return enter_addendum(leaf);
    case LeafKind::kSnapshot:
      return enter_snapshot(leaf);
    case LeafKind::kEvent:
      return enter_event(leaf);
  }
  tampered(place_of(leaf), "it is of no known kind");
}

void LogLedger::grow(const LoggedLeaf& leaf) {
  tree_.append(evidence::log_leaf_hash(leaf.kind, leaf.body_sha256), derived_nodes_);
  const auto [first, last] = checkpoints_.equal_range(tree_.size());
  if (first == last) return;
  const Digest root = tree_.root();
  for (auto at = first; at != last; ++at) at->second.has_its_root = at->second.says.root == root;
}

void LogLedger::check_origin(const LoggedLeaf& leaf, const std::string& origin) {
  if (origin != origin_) tampered(place_of(leaf), fmt::format("it is of the log \"{}\"", printable(origin, 64)));
}

void LogLedger::check_named_snapshot(const LoggedLeaf& leaf, const std::string& hash) {
  if (!snapshots_.contains(hash)) tampered(place_of(leaf), "the snapshot that it names is not in the log before it");
}

void LogLedger::enter_record(const LoggedLeaf& leaf) {
  v1::RecordBody body;
  if (!body.ParseFromString(leaf.body)) return tampered(place_of(leaf), "its body is no RecordBody");
  check_origin(leaf, body.log_origin());
  check_named_snapshot(leaf, body.snapshot_sha256());
  const auto [known, is_new] = records_.emplace(body.record_id(), leaf.index);
  if (!is_new) tampered(place_of(leaf), fmt::format("leaf {} has the same record id", known->second));
  if (body.request().request_id().empty() || is_without_result(body)) return;
  if (!requests_.insert(body.client() + '\0' + body.request().request_id()).second) {
    tampered(place_of(leaf), "another record answers the same request_id of this client");
  }
}

void LogLedger::enter_addendum(const LoggedLeaf& leaf) {
  ++report_.addenda;
  v1::Addendum addendum;
  if (!addendum.ParseFromString(leaf.body)) return tampered(place_of(leaf), "its body is no Addendum");
  if (!record_before(addendum.record_id(), leaf) && !has_nameless_records_) {
    return tampered(place_of(leaf), "its record is not in the log before it");
  }
  const std::string whose = addendum.record_id() + '\0' + addendum.attempt_id() + '\0' + addendum.perspective_id();
  if (!addenda_.insert(whose).second) tampered(place_of(leaf), "this perspective had spoken after the answer already");
  if (!leaf.addendum) return;
  const StoredAddendum& told = *leaf.addendum;
  if (told.record_id != addendum.record_id() || told.perspective != addendum.perspective_id() ||
      told.received != wire::decode(addendum.received())) {
    tampered(place_of(leaf), "the index has another record, perspective or time than its body");
  }
}

void LogLedger::enter_snapshot(const LoggedLeaf& leaf) {
  ++report_.snapshots;
  auto known = read_snapshot(leaf.body);
  if (!known) return tampered(place_of(leaf), known.error().detail);
  check_origin(leaf, known->deployment.log_origin);
  statement_keys_.push_back(known->statement_key);
  const bool is_new = snapshots_.emplace(to_text(evidence::sha256(leaf.body)), *std::move(known)).second;
  if (!is_new) tampered(place_of(leaf), "the same snapshot is in the log before it");
  const auto indexed = log_.snapshot(leaf.body_sha256);
  if (!indexed || !*indexed || **indexed != leaf.body) tampered(place_of(leaf), "it is not found by its hash");
}

void LogLedger::enter_event(const LoggedLeaf& leaf) {
  ++report_.events;
  v1::ChangeEvent event;
  if (!event.ParseFromString(leaf.body)) return tampered(place_of(leaf), "its body is no ChangeEvent");
  check_origin(leaf, event.log_origin());
  check_named_snapshot(leaf, event.snapshot_sha256());
  if (!is_well_formed(event)) tampered(place_of(leaf), "no coordinator writes such an event");
  if (leaf.event_at && leaf.event_at != wire::decode(event.at())) {
    tampered(place_of(leaf), "the index has another time than its body");
  }
  if (event.kind() != v1::ChangeEvent::PRUNED) return;
  if (event.pruned().minimum_index() > leaf.index) {
    return tampered(place_of(leaf), "it says that leaves were pruned which were not written yet");
  }
  prunings_.push_back({leaf.index, event.pruned().minimum_index()});
}

// Whether it may be missing, only an event tells that comes later, and under a checkpoint.
void LogLedger::enter_missing(const LoggedLeaf& leaf) {
  ++report_.pruned;
  const bool may_be_pruned = leaf.kind == LeafKind::kRecord || leaf.kind == LeafKind::kAddendum;
  if (!may_be_pruned) return tampered(place_of(leaf), "its body is missing");
  const bool has_more = !leaf.statement.empty() || (leaf.record && !leaf.record->rows.empty());
  if (has_more) tampered(place_of(leaf), "its body is gone, and its statement or rows are not");
  has_nameless_records_ = has_nameless_records_ || (leaf.kind == LeafKind::kRecord && !leaf.record);
  if (missing_.empty() || leaf.index != missing_.back().last + 1) missing_.push_back({leaf.index, leaf.index});
  missing_.back().last = leaf.index;
  if (leaf.record && !records_.emplace(leaf.record->record_id, leaf.index).second) {
    tampered(place_of(leaf), "another leaf has the same record id");
  }
}

// Events are not signed: who can write the store, and has no key, could append one. So it counts by the signature of a
// checkpoint over it.
void LogLedger::check_missing() {
  std::uint64_t minimum_index = 0;
  for (const Pruning& pruning : prunings_) {
    if (pruning.leaf < report_.covered) minimum_index = std::max(minimum_index, pruning.minimum_index);
  }
  for (const Run& run : missing_) {
    const std::uint64_t first = std::max(run.first, minimum_index);
    if (first > run.last) continue;
    const std::string place =
        first == run.last ? fmt::format("leaf {}", first) : fmt::format("leaves {} to {}", first, run.last);
    tampered(place, "bodies are missing, and no PRUNED event under a checkpoint says so");
  }
}

void LogLedger::check_nodes() {
  if (!log_.keeps_nodes()) return;
  const auto order = [](const evidence::TreeNode& a, const evidence::TreeNode& b) {
    return std::pair(a.level, a.index) < std::pair(b.level, b.index);
  };
  std::sort(derived_nodes_.begin(), derived_nodes_.end(), order);
  std::sort(kept_nodes_.begin(), kept_nodes_.end(), order);
  auto kept = kept_nodes_.begin();
  const auto place = [](const evidence::TreeNode& node) { return fmt::format("node {}/{}", node.level, node.index); };
  for (const evidence::TreeNode& derived : derived_nodes_) {
    for (; kept != kept_nodes_.end() && order(*kept, derived); ++kept)
      tampered(place(*kept), "the tree has no such hash");
    if (kept == kept_nodes_.end() || order(derived, *kept)) {
      tampered(place(derived), "it is missing");
      continue;
    }
    if (kept->hash != derived.hash) tampered(place(*kept), "it is not the root of its leaves");
    ++kept;
  }
  for (; kept != kept_nodes_.end(); ++kept) tampered(place(*kept), "the tree has no such hash");
}

void LogLedger::check_checkpoints() {
  std::vector<evidence::NoteVerifier> keys = options_.log_keys;
  if (keys.empty()) {
    for (const auto& [hash, snapshot] : snapshots_) {
      if (snapshot.log_key) keys.push_back(*snapshot.log_key);
    }
  }
  for (const auto& [size, seen] : checkpoints_) {
    const auto opened = evidence::open_checkpoint(seen.note, keys);
    if (!opened) {
      tampered(seen.place, opened.error().detail);
    } else if (opened->origin != origin_) {
      tampered(seen.place, fmt::format("it is of the log \"{}\"", opened->origin));
    } else if (size > report_.leaves) {
      tampered(seen.place, fmt::format("the log has {} leaves: its end was cut off", report_.leaves));
    } else if (!seen.has_its_root && !(size == 0 && seen.says.root == evidence::sha256(""))) {
      tampered(seen.place, "the log's first leaves are not those that it commits to");
    } else {
      ++report_.checkpoints;
      report_.covered = std::max(report_.covered, size);
    }
  }
  if (options_.log_keys.empty()) return;
  report_.trusts_itself = report_.covered == 0;
  if (report_.covered == 0 && report_.leaves != 0) {
    tampered("the log", "no checkpoint of it is signed by the key that is known: nothing in it is vouched for");
  }
}

Expected<void> LogLedger::end(std::uint64_t size) {
  if (is_full()) return {};
  if (report_.leaves != size) {
    tampered("the log", fmt::format("it says that it has {} leaves, and has {}", size, report_.leaves));
  }
  check_nodes();
  check_checkpoints();
  check_missing();
  return {};
}

const KnownSnapshot* LogLedger::snapshot_of(const std::string& hash) const {
  const auto found = snapshots_.find(hash);
  return found == snapshots_.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> LogLedger::record_before(const std::string& record_id, const LoggedLeaf& leaf) const {
  const auto found = records_.find(record_id);
  return found == records_.end() || found->second >= leaf.index ? std::nullopt : std::optional(found->second);
}

}  // namespace mpic::coordinator
