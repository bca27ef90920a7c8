#include <algorithm>
#include <boost/url.hpp>

#include "common/domain/ascii.hpp"
#include "common/rules/caa.hpp"
#include "common/rules/corroboration_key.hpp"
#include "common/rules/dns_message.hpp"
#include "common/rules/judgement.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kSawLimit = 256;
constexpr std::size_t kMaxContacts = 16, kMaxContact = 1024;

// BR 4.2.2.1: what would have to be shown before a failed lookup may count as permission, and was not.
std::string why_no_permission(ProblemCode code) {
  switch (code) {
    case ProblemCode::kDnsBogus:
      return "bogus DNSSEC is never permission (BR 4.2.2.1, 4.2.2.2.5)";
    case ProblemCode::kResolverUnavailable:
      return "a failure of the CA's own resolver is never permission (BR 4.2.2.1)";
    default:
      return "not counted as permission, as no validated proof of an insecure zone was observed (BR 4.2.2.1)";
  }
}

Judgement lookup_failure(const DnsName& name, const Problem& problem, const CaaQuestion& question) {
  Judgement judgement;
  // Ours: NXDOMAIN of the TLD is a lookup failure, although elsewhere it is an answer.
  judgement.outcome = problem.code == ProblemCode::kDnsNxdomain ? Outcome::kCouldNotLook : outcome_of(problem.code);
  std::string detail = "While processing CAA for " + name.text() + ": " + problem.detail;
  if (question.allow_lookup_failure) detail += "; " + why_no_permission(problem.code);
  judgement.problem = Problem(problem.code, name.text(), std::move(detail));
  judgement.saw = "no answer about CAA at " + name.text() + " (" + std::string(to_string(problem.code)) + ")";
  return judgement;
}

std::string property_line(const CaaRecord& record) {
  // Without the flags: they say nothing to a person unless they decide, and then the problem shows them.
  const std::string text = presentation(record);
  return text.substr(text.find(' ') + 1);
}

std::string saw_line(const std::vector<CaaRecord>& rrset, const CaaQuestion& question, bool wildcard,
                     const DnsName& at) {
  std::vector<CaaRecord> shown = relevant_properties(rrset, question.certificate_type, wildcard);
  if (const CaaRecord* critical = unknown_critical(rrset)) shown.assign(1, *critical);
  if (shown.empty()) return "no property that restricts issuance, at " + at.text();
  std::string properties;
  for (const CaaRecord& record : shown) {
    if (!properties.empty()) properties += "; ";
    properties += property_line(record);
    if (properties.size() > kSawLimit) break;
  }
  return printable(properties, kSawLimit) + " at " + at.text();
}

// A mailbox or a host is in it, and its scheme is one that a report can be sent to.
bool is_contact(const std::string& value) {
  const auto url = boost::urls::parse_uri({value.data(), value.size()});
  if (value.size() > kMaxContact || !url) return false;
  const std::string scheme = lowered(std::string_view(url->scheme().data(), url->scheme().size()));
  if (scheme == "mailto") return !url->encoded_path().empty();
  return (scheme == "http" || scheme == "https") && !url->encoded_host().empty();
}

// RFC 8659 4.4. A URI holds graphic ASCII only, so these are fit to be shown as they are.
std::vector<std::string> iodef_contacts(const std::vector<CaaRecord>& rrset) {
  std::vector<std::string> contacts;
  for (const CaaRecord& record : rrset) {
    if (contacts.size() == kMaxContacts) break;
    if (property_tag(record) == "iodef" && is_contact(record.value)) contacts.push_back(record.value);
  }
  return contacts;
}

Judgement permitted(std::string saw, bool authenticated, CaaFinding finding) {
  Judgement judgement;
  judgement.outcome = Outcome::kCorroborates;
  judgement.key = kPermittedKey;
  judgement.saw = std::move(saw);
  judgement.dnssec_authenticated = authenticated;
  judgement.caa = std::move(finding);
  return judgement;
}

Judgement decide(const DnsName& at, const DnsLookup& lookup, bool authenticated, const CaaQuestion& question,
                 bool wildcard) {
  const auto failure = [&](ProblemCode code, std::string detail) {
    return lookup_failure(at, Problem(code, at.text(), std::move(detail)), question);
  };
  if (lookup.records_cut) return failure(ProblemCode::kDnsTooManyRecords, "more CAA records than are kept");
  std::vector<CaaRecord> rrset;
  for (const Bytes& rdata : lookup.records) {
    auto record = read_caa(rdata);
    if (!record) return failure(record.error().code, record.error().detail);
    rrset.push_back(std::move(*record));
  }
  CaaFinding finding;
  finding.found_at = at.text();
  finding.ttl = lookup.ttl;
  for (const CaaRecord& record : rrset) finding.relevant.push_back(presentation(record));
  std::string saw = saw_line(rrset, question, wildcard, at);
  auto prohibition = caa_prohibition(rrset, question, wildcard);
  if (!prohibition) return permitted(std::move(saw), authenticated, std::move(finding));

  finding.iodef = iodef_contacts(rrset);
  Judgement judgement;
  judgement.outcome = outcome_of(prohibition->code);
  judgement.problem = Problem(prohibition->code, at.text(), prohibition->detail + ", at " + at.text());
  judgement.saw = std::move(saw);
  judgement.dnssec_authenticated = authenticated;
  judgement.caa = std::move(finding);
  return judgement;
}

}  // namespace

Judgement judge_caa(const Identifier& identifier, const CaaQuestion& question, const CaaObservation& seen) {
  if (identifier.is_ip())
    return invalid_evidence(identifier.text(), "CAA is for names, not for IP addresses (BR 4.2.2.1)");
  const std::vector<DnsName> climb = identifier.name().self_and_parents();
  if (seen.lookups.size() > climb.size())
    return invalid_evidence("caa.lookups", "more lookups than the climb has names");
  for (std::size_t i = 0; i < seen.lookups.size(); ++i) {
    const DnsLookup& lookup = seen.lookups[i];
    if (lookup.name != climb[i].text() || lookup.type != RecordType::kCaa) {
      return invalid_evidence("caa.lookups", "lookup " + std::to_string(i + 1) + " is " + to_string(lookup.type) +
                                                 " of " + quoted(lookup.name) + ", not CAA of " + climb[i].text());
    }
    if (const auto fault = answer_fault(lookup)) {
      return invalid_evidence("caa.lookups", *fault + ", for " + climb[i].text());
    }
  }
  bool authenticated = true;
  for (std::size_t i = 0; i < seen.lookups.size(); ++i) {
    const DnsLookup& lookup = seen.lookups[i];
    const bool below_tld = i + 1 < climb.size();
    authenticated = authenticated && lookup.authenticated;
    if (is_empty_answer(lookup) && (lookup.rcode != kNxdomain || below_tld)) continue;
    if (const auto problem = problem_of(lookup)) return lookup_failure(climb[i], *problem, question);
    return decide(climb[i], lookup, authenticated, question, identifier.is_wildcard());
  }
  if (seen.lookups.size() < climb.size()) {
    return invalid_evidence("caa.lookups", "the climb ends before the top-level domain, without a CAA record");
  }
  return permitted("no CAA record", authenticated, CaaFinding{});
}

}  // namespace mpic::rules
