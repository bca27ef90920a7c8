// A store that keeps nothing, for measurements of what keeping costs (lab.records_nowhere): whatever it is given is
// counted and forgotten. Nothing can be found in it, proved by it or signed over it.
#pragma once

#include <atomic>

#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

class NowhereStore final : public RecordStore {
 public:
  [[nodiscard]] bool plan(StoredPlan plan) override;
  asio::awaitable<Expected<std::uint64_t>> append(StoredRecord record) override;
  asio::awaitable<Expected<std::uint64_t>> append_addendum(StoredAddendum addendum) override;
  Expected<std::optional<StoredRecord>> find(const std::string& record_id) override;
  Expected<std::optional<StoredRecord>> find_request(const std::string& client, const std::string& request_id) override;
  Expected<std::vector<StoredPlan>> open_plans() override;
  Expected<void> keep_snapshot(const Digest& hash, const std::string& body) override;
  Expected<std::optional<std::string>> find_snapshot(const Digest& hash) override;
  Expected<std::uint64_t> append_event(StoredEvent event) override;
  Expected<std::vector<StoredEvent>> last_events(std::size_t most) override;
  // That of no leaves: there is nothing to sign.
  [[nodiscard]] TreeHead tree_head() const override;
  Expected<std::vector<Digest>> hashes(unsigned level, std::uint64_t first, std::size_t count) override;
  Expected<void> keep_checkpoint(StoredCheckpoint checkpoint) override;
  Expected<std::optional<StoredCheckpoint>> last_checkpoint() override;
  Expected<std::uint64_t> decided_before(TimePoint decided_before) override;
  Expected<std::size_t> prune(std::uint64_t minimum_index, std::size_t most) override;
  [[nodiscard]] bool healthy() const override { return true; }
  [[nodiscard]] std::string fault() const override { return {}; }
  [[nodiscard]] bool has_lost_records() const override { return false; }

 private:
  std::atomic<std::uint64_t> leaves_{0};
};

}  // namespace mpic::coordinator
