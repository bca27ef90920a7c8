#include "coordinator/audit/nowhere_store.hpp"

namespace mpic::coordinator {
namespace {

Unexpected nothing_is_kept() {
  return fail(ProblemCode::kInternal, "record store", "this laboratory keeps no records (lab.records_nowhere)");
}

}  // namespace

bool NowhereStore::plan(StoredPlan) { return true; }

asio::awaitable<Expected<std::uint64_t>> NowhereStore::append(StoredRecord) { co_return leaves_.fetch_add(1); }

asio::awaitable<Expected<std::uint64_t>> NowhereStore::append_addendum(StoredAddendum) {
  co_return leaves_.fetch_add(1);
}

Expected<std::optional<StoredRecord>> NowhereStore::find(const std::string&) { return std::nullopt; }

Expected<std::optional<StoredRecord>> NowhereStore::find_request(const std::string&, const std::string&) {
  return std::nullopt;
}

Expected<std::vector<StoredPlan>> NowhereStore::open_plans() { return std::vector<StoredPlan>(); }

Expected<void> NowhereStore::keep_snapshot(const Digest&, const std::string&) { return {}; }

Expected<std::optional<std::string>> NowhereStore::find_snapshot(const Digest&) { return std::nullopt; }

Expected<std::uint64_t> NowhereStore::append_event(StoredEvent) { return leaves_.fetch_add(1); }

Expected<std::vector<StoredEvent>> NowhereStore::last_events(std::size_t) { return std::vector<StoredEvent>(); }

TreeHead NowhereStore::tree_head() const { return {}; }

Expected<std::vector<Digest>> NowhereStore::hashes(unsigned, std::uint64_t, std::size_t) { return nothing_is_kept(); }

Expected<void> NowhereStore::keep_checkpoint(StoredCheckpoint) { return nothing_is_kept(); }

Expected<std::optional<StoredCheckpoint>> NowhereStore::last_checkpoint() { return std::nullopt; }

Expected<std::uint64_t> NowhereStore::decided_before(TimePoint) { return std::uint64_t{0}; }

Expected<std::size_t> NowhereStore::prune(std::uint64_t, std::size_t) { return std::size_t{0}; }

}  // namespace mpic::coordinator
