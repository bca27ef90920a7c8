// A record store in memory that fails when it is told to. For one thread.
#pragma once

#include <map>

#include "coordinator/audit/record_store.hpp"

namespace mpic::test {

class FakeStore final : public coordinator::RecordStore {
 public:
  bool plan(coordinator::StoredPlan plan) override;
  coordinator::asio::awaitable<Expected<std::uint64_t>> append(coordinator::StoredRecord record) override;
  coordinator::asio::awaitable<Expected<std::uint64_t>> append_addendum(coordinator::StoredAddendum addendum) override;
  Expected<std::optional<coordinator::StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<coordinator::StoredRecord>> find_request(const std::string& client,
                                                                  const std::string& request_id) override;
  Expected<std::vector<coordinator::StoredPlan>> open_plans() override { return plans; }
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  Expected<std::optional<std::string>> find_snapshot(const Digest& hash) override;
  Expected<std::uint64_t> append_event(coordinator::StoredEvent event) override;
  Expected<std::vector<coordinator::StoredEvent>> last_events(std::size_t most) override;
  [[nodiscard]] coordinator::TreeHead tree_head() const override { return {tree_.size(), tree_.root()}; }
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;
  Expected<void> keep_checkpoint(coordinator::StoredCheckpoint checkpoint) override;
  Expected<std::optional<coordinator::StoredCheckpoint>> last_checkpoint() override;
  Expected<std::uint64_t> decided_before(TimePoint decided_before) override;
  Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most) override;
  [[nodiscard]] bool healthy() const override { return !known_to_fail && !known_to_have_lost; }
  [[nodiscard]] std::string fault() const override {
    if (known_to_have_lost) return "it has 1 leaves, and had 2";
    return known_to_fail ? "disk full" : "";
  }
  [[nodiscard]] bool has_lost_records() const override { return known_to_have_lost; }

  bool fails = false;
  bool known_to_fail = false;
  bool known_to_have_lost = false;
  int plans_left = 1'000;  // then there is no place for more
  std::vector<coordinator::StoredPlan> plans;
  std::map<std::string, coordinator::StoredRecord> records;
  std::vector<coordinator::StoredAddendum> addenda;
  std::map<Digest, std::string> snapshots;
  std::vector<coordinator::StoredEvent> events;
  std::map<std::uint64_t, coordinator::StoredCheckpoint> checkpoints;

 private:
  std::uint64_t leaf(evidence::LeafKind kind, const std::string& body);

  evidence::GrowingTree tree_;
  std::map<unsigned, std::vector<Digest>> levels_;
};

}  // namespace mpic::test
