#include "cli/batch/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "cli/exit_status.hpp"
#include "cli/render.hpp"
#include "cli/words.hpp"

namespace mpic::cli {
namespace {

Tally::Counts sorted(const std::map<std::string, std::size_t>& counts) {
  Tally::Counts out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

}  // namespace

LineOutcome outcome_of(std::size_t line, const v1::CorroborateResponse& response) {
  LineOutcome out;
  out.line = line;
  out.verdict = response.verdict();
  out.would_be = response.would_be();
  std::set<std::string> codes;
  for (const v1::CheckResult& check : response.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      if (row.has_problem() && row.problem().code() != v1::PROBLEM_CODE_NOT_WAITED_FOR) {
        codes.insert(word(row.problem().code()));
      }
    }
  }
  out.problems.assign(codes.begin(), codes.end());
  return out;
}

std::string status_name(std::uint32_t grpc_code) {
  constexpr std::array<std::string_view, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  return grpc_code < kNames.size() ? std::string(kNames[grpc_code]) : fmt::format("STATUS_{}", grpc_code);
}

void Tally::add(const LineOutcome& outcome) {
  ++total_;
  for (const std::string& code : outcome.problems) ++problems_[code];
  if (!outcome.error.empty()) {
    ++error_count_;
    ++errors_[outcome.error];
    return;
  }
  const v1::Verdict verdict = effective_verdict(outcome.verdict, outcome.would_be, follow_would_be_);
  const bool known = verdict == v1::VERDICT_CORROBORATED || verdict == v1::VERDICT_NOT_CORROBORATED;
  ++verdicts_[known ? verdict : v1::VERDICT_NOT_DETERMINED];
  if (!known && outcome.would_be != v1::VERDICT_UNSPECIFIED) ++would_be_[word(outcome.would_be)];
}

std::size_t Tally::count(v1::Verdict verdict) const {
  const auto found = verdicts_.find(verdict);
  return found == verdicts_.end() ? 0 : found->second;
}

Tally::Counts Tally::would_be() const { return sorted(would_be_); }
Tally::Counts Tally::problems() const { return sorted(problems_); }
Tally::Counts Tally::error_codes() const { return sorted(errors_); }

int Tally::exit_status() const {
  if (errors() + count(v1::VERDICT_NOT_DETERMINED) > 0) return kExitNotDetermined;
  return count(v1::VERDICT_NOT_CORROBORATED) > 0 ? kExitNotCorroborated : kExitCorroborated;
}

}  // namespace mpic::cli
