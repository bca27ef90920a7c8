#include "bench/load/tally.hpp"

#include <algorithm>
#include <cmath>

namespace mpic::load {
namespace {

// A laboratory's verdict is NOT_DETERMINED; what it would be is what counts here.
v1::Verdict outcome_of(const v1::CorroborateResponse& response) {
  return response.would_be() == v1::VERDICT_UNSPECIFIED ? response.verdict() : response.would_be();
}

std::string kind_of(const v1::CorroborateResponse& response) {
  std::string kind = v1::Verdict_Name(outcome_of(response)).substr(std::string("VERDICT_").size());
  for (const v1::CheckResult& check : response.checks()) {
    kind += check.kind() == v1::CHECK_KIND_CAA ? " caa " : " dcv ";
    kind += check.quorum().fraction();
    if (check.quorum().pending() != 0) kind += " pending " + std::to_string(check.quorum().pending());
  }
  return kind;
}

std::string kind_of(const grpc::Status& status) {
  static const char* const kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto code = static_cast<std::size_t>(status.error_code());
  return code < std::size(kNames) ? kNames[code] : "code " + std::to_string(code);
}

}  // namespace

bool Tally::as_expected(const v1::CorroborateResponse& response) const {
  if (expectation_.any) return true;
  if (outcome_of(response) != v1::VERDICT_CORROBORATED || response.checks().empty()) return false;
  const auto whole = [this](const v1::CheckResult& check) {
    const v1::Quorum& quorum = check.quorum();
    return quorum.attempted() == expectation_.remotes &&
           quorum.corroborated() + quorum.pending() + expectation_.may_be_missing >= expectation_.remotes;
  };
  return std::all_of(response.checks().begin(), response.checks().end(), whole);
}

void Tally::answer(const grpc::Status& status, const v1::CorroborateResponse* response, std::chrono::nanoseconds took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  took_us_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX)));
  if (response != nullptr) {
    count(kind_of(*response), as_expected(*response));
  } else {
    count(kind_of(status), expectation_.any);
    if (first_unexpected_ == kind_of(status)) first_unexpected_ += ": " + status.error_message();
  }
}

void Tally::count(const std::string& kind, bool expected) {
  ++kinds_[kind];
  if (expected) return;
  if (unexpected_++ == 0) first_unexpected_ = kind;
}

Percentiles Tally::percentiles() const {
  if (took_us_.empty()) return {};
  std::vector<std::uint32_t> sorted = took_us_;
  std::sort(sorted.begin(), sorted.end());
  // The smallest time that at least this share of the answers kept to.
  const auto at = [&sorted](double share) {
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[std::min(sorted.size(), static_cast<std::size_t>(std::max(rank, 1.0))) - 1];
  };
  return {at(0.5), at(0.9), at(0.99), at(0.999), sorted.back()};
}

}  // namespace mpic::load
