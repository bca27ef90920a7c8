#include "tests/scenarios/expectations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

namespace mpic::test {
namespace {

std::string short_verdict(v1::Verdict verdict) { return v1::Verdict_Name(verdict).substr(sizeof "VERDICT_" - 1); }
std::string short_code(v1::ProblemCode code) { return v1::ProblemCode_Name(code).substr(sizeof "PROBLEM_CODE_" - 1); }

const v1::PerspectiveResult* row(const v1::CorroborateResponse& response, const std::string& name) {
  for (const v1::CheckResult& check : response.checks()) {
    for (const v1::PerspectiveResult& result : check.perspectives()) {
      if (result.perspective() == name) return &result;
    }
  }
  return nullptr;
}

std::optional<std::string> expect_row(const Scenario::Line& line, const v1::CorroborateResponse& response) {
  const v1::PerspectiveResult* result = row(response, line.words[1]);
  if (result == nullptr) return "no row for " + line.words[1];
  std::string got = v1::Outcome_Name(result->outcome()).substr(sizeof "OUTCOME_" - 1);
  std::string wanted = line.words.at(2);
  if (line.words.size() > 3) {
    got += " " + short_code(result->problem().code());
    wanted += " " + line.words[3];
  }
  return compare(line.words[1], wanted, got + (wanted == got ? "" : " (" + result->problem().detail() + ")"));
}

// explained CODE r1 r2: once, by exactly these.
std::optional<std::string> expect_explained(const Scenario::Line& line, const v1::CheckResult& check) {
  for (const v1::Explanation& explanation : check.explanations()) {
    if (short_code(explanation.code()) != line.words.at(2)) continue;
    return compare("explained", line.rest,
                   fmt::format("{} {}", line.words[2], fmt::join(explanation.perspectives(), " ")));
  }
  return fmt::format("{} is not explained", line.words.at(2));
}

// All texts of one kind, over all checks.
std::vector<std::string> texts(const std::string& what, const v1::CorroborateResponse& response) {
  std::vector<std::string> out;
  const auto add = [&out](const auto& more) { out.insert(out.end(), more.begin(), more.end()); };
  if (what == "finding") add(response.findings());
  if (what == "reason") add(response.not_enforceable_because());
  for (const v1::CheckResult& check : response.checks()) {
    if (what == "says") out.push_back(check.explanation());
    if (what == "warning") add(check.warnings());
    if (what == "iodef") add(check.caa().iodef());
  }
  return out;
}

const v1::CheckResult& check_of(v1::CheckKind kind, const v1::CorroborateResponse& response) {
  for (const v1::CheckResult& check : response.checks()) {
    if (check.kind() == kind) return check;
  }
  return v1::CheckResult::default_instance();
}

std::string when(const google::protobuf::Timestamp& moment) {
  return moment.seconds() == 0 ? "never" : google::protobuf::util::TimeUtil::ToString(moment);
}

}  // namespace

std::optional<std::string> compare(const std::string& what, const std::string& wanted, const std::string& got) {
  if (wanted == got) return std::nullopt;
  return fmt::format("{}: expected {}, got {}", what, wanted, got);
}

std::optional<std::string> expect_response(const Scenario::Line& line, const v1::CorroborateResponse& response) {
  const std::string& what = line.words.at(1);
  const v1::CheckResult& dcv = check_of(v1::CHECK_KIND_DCV, response);
  const v1::CheckResult& caa = check_of(v1::CHECK_KIND_CAA, response);
  if (what == "verdict") return compare(what, line.words.at(2), short_verdict(response.verdict()));
  if (what == "would-be") return compare(what, line.words.at(2), short_verdict(response.would_be()));
  if (what == "basis") return compare(what, line.words.at(2), response.basis_for_issuance() ? "yes" : "no");
  if (what == "half") return compare(what, line.words.at(2), dcv.dcv().half_validation() ? "yes" : "no");
  if (what == "pending") return compare(what, line.words.at(2), std::to_string(response.checks(0).quorum().pending()));
  if (what == "fraction") return compare(what, line.words.at(2), response.checks(0).quorum().fraction());
  if (what == "attempts") return compare(what, line.words.at(2), std::to_string(response.attempts()));
  if (what == "profile") return compare(what, line.words.at(2), response.policy().profile());
  if (what == "asserted") {
    const v1::PerspectiveResult* primary = row(response, line.words.at(2));
    return primary != nullptr && primary->asserted() ? std::nullopt : std::optional<std::string>("not asserted");
  }
  if (what == "dcv-until") return compare(what, line.words.at(2), when(dcv.usable_until()));
  if (what == "caa-until") return compare(what, line.words.at(2), when(caa.usable_until()));
  if (what == "explained") return expect_explained(line, response.checks(0));
  constexpr std::array kTexts = {"finding", "reason", "says", "warning", "iodef"};
  if (std::find(kTexts.begin(), kTexts.end(), what) == kTexts.end()) return expect_row(line, response);
  const std::vector<std::string> all = texts(what, response);
  if (line.rest == "none") return compare(what, "", fmt::format("{}", fmt::join(all, "; ")));
  const auto holds = [&](const std::string& text) { return text.find(line.rest) != std::string::npos; };
  if (std::any_of(all.begin(), all.end(), holds)) return std::nullopt;
  return fmt::format("{}: \"{}\" is not in: {}", what, line.rest, fmt::join(all, "; "));
}

}  // namespace mpic::test
