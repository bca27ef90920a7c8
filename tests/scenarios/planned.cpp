#include "tests/scenarios/planned.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "tests/scenarios/expectations.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

// All after the third word.
std::string says(const Scenario::Line& line) {
  const std::size_t space = line.rest.find(' ');
  return space == std::string::npos ? std::string() : line.rest.substr(space + 1);
}

template <class Ones>
std::optional<std::string> find_reason(const Ones& ones, const std::string& perspective) {
  const auto found =
      std::find_if(ones.begin(), ones.end(), [&](const auto& one) { return one.perspective_id() == perspective; });
  return found == ones.end() ? std::nullopt : std::optional(found->reason());
}

std::optional<std::string> expect_reason(const Scenario::Line& line, const v1::RecordBody& record) {
  const std::string& who = line.words.at(2);
  const bool planned = line.words[1] == "planned";
  if (record.attempts().empty()) return "there is no plan";
  const v1::AttemptRecord& plan = *record.attempts().rbegin();
  const auto reason = planned ? find_reason(plan.planned(), who) : find_reason(plan.passed_over(), who);
  if (!reason) return fmt::format("{} is not {}", who, line.words[1]);
  if (reason->find(says(line)) != std::string::npos) return std::nullopt;
  return fmt::format("{} is {}: {}", who, line.words[1], *reason);
}

std::optional<std::string> expect_rows(const Scenario::Line& line, v1::CheckKind kind, const v1::RecordBody& record) {
  std::vector<std::string> names;
  for (const v1::CheckResult& check : record.decision().checks()) {
    if (check.kind() != kind) continue;
    for (const v1::PerspectiveResult& row : check.perspectives()) names.push_back(row.perspective());
  }
  return compare(line.words[1], line.words.size() > 2 ? line.rest : "", fmt::format("{}", fmt::join(names, " ")));
}

}  // namespace

bool planning_option(const Scenario::Line& line, Deployment& deployment) {
  const std::string& name = line.words.at(1);
  Planning& planning = deployment.planning;
  if (name == "planning" && line.words.at(2) == "remotes") {
    planning.remotes = std::stoul(line.words.at(3));
  } else if (name == "cohorts") {
    planning.cohorts = std::stoul(line.words.at(2));
  } else if (name == "separate-caa") {
    planning.separate_caa = true;
  } else {
    return false;
  }
  planning.secret = "a secret of the scenarios, always the same";
  return true;
}

void stand(const Scenario::Line& line, Deployment& deployment, FakeConduct& conduct) {
  const std::string& who = line.words[0];
  const std::string& what = line.words.at(2);
  const auto entry = std::find_if(deployment.perspectives.begin(), deployment.perspectives.end(),
                                  [&](const PerspectiveEntry& one) { return one.where.id.text() == who; });
  if (entry == deployment.perspectives.end()) throw std::runtime_error("nobody is called " + who);
  if (what == "drained") {
    entry->drained = true;
  } else if (what == "not-ready") {
    conduct.not_ready[who] = says(line);
  } else if (what == "suspected") {
    conduct.suspected[who] = says(line);
  } else {
    throw std::runtime_error("a perspective cannot be " + what);
  }
}

v1::RecordBody last_of(const std::map<std::string, StoredRecord>& records) {
  v1::RecordBody body;
  const auto last = std::max_element(records.begin(), records.end(),
                                     [](const auto& a, const auto& b) { return a.second.decided < b.second.decided; });
  if (last != records.end() && !body.ParseFromString(last->second.body)) throw std::runtime_error("no record's body");
  return body;
}

bool is_about_plans(const std::string& what) {
  for (const char* ours : {"planned", "passed-over", "cohort", "judged-dcv", "judged-caa"}) {
    if (what == ours) return true;
  }
  return false;
}

std::optional<std::string> expect_plan(const Scenario::Line& line, const v1::RecordBody& record) {
  const std::string& what = line.words.at(1);
  if (what == "judged-dcv") return expect_rows(line, v1::CHECK_KIND_DCV, record);
  if (what == "judged-caa") return expect_rows(line, v1::CHECK_KIND_CAA, record);
  if (what != "cohort") return expect_reason(line, record);
  if (record.attempts().empty()) return "there is no plan";
  return compare(what, line.words.at(2), std::to_string(record.attempts().rbegin()->cohort()));
}

}  // namespace mpic::test
