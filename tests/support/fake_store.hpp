// A record store in memory that fails when it is told to.
#pragma once

#include <map>

#include "coordinator/audit/record_store.hpp"

namespace mpic::test {

class FakeStore final : public coordinator::RecordStore {
 public:
  bool plan(coordinator::StoredPlan plan) override {
    if (plans_left-- == 0) return false;
    plans.push_back(std::move(plan));
    return true;
  }

  coordinator::asio::awaitable<Expected<void>> append(coordinator::StoredRecord record) override {
    if (fails) co_return fail(ProblemCode::kInternal, "record store", "disk full");
    std::erase_if(plans, [&](const coordinator::StoredPlan& plan) { return plan.record_id == record.record_id; });
    const std::string id = record.record_id;
    records.emplace(id, std::move(record));
    co_return Expected<void>{};
  }

  coordinator::asio::awaitable<Expected<void>> append_addendum(coordinator::StoredAddendum addendum) override {
    if (fails) co_return fail(ProblemCode::kInternal, "record store", "disk full");
    addenda.push_back(std::move(addendum));
    co_return Expected<void>{};
  }

  Expected<std::optional<coordinator::StoredRecord>> find_request(const std::string& client,
                                                                  const std::string& request_id) override {
    for (const auto& [id, record] : records) {
      if (record.client == client && record.request_id == request_id) return record;
    }
    return std::nullopt;
  }

  Expected<std::optional<coordinator::StoredRecord>> find(const std::string& record_id) override {
    const auto found = records.find(record_id);
    if (found == records.end()) return std::nullopt;
    return found->second;
  }

  Expected<std::vector<coordinator::StoredPlan>> open_plans() override { return plans; }
  Expected<void> keep_snapshot(const Digest&, const std::string&) override { return {}; }

  [[nodiscard]] bool healthy() const override { return !known_to_fail; }

  bool fails = false;
  bool known_to_fail = false;
  int plans_left = 1'000;  // then there is no place for more
  std::vector<coordinator::StoredPlan> plans;
  std::map<std::string, coordinator::StoredRecord> records;
  std::vector<coordinator::StoredAddendum> addenda;
};

}  // namespace mpic::test
