// Permission by one CAA RRset (RFC 8659 4, RFC 8657, RFC 9495).
// Input: flags for wildcard and S/MIME, the method's label, an account URI, then records: flags, tag, value.
#include <algorithm>

#include "common/rules/caa.hpp"
#include "common/rules/caa_value.hpp"
#include "common/rules/dns_message.hpp"
#include "common/rules/judgement.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr std::size_t kMostRecords = 24;

struct Case {
  CaaQuestion question;
  bool wildcard = false;
  std::vector<CaaRecord> rrset;
};

Case case_of(Octets octets) {
  Input input(octets);
  Case out;
  const std::uint8_t flags = input.octet();
  out.wildcard = (flags & 1U) != 0;
  if ((flags & 2U) != 0) out.question.certificate_type = CertificateType::kSmime;
  out.question.issuer_domains = {"ca.example", "ca.test"};
  out.question.validation_method = input.piece();
  out.question.account_uris = {std::string(input.piece())};
  while (!input.empty() && out.rrset.size() < kMostRecords) {
    CaaRecord record;
    record.flags = input.octet();
    record.tag = input.piece();
    record.value = input.piece();
    if (!record.tag.empty()) out.rrset.push_back(std::move(record));
  }
  return out;
}

Bytes rdata_of(const CaaRecord& record) {
  Bytes out = {record.flags, static_cast<std::uint8_t>(record.tag.size())};
  out.insert(out.end(), record.tag.begin(), record.tag.end());
  out.insert(out.end(), record.value.begin(), record.value.end());
  return out;
}

std::optional<Problem> prohibition(const Case& asked) {
  return rules::caa_prohibition(asked.rrset, asked.question, asked.wildcard);
}

// By other words than the rules': some record of the deciding kind, well-formed, names one of ours.
bool somebody_names_us(const Case& asked) {
  return std::any_of(asked.rrset.begin(), asked.rrset.end(), [&](const CaaRecord& record) {
    const std::string tag = rules::property_tag(record);
    const auto value = rules::parse_issue_value(record.value);
    return (tag == "issue" || tag == "issuewild" || tag == "issuemail") && value &&
           (value->issuer_domain == "ca.example" || value->issuer_domain == "ca.test");
  });
}

void hold_more_never_permits(const Case& asked) {
  Case more = asked;
  const char* tag = asked.question.certificate_type == CertificateType::kSmime ? "issuemail"
                    : asked.wildcard                                           ? "issuewild"
                                                                               : "issue";
  more.rrset.push_back({0, tag, "ca.example; not a parameter"});
  if (prohibition(asked)) hold(prohibition(more).has_value(), "a malformed property grants nothing");
  more.rrset.back() = {128, "tbs", "unknown"};
  const auto critical = prohibition(more);
  hold(critical && critical->code == ProblemCode::kCaaCriticalUnknown, "an unknown critical property forbids");
}

// The same through the whole judgement: a climb of one answer.
void hold_judged(const Case& asked) {
  const auto identifier = Identifier::parse(asked.wildcard ? "*.example.com" : "example.com").value();
  DnsLookup lookup;
  lookup.name = lookup.end_of_chain = "example.com";
  lookup.type = RecordType::kCaa;
  lookup.status = DnsStatus::kAnswered;
  for (const CaaRecord& record : asked.rrset) {
    lookup.records.push_back(rdata_of(record));
    const auto read = rules::read_caa(lookup.records.back());
    hold(read && *read == record, "a record survives its RDATA");
  }
  const auto judgement = rules::judge_caa(identifier, asked.question, CaaObservation{{lookup}});
  hold(judgement.outcome != Outcome::kEvidenceInvalid || asked.rrset.empty(), "an answered climb is evidence");
  if (asked.rrset.empty()) return;
  hold((judgement.outcome == Outcome::kCorroborates) == !prohibition(asked), "the judgement is the set's");
  hold(judgement.problem.has_value() == (judgement.outcome != Outcome::kCorroborates), "a problem unless positive");
  hold(judgement.key.empty() == (judgement.outcome != Outcome::kCorroborates), "a key only when positive");
  hold_presentable(judgement.saw);
  if (judgement.problem) hold_presentable(judgement.problem->detail);
}

void run(Octets octets) {
  Case asked = case_of(octets);
  const auto refused = prohibition(asked);
  if (refused) {
    hold(refused->code == ProblemCode::kCaaForbids || refused->code == ProblemCode::kCaaCriticalUnknown,
         "a prohibition is of CAA");
    hold_presentable(refused->where);
    hold_presentable(refused->detail);
  } else {
    const auto relevant = rules::relevant_properties(asked.rrset, asked.question.certificate_type, asked.wildcard);
    hold(relevant.empty() || somebody_names_us(asked), "who is not named is not permitted");
  }
  for (const CaaRecord& record : asked.rrset) hold_presentable(rules::presentation(record));
  hold_more_never_permits(asked);
  hold_judged(asked);

  Case changed = asked;
  std::reverse(changed.rrset.begin(), changed.rrset.end());
  for (CaaRecord& record : changed.rrset) {
    std::transform(record.tag.begin(), record.tag.end(), record.tag.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  }
  const auto other = prohibition(changed);
  hold(refused.has_value() == other.has_value() && (!refused || refused->code == other->code),
       "neither the order of records nor the case of tags matters");
}

const Target kTarget("caa", run);

}  // namespace
}  // namespace mpic::fuzz
