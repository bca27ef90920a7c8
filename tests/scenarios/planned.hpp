// Planning in scenarios.
//
//   option planning remotes 5       of the configuration; also: option cohorts 2, option separate-caa
//   r2 is not-ready WHY             also: r2 is drained, r2 is suspected OF-WHAT
//   expect planned r2 SAYS          in the last plan, with SAYS in its reason; also: passed-over r3 SAYS
//   expect cohort 1                 that the last plan's remotes were taken from
//   expect judged-dcv primary r1 r2     exactly these have a row of that check; also: judged-caa
#pragma once

#include <map>
#include <optional>

#include "coordinator/audit/record_store.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "coordinator/pipeline/conduct.hpp"
#include "tests/scenarios/scenario.hpp"

namespace mpic::test {

// Ready and unsuspected, all but those that are named.
class FakeConduct final : public coordinator::Conduct {
 public:
  void note(const coordinator::Decision& /*decision*/) override {}
  [[nodiscard]] std::optional<std::string> suspicion(const PerspectiveId& perspective) const override {
    const auto found = suspected.find(perspective.text());
    return found == suspected.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] coordinator::Standing standing(const PerspectiveId& perspective) const override {
    const auto found = not_ready.find(perspective.text());
    return found == not_ready.end() ? coordinator::Standing{} : coordinator::Standing{false, found->second};
  }
  std::map<std::string, std::string> not_ready;  // why
  std::map<std::string, std::string> suspected;  // of what
};

// False when the line is no option of planning.
[[nodiscard]] bool planning_option(const Scenario::Line& line, coordinator::Deployment& deployment);
// "r2 is ..."
void stand(const Scenario::Line& line, coordinator::Deployment& deployment, FakeConduct& conduct);

// The one that was decided last; empty when there is none.
[[nodiscard]] v1::RecordBody last_of(const std::map<std::string, coordinator::StoredRecord>& records);
[[nodiscard]] bool is_about_plans(const std::string& what);
// None when the record is as the line says; else why not.
[[nodiscard]] std::optional<std::string> expect_plan(const Scenario::Line& line, const v1::RecordBody& record);

}  // namespace mpic::test
