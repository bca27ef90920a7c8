// What a verifier says of one record that was judged by other rules, or by other registries, than its own.
#include "coordinator/audit/verification.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

constexpr std::size_t kSnapshot = SampleLog::kSnapshot;
constexpr std::size_t kRecord = SampleLog::kRecord;

// A record of the sample with its snapshot, both changed and both signed again.
struct Changed {
  v1::RecordBody body;
  v1::DeploymentSnapshot snapshot;

  Changed() {
    const SampleLog log = sample_log();
    REQUIRE(body.ParseFromString(log.leaves[kRecord].body));
    REQUIRE(snapshot.ParseFromString(log.leaves[kSnapshot].body));
  }
  void of_another_version() {
    for (std::string* version :
         {body.mutable_policy()->mutable_ruleset_version(), snapshot.mutable_ruleset_version()}) {
      *version = "2019-01-01";
    }
  }
  // Public suffixes, addresses: data that rules rest on, of another day than this program's.
  void of_other_registries() { snapshot.mutable_registries(0)->set_date("2019-01-01"); }
  [[nodiscard]] v1::PerspectiveResult& row(int number) {
    return *body.mutable_decision()->mutable_checks(0)->mutable_perspectives(number);
  }
  // The gravest that is told; none: nothing is.
  [[nodiscard]] std::optional<FaultKind> fault() {
    LoggedLeaf leaf;
    leaf.kind = evidence::LeafKind::kRecord;
    leaf.body = body.SerializeAsString();
    leaf.body_sha256 = evidence::sha256(leaf.body);
    leaf.statement = sign_statement(statement_of(body, leaf.body), statement_key()).SerializeAsString();
    std::optional<FaultKind> gravest;
    for (const Fault& one : verify_record(leaf, snapshot.SerializeAsString())) {
      UNSCOPED_INFO(one.why);
      gravest = std::min(gravest.value_or(one.kind), one.kind);
    }
    return gravest;
  }
};

}  // namespace

TEST_CASE("what other rules decided is told apart from what was changed", "[verification]") {
  struct Row {
    const char* rule;
    std::function<void(Changed&)> make;
    std::optional<FaultKind> told;
  };
  constexpr auto kDifferently = FaultKind::kJudgedDifferently;
  constexpr auto kNot = FaultKind::kDoesNotFollow;
  const Row rows[] = {
      {"as it was", [](Changed&) {}, std::nullopt},
      {"other rules that judged the same", [](Changed& one) { one.of_another_version(); }, std::nullopt},
      {"other rules, in other words",
       [](Changed& one) {
         one.of_another_version();
         one.row(1).set_saw("what it saw, as it was put then");
         one.body.mutable_decision()->mutable_checks(0)->set_explanation("for reasons");
         one.body.mutable_decision()->add_findings("what was thought of it");
       },
       std::nullopt},
      {"the same rules do not change their words",
       [](Changed& one) { one.row(1).set_saw("what it saw, as it was put then"); }, kNot},
      {"other rules that counted otherwise",
       [](Changed& one) {
         one.of_another_version();
         one.body.mutable_decision()->mutable_checks(0)->mutable_quorum()->set_corroborated(6);
       },
       kDifferently},
      {"other rules that saw a row otherwise",
       [](Changed& one) {
         one.of_another_version();
         one.row(2).set_outcome(v1::OUTCOME_COULD_NOT_LOOK);
       },
       kDifferently},
      {"registries of another day, by which it was judged the same", [](Changed& one) { one.of_other_registries(); },
       std::nullopt},
      {"registries of another day, by which it was counted otherwise",
       [](Changed& one) {
         one.of_other_registries();
         one.body.mutable_decision()->mutable_checks(0)->mutable_quorum()->set_corroborated(6);
       },
       kDifferently},
      {"a role is what it is by all registries",
       [](Changed& one) {
         one.of_other_registries();
         one.body.mutable_attempts(1)->mutable_planned(0)->set_role(v1::ROLE_SHADOW);
       },
       kNot},
      {"who claims other rules than its snapshot's",
       [](Changed& one) {
         one.body.mutable_policy()->set_ruleset_version("2019-01-01");
         one.body.mutable_decision()->mutable_checks(0)->mutable_quorum()->set_corroborated(6);
       },
       kNot},
      {"a role is what it is by all rules",
       [](Changed& one) {
         one.of_another_version();
         one.body.mutable_attempts(1)->mutable_planned(0)->set_role(v1::ROLE_SHADOW);
       },
       kNot},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    Changed one;
    row.make(one);
    CHECK(one.fault() == row.told);
  }
}

}  // namespace mpic::test
