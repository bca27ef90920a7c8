// A record store in memory that fails when it is told to.
#pragma once

#include <map>

#include "coordinator/audit/record_store.hpp"

namespace mpic::test {

class FakeStore final : public coordinator::RecordStore {
 public:
  void plan(coordinator::StoredPlan plan) override { plans.push_back(std::move(plan)); }

  coordinator::asio::awaitable<Expected<void>> append(coordinator::StoredRecord record) override {
    if (fails) co_return fail(ProblemCode::kInternal, "record store", "disk full");
    std::erase_if(plans,
                  [&](const coordinator::StoredPlan& plan) { return plan.record_id == record.record_id; });
    const std::string id = record.record_id;
    records.emplace(id, std::move(record));
    co_return Expected<void>{};
  }

  Expected<std::optional<coordinator::StoredRecord>> find(const std::string& record_id) override {
    const auto found = records.find(record_id);
    if (found == records.end()) return std::nullopt;
    return found->second;
  }

  Expected<std::vector<coordinator::StoredPlan>> open_plans() override { return plans; }
  Expected<void> keep_snapshot(const Digest&, const std::string&) override { return {}; }

  bool fails = false;
  std::vector<coordinator::StoredPlan> plans;
  std::map<std::string, coordinator::StoredRecord> records;
};

}  // namespace mpic::test
