#include "common/rules/dcv_persistent.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "common/domain/ascii.hpp"
#include "common/rules/caa_value.hpp"

namespace mpic::rules {
namespace {

constexpr std::int64_t kYear2200 = 7'258'118'400;  // the latest moment that goes over the wire
constexpr std::size_t kShown = 100;                // octets of a value that a sentence quotes

using Parameters = std::vector<std::pair<std::string, std::string>>;
using Checked = tl::expected<PersistentRecord, PersistentFault>;

bool is_ours(std::string_view issuer, const DnsPersistent& question) {
  return std::find(question.issuer_domains.begin(), question.issuer_domains.end(), issuer) !=
         question.issuer_domains.end();
}

// Whom a record that breaks the grammar seems to be meant for: also between quotes, which some panels add.
bool seems_ours(std::string_view text, const DnsPersistent& question) {
  text = text.substr(0, text.find(';'));
  const auto is_around = [](char c) { return c == ' ' || c == '\t' || c == '"'; };
  while (!text.empty() && is_around(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_around(text.back())) text.remove_suffix(1);
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  return is_ours(lowered(text), question);
}

tl::unexpected<PersistentFault> fault(ProblemCode code, std::string detail) {
  return tl::unexpected(PersistentFault{false, Problem(code, "", std::move(detail))});
}

tl::unexpected<PersistentFault> malformed(std::string_view why) {
  return fault(ProblemCode::kRecordMalformed, "the record is malformed: " + std::string(why));
}

tl::unexpected<PersistentFault> of_another() {
  return tl::unexpected(
      PersistentFault{true, Problem(ProblemCode::kDnsNoRecord, "", "the record is for another issuer")});
}

// Base 10, signed, nothing around it. Zeros in front do not matter.
std::optional<std::int64_t> unix_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

Checked read_parameters(std::string issuer, const Parameters& parameters) {
  PersistentRecord record;
  record.issuer_domain = std::move(issuer);
  bool account = false, policy = false, until = false;
  for (const auto& [tag, value] : parameters) {
    if (tag == "accounturi") {
      if (std::exchange(account, true)) return malformed("accounturi is repeated");
      if (value.empty()) return malformed("accounturi is empty");
      record.account_uri = value;
    } else if (tag == "policy") {
      if (std::exchange(policy, true)) return malformed("policy is repeated");
      record.wildcard_policy = lowered(value) == "wildcard";
    } else if (tag == "persistuntil") {
      if (std::exchange(until, true)) return malformed("persistUntil is repeated");
      record.persist_until = unix_seconds(value);
      if (!record.persist_until) {
        return malformed("persistUntil is no number of seconds: " + quoted(value, kShown));
      }
    }
  }
  if (!account) return malformed("accounturi is missing");
  return record;
}

}  // namespace

Checked check_persistent_record(std::string_view text, const DnsPersistent& question, bool covers_more,
                                TimePoint when) {
  const auto parsed = parse_issue_value(text);
  if (!parsed) {
    if (!seems_ours(text, question)) return of_another();
    return malformed("not issuer; tag=value; ... (RFC 8659 4.2)");
  }
  if (!is_ours(parsed->issuer_domain, question)) return of_another();
  Checked record = read_parameters(parsed->issuer_domain, parsed->parameters);
  if (!record) return record;
  if (record->account_uri != question.account_uri) {
    return fault(ProblemCode::kAccountMismatch, "accounturi is " + quoted(record->account_uri, kShown) +
                                                    ", another account than " + quoted(question.account_uri, kShown));
  }
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
  if (record->persist_until && *record->persist_until < second) {
    return fault(ProblemCode::kRecordExpired, "persistUntil=" + std::to_string(*record->persist_until) +
                                                  " has passed: the lookup began at " + std::to_string(second));
  }
  if (covers_more && !record->wildcard_policy) {
    return fault(ProblemCode::kScopeTooNarrow,
                 "without policy=wildcard the record covers its own name alone, no wildcard and no name below");
  }
  return record;
}

std::optional<TimePoint> expiry_of(const PersistentRecord& record) {
  if (!record.persist_until) return std::nullopt;
  return TimePoint(std::chrono::seconds(std::clamp<std::int64_t>(*record.persist_until, 0, kYear2200)));
}

}  // namespace mpic::rules
