// The record of dns-persistent (BR 3.2.2.4.22). Input: flags for covering more than the name, and for a time, then the
// record's text.
#include <algorithm>
#include <charconv>

#include "common/rules/dcv_persistent.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr std::int64_t kNow = 1'795'392'000;
const DnsPersistent kQuestion{{"ca.example", "ca.test"}, "https://ca.example/acct/1"};

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(';');
    out.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// The values of a tag, by other words than the rules'.
std::vector<std::string_view> values_of(std::string_view text, std::string_view tag) {
  std::vector<std::string_view> out;
  const auto parts = split(text);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos || lowered(trimmed(parts[i].substr(0, equals))) != tag) continue;
    out.push_back(trimmed(parts[i].substr(equals + 1)));
  }
  return out;
}

bool grants(std::string_view text, bool covers_more, std::int64_t second, const DnsPersistent& question = kQuestion) {
  const TimePoint when{std::chrono::seconds(second)};
  return rules::check_persistent_record(text, question, covers_more, when).has_value();
}

void hold_granted(std::string_view text, bool covers_more, std::int64_t second) {
  const std::string issuer = lowered(split(text).front());
  hold(issuer == "ca.example" || issuer == "ca.test", "only a record of ours grants");
  const auto accounts = values_of(text, "accounturi");
  hold(accounts.size() == 1 && accounts.front() == kQuestion.account_uri, "exactly the one account is named");
  const auto policies = values_of(text, "policy");
  hold(policies.size() <= 1, "policy is not repeated");
  const bool wildcard = !policies.empty() && lowered(policies.front()) == "wildcard";
  hold(!covers_more || wildcard, "more than the name needs policy=wildcard");
  const auto untils = values_of(text, "persistuntil");
  hold(untils.size() <= 1, "persistUntil is not repeated");
  if (!untils.empty()) {
    std::int64_t until = 0;
    const auto end = untils.front().data() + untils.front().size();
    const auto read = std::from_chars(untils.front().data(), end, until);
    hold(read.ec == std::errc() && read.ptr == end && until >= second, "what has passed grants nothing");
  }
  hold(grants(text, false, second), "what covers more covers the name");
  hold(grants(text, covers_more, second - 1), "what grants now granted before");
  hold(grants(std::string(text) + ";x-y=1;x-y=2", covers_more, second), "unknown parameters do not matter");
  hold(grants(" " + std::string(text) + "\t", covers_more, second), "blanks around do not matter");
  for (const char* again :
       {";accounturi=https://ca.example/acct/1", ";", ";policy=a;policy=b", ";persistUntil=x", "; ="}) {
    hold(!grants(std::string(text) + again, covers_more, second), "what is malformed grants nothing");
  }
  hold(!grants(text, covers_more, second, DnsPersistent{{"other.example"}, kQuestion.account_uri}),
       "no other issuer's");
  hold(!grants(text, covers_more, second, DnsPersistent{kQuestion.issuer_domains, "https://ca.example/acct/"}),
       "no other account's");
}

void run(Octets octets) {
  Input input(octets);
  const std::uint8_t flags = input.octet();
  const bool covers_more = (flags & 1U) != 0;
  const std::int64_t second = (flags & 2U) != 0 ? kNow : 0;
  const std::string_view text = input.rest();
  const TimePoint when{std::chrono::seconds(second)};
  const auto checked = rules::check_persistent_record(text, kQuestion, covers_more, when);
  if (checked) {
    const auto expiry = rules::expiry_of(*checked);
    hold(expiry.has_value() == checked->persist_until.has_value(), "an end is told when there is one");
    hold(!expiry || *expiry >= when, "an end is not over");
    hold_granted(text, covers_more, second);
    return;
  }
  const rules::PersistentFault& fault = checked.error();
  const bool ours =
      fault.problem.code == ProblemCode::kRecordMalformed || fault.problem.code == ProblemCode::kAccountMismatch ||
      fault.problem.code == ProblemCode::kRecordExpired || fault.problem.code == ProblemCode::kScopeTooNarrow;
  hold(ours != fault.another_issuer, "a fault is one of ours, or of another issuer's record");
  hold(ours || fault.problem.code == ProblemCode::kDnsNoRecord, "another issuer's record is none");
  hold_presentable(fault.problem.detail);
}

const Target kTarget("persistent", run);

}  // namespace
}  // namespace mpic::fuzz
