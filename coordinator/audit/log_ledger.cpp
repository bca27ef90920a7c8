#include "coordinator/audit/log_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

using evidence::LeafKind;

bool is_in_the_past(const v1::ChangeEvent& pruning) {
  const auto before = wire::decode(pruning.pruned().decided_before());
  const auto at = wire::decode(pruning.at());
  return pruning.pruned().has_decided_before() && before && at && *before <= *at;
}

// As coordinators write them: docs/evidence_format.md.
bool is_well_formed(const v1::ChangeEvent& event) {
  constexpr std::size_t kLongestWho = 256;
  constexpr int kMostSentences = 256;
  constexpr std::size_t kLongestSentence = 1'024;
  const bool is_short = std::all_of(event.what().begin(), event.what().end(),
                                    [](const std::string& what) { return what.size() <= kLongestSentence; });
  return v1::ChangeEvent::Kind_IsValid(event.kind()) && event.kind() != v1::ChangeEvent::KIND_UNSPECIFIED &&
         wire::decode(event.at()) && event.who().size() <= kLongestWho && event.what_size() <= kMostSentences &&
         is_short && event.has_pruned() == (event.kind() == v1::ChangeEvent::PRUNED) &&
         (!event.has_pruned() || is_in_the_past(event));
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

Expected<void> LogLedger::begin(LogHead head) {
  origin_ = log_.origin();
  go_on(std::move(head));
  const auto stray = log_.stray_rows(options_.most_faults);
  if (!stray) return Unexpected(stray.error());
  for (const StrayRow& row : *stray) {
    tampered(fmt::format("leaf {} of the table {}", row.leaf, row.table), "the log has no such leaf");
  }
  return checkpoints_.hold_against(tree_);
}

void LogLedger::go_on(LogHead head) {
  head_ = std::move(head);
  checkpoints_.begin(head_.newest);
}

Expected<void> LogLedger::enter(const LoggedLeaf& leaf) {
  if (leaf.index != report_.leaves) {
    tampered(place_of(leaf),
             fmt::format("leaf {} should stand here: leaves are missing, doubled or out of order", report_.leaves));
  }
  ++report_.leaves;
  tree_.append(evidence::log_leaf_hash(leaf.kind, leaf.body_sha256), derived_nodes_);
  enter_body(leaf);
  return checkpoints_.hold_against(tree_);
}

void LogLedger::enter_body(const LoggedLeaf& leaf) {
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
  if (const auto decided = wire::decode(body.decided()); decided && (latest_.empty() || latest_.back().at < *decided)) {
    latest_.push_back({leaf.index, *decided});
  }
  if (is_without_result(body)) return;
  check_running(leaf);
  if (body.request().request_id().empty()) return;
  if (!requests_.insert(body.client() + '\0' + body.request().request_id()).second) {
    tampered(place_of(leaf), "another record answers the same request_id of this client");
  }
}

void LogLedger::enter_addendum(const LoggedLeaf& leaf) {
  ++report_.addenda;
  v1::Addendum addendum;
  if (!addendum.ParseFromString(leaf.body)) return tampered(place_of(leaf), "its body is no Addendum");
  check_running(leaf);
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
  unsigned_.push_back({leaf.index, leaf.kind});
  auto known = read_snapshot(leaf.body);
  if (!known) return tampered(place_of(leaf), known.error().detail);
  check_origin(leaf, known->deployment.log_origin);
  statement_keys_.push_back(known->statement_key);
  if (known->log_key) checkpoints_.add_key_of_log(*known->log_key);
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
  if (event.kind() != v1::ChangeEvent::STARTED) check_running(leaf);
  is_stopped_ = event.kind() == v1::ChangeEvent::STOPPED;
  if (event.kind() != v1::ChangeEvent::PRUNED) return;
  unsigned_.push_back({leaf.index, leaf.kind});
  if (event.pruned().minimum_index() > leaf.index) {
    return tampered(place_of(leaf), "it says that leaves were pruned which were not written yet");
  }
  prunings_.push_back({leaf.index, event.pruned().minimum_index()});
  check_counted(leaf, event.pruned());
}

// Of those that are still there.
void LogLedger::check_counted(const LoggedLeaf& event, const v1::Pruned& pruned) {
  const auto before = wire::decode(pruned.decided_before());
  if (!before) return;  // told
  const auto younger =
      std::partition_point(latest_.begin(), latest_.end(), [&](const Decided& record) { return record.at < *before; });
  if (younger == latest_.end() || younger->leaf >= pruned.minimum_index()) return;
  tampered(fmt::format("leaf {}, record", younger->leaf),
           fmt::format("it was decided later than the PRUNED event of leaf {} says", event.index));
}

// What closes requests of a run that was killed, and new snapshots, may come before a start.
void LogLedger::check_running(const LoggedLeaf& leaf) {
  if (is_stopped_) tampered(place_of(leaf), "it comes after STOPPED and before STARTED");
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
std::vector<LogLedger::Run> LogLedger::unexplained() const {
  std::uint64_t minimum_index = 0;
  for (const Pruning& pruning : prunings_) {
    if (pruning.leaf < report_.covered) minimum_index = std::max(minimum_index, pruning.minimum_index);
  }
  std::vector<Run> out;
  for (const Run& run : missing_) {
    if (run.last >= minimum_index) out.push_back({std::max(run.first, minimum_index), run.last});
  }
  return out;
}

void LogLedger::check_missing() {
  for (const Run& run : unexplained()) {
    std::string place =
        run.first == run.last ? fmt::format("leaf {}", run.first) : fmt::format("leaves {} to {}", run.first, run.last);
    tampered(std::move(place), "bodies are missing, and no PRUNED event under a checkpoint says so");
  }
}

void LogLedger::check_nodes() {
  if (!log_.keeps_nodes()) return;
  const auto order = [](const evidence::TreeNode& a, const evidence::TreeNode& b) {
    return std::pair(a.level, a.index) < std::pair(b.level, b.index);
  };
  std::sort(derived_nodes_.begin(), derived_nodes_.end(), order);
  std::sort(head_.nodes.begin(), head_.nodes.end(), order);
  auto kept = head_.nodes.begin();
  const auto place = [](const evidence::TreeNode& node) { return fmt::format("node {}/{}", node.level, node.index); };
  for (const evidence::TreeNode& derived : derived_nodes_) {
    for (; kept != head_.nodes.end() && order(*kept, derived); ++kept)
      tampered(place(*kept), "the tree has no such hash");
    if (kept == head_.nodes.end() || order(derived, *kept)) {
      tampered(place(derived), "it is missing");
      continue;
    }
    if (kept->hash != derived.hash) tampered(place(*kept), "it is not the root of its leaves");
    ++kept;
  }
  for (; kept != head_.nodes.end(); ++kept) tampered(place(*kept), "the tree has no such hash");
}

Expected<void> LogLedger::end() {
  if (is_full()) return {};
  if (report_.leaves != head_.size) {
    tampered("the log", fmt::format("it says that it has {} leaves, and has {}", head_.size, report_.leaves));
  }
  check_nodes();
  if (const auto held = checkpoints_.end(report_.leaves); !held) return held;
  check_missing();
  for (const VerifyReport::Unvouched& one : unsigned_) {
    if (one.leaf >= report_.covered) report_.unvouched.push_back(one);
  }
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
