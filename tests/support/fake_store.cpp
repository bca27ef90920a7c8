#include "tests/support/fake_store.hpp"

#include <algorithm>

namespace mpic::test {
namespace {

using namespace coordinator;

Unexpected disk_full() { return mpic::fail(ProblemCode::kInternal, "record store", "disk full"); }

}  // namespace

bool FakeStore::plan(StoredPlan plan) {
  if (plans_left-- == 0) return false;
  plans.push_back(std::move(plan));
  return true;
}

std::uint64_t FakeStore::leaf(evidence::LeafKind kind, const std::string& body) {
  const Digest hash = evidence::log_leaf_hash(kind, evidence::sha256(body));
  std::vector<evidence::TreeNode> completed;
  levels_[0].push_back(hash);
  tree_.append(hash, completed);
  for (const evidence::TreeNode& node : completed) levels_[node.level].push_back(node.hash);
  return tree_.size() - 1;
}

asio::awaitable<Expected<std::uint64_t>> FakeStore::append(StoredRecord record) {
  if (fails) co_return disk_full();
  std::erase_if(plans, [&](const StoredPlan& plan) { return plan.record_id == record.record_id; });
  const std::uint64_t index = record.leaf = leaf(evidence::LeafKind::kRecord, record.body);
  const std::string id = record.record_id;
  records.emplace(id, std::move(record));
  co_return index;
}

asio::awaitable<Expected<std::uint64_t>> FakeStore::append_addendum(StoredAddendum addendum) {
  if (fails) co_return disk_full();
  const std::uint64_t index = addendum.leaf = leaf(evidence::LeafKind::kAddendum, addendum.body);
  addenda.push_back(std::move(addendum));
  co_return index;
}

Expected<std::optional<StoredRecord>> FakeStore::find(const std::string& record_id) {
  const auto found = records.find(record_id);
  if (found == records.end()) return std::nullopt;
  StoredRecord record = found->second;
  for (const StoredAddendum& addendum : addenda) {
    if (addendum.record_id == record_id) record.addenda.push_back(addendum);
  }
  return record;
}

Expected<std::optional<StoredRecord>> FakeStore::find_request(const std::string& client,
                                                              const std::string& request_id) {
  for (const auto& [id, record] : records) {
    if (record.client == client && record.request_id == request_id) return record;
  }
  return std::nullopt;
}

Expected<void> FakeStore::keep_snapshot(const Digest& hash, const std::string& body) {
  if (fails) return disk_full();
  if (snapshots.emplace(hash, body).second) leaf(evidence::LeafKind::kSnapshot, body);
  return {};
}

Expected<std::optional<std::string>> FakeStore::find_snapshot(const Digest& hash) {
  const auto found = snapshots.find(hash);
  if (found == snapshots.end()) return std::nullopt;
  return found->second;
}

Expected<std::uint64_t> FakeStore::append_event(StoredEvent event) {
  if (fails) return disk_full();
  const std::uint64_t index = leaf(evidence::LeafKind::kEvent, event.body);
  events.push_back(std::move(event));
  return index;
}

Expected<std::vector<StoredEvent>> FakeStore::last_events(std::size_t most) {
  std::vector<StoredEvent> newest(events.rbegin(), events.rend());
  newest.resize(std::min(newest.size(), most));
  return newest;
}

Expected<std::vector<Digest>> FakeStore::hashes(unsigned level, std::uint64_t first, std::size_t count) {
  const std::vector<Digest>& all = levels_[level];
  if (first > all.size() || count > all.size() - first) {
    return mpic::fail(ProblemCode::kInternal, "record store", "a hash of the tree is missing");
  }
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
  return std::vector<Digest>(from, from + static_cast<std::ptrdiff_t>(count));
}

Expected<void> FakeStore::keep_checkpoint(StoredCheckpoint checkpoint) {
  if (fails) return disk_full();
  const std::uint64_t size = checkpoint.size;
  checkpoints[size] = std::move(checkpoint);
  return {};
}

Expected<std::optional<StoredCheckpoint>> FakeStore::last_checkpoint() {
  if (checkpoints.empty()) return std::nullopt;
  return checkpoints.rbegin()->second;
}

Expected<std::uint64_t> FakeStore::decided_before(TimePoint decided_before) {
  std::uint64_t first = tree_.size();
  for (const auto& [id, record] : records) {
    if (record.decided >= decided_before) first = std::min(first, record.leaf);
  }
  std::uint64_t end = 0;
  for (const auto& [id, record] : records) {
    if (record.leaf < first) end = std::max(end, record.leaf + 1);
  }
  return end;
}

Expected<std::size_t> FakeStore::prune(std::uint64_t minimum_index, std::size_t most) {
  if (fails) return disk_full();
  std::size_t pruned = 0;
  const auto is_due = [&](std::uint64_t leaf, const std::string& body) {
    return pruned < most && leaf < minimum_index && !body.empty();
  };
  for (auto& [id, record] : records) {
    if (!is_due(record.leaf, record.body)) continue;
    record.body.clear();
    record.statement.clear();
    record.rows.clear();
    ++pruned;
  }
  for (StoredAddendum& addendum : addenda) {
    if (!is_due(addendum.leaf, addendum.body)) continue;
    addendum.body.clear();
    ++pruned;
  }
  return pruned;
}

}  // namespace mpic::test
