// What the lookups of a DNS method prove; see dcv_dns.hpp.
#include <algorithm>
#include <span>

#include "common/domain/ascii.hpp"
#include "common/rules/corroboration_key.hpp"
#include "common/rules/dcv_contact.hpp"
#include "common/rules/dcv_dns.hpp"
#include "common/rules/dns_message.hpp"
#include "common/rules/dns_records.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::rules {
namespace {

using Lookups = std::span<const DnsLookup>;

std::optional<Judgement> evidence_fault(const std::vector<DnsQuery>& queries, Lookups lookups) {
  const auto invalid = [](std::string why) { return invalid_evidence("dns.lookups", std::move(why)); };
  if (lookups.size() != queries.size()) {
    return invalid(std::to_string(lookups.size()) + " lookups, where the method has " + std::to_string(queries.size()));
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const DnsLookup& lookup = lookups[i];
    if (lookup.type != queries[i].type || lowered(lookup.name) != queries[i].name) {
      return invalid("lookup " + std::to_string(i + 1) + " is " + to_string(lookup.type) + " of " +
                     quoted(lookup.name) + ", not " + to_string(queries[i].type) + " of " + queries[i].name);
    }
    if (const auto fault = answer_fault(lookup)) return invalid(*fault + ", for " + queries[i].name);
  }
  return std::nullopt;
}

// Of a lookup that counts alone.
Judgement judge_records(const DnsLookup& lookup, const dns::IsRight& is_right, std::string key,
                        const std::string& more = "") {
  if (auto ended = dns::no_records(lookup)) return *std::move(ended);
  return dns::judge_values(lookup, dns::values_of(lookup), is_right, std::move(key), more);
}

// RFC 8659 3, by which BR Appendix A.1 finds a contact too: the first set that is not empty decides. `authenticated`:
// of the lookups up to there.
Judgement judge_climb(Lookups lookups, std::string_view tag, const dns::IsRight& is_right, std::string key,
                      bool& authenticated) {
  for (const DnsLookup& lookup : lookups) {
    authenticated = authenticated && lookup.authenticated;
    const bool is_tld = &lookup == &lookups.back();
    const bool no_such_tld = is_tld && is_empty_answer(lookup) && lookup.rcode == kNxdomain;
    if (no_such_tld) {
      // Ours: under a top-level domain that does not exist, no answer is believed.
      Judgement judgement = dns::could_not_look(lookup, *problem_of(lookup));
      judgement.outcome = Outcome::kCouldNotLook;
      return judgement;
    }
    if (is_empty_answer(lookup)) continue;
    if (auto ended = dns::no_records(lookup)) return *std::move(ended);
    return dns::judge_values(lookup, dns::values_of_property(lookup, tag), is_right, std::move(key));
  }
  return dns::nothing_there(lookups.front(), "CAA " + std::string(tag) + " record");
}

dns::IsRight equal_to(const std::string& expected) {
  return [&expected](const std::string& text) { return text == expected; };
}

// One judgement for each method, of its own lookups: there is at least one.
class Judge {
 public:
  Judge(const DcvSubject& subject, std::string key, Lookups lookups, TimePoint when, bool& authenticated)
      : subject_(subject),
        key_(std::move(key)),
        lookups_(lookups),
        only_(lookups.front()),
        when_(when),
        authenticated_(authenticated) {
    authenticated_ = authenticated_ && only_.authenticated;
  }

  Judgement operator()(const AcmeDns01& question) const {
    return judge_records(only_, equal_to(question.digest), key_);
  }

  Judgement operator()(const AcmeDnsAccount01& question) const {
    return judge_records(only_, equal_to(question.digest), key_,
                         " (account: " + quoted(question.account_uri) + ")");
  }

  Judgement operator()(const DnsChange& question) const {
    const bool is_name = question.record_type == RecordType::kCname;
    const bool ignore_case = question.ignore_case || is_name;
    std::string value = ignore_case ? lowered(question.challenge_value) : question.challenge_value;
    if (is_name && value.size() > 1 && value.back() == '.') value.pop_back();
    const auto is_right = [&](const std::string& found) {
      const std::string text = ignore_case ? lowered(found) : found;
      return question.exact ? text == value : text.find(value) != std::string::npos;
    };
    return judge_records(only_, is_right, key_);
  }

  Judgement operator()(const IpAddressLookup& question) const {
    const std::string address = question.address.text();
    return judge_records(only_, equal_to(address), key_);
  }

  Judgement operator()(const ReverseAddressLookup& question) const {
    return judge_records(only_, equal_to(question.fqdn.text()), key_);
  }

  Judgement operator()(const ContactLookup& question) const {
    const std::string mailbox = mailbox_of(question.contact);
    const std::string digits = digits_of(question.contact);
    const auto is_mailbox = [&](const std::string& text) { return !mailbox.empty() && mailbox_of(text) == mailbox; };
    const auto is_number = [&](const std::string& text) { return is_global_number(text) && digits_of(text) == digits; };
    switch (question.method) {
      case DcvMethod::kContactEmailTxt:
        return judge_records(only_, is_mailbox, key_);
      case DcvMethod::kContactEmailCaa:
        return judge_climb(lookups_, "contactemail", is_mailbox, key_, authenticated_);
      case DcvMethod::kContactPhoneTxt:
        return judge_records(only_, is_number, key_);
      case DcvMethod::kContactPhoneCaa:
        return judge_climb(lookups_, "contactphone", is_number, key_, authenticated_);
      default:
        return not_here();
    }
  }

  Judgement operator()(const DnsPersistent& question) const {
    if (auto ended = dns::no_records(only_)) return *std::move(ended);
    // A wildcard differs from its Authorization Domain Name too.
    const bool covers_more = subject_.applied_for != subject_.validated;
    return dns::judge_persistent(only_, question, covers_more, when_);
  }

  // These look at pages and handshakes, and have no queries.
  Judgement operator()(const AcmeHttp01&) const { return not_here(); }
  Judgement operator()(const WebsiteChange&) const { return not_here(); }
  Judgement operator()(const AcmeTlsAlpn01&) const { return not_here(); }

 private:
  static Judgement not_here() { return invalid_evidence("dns", "the method does not look with the DNS alone"); }

  const DcvSubject& subject_;
  const std::string key_;
  Lookups lookups_;
  const DnsLookup& only_;
  TimePoint when_;
  bool& authenticated_;
};

// None when a CNAME leads from the name applied for to the Authorization Domain Name, or to a name that is pruned to
// it.
std::optional<Judgement> alias_missing(const DnsLookup& lookup, const DnsName& adn) {
  if (!is_empty_answer(lookup)) {
    if (auto problem = problem_of(lookup)) return dns::could_not_look(lookup, *std::move(problem));
  }
  const auto leads = [&](const CnameLink& link) { return is_pruned_to(lowered(link.target), adn); };
  if (std::any_of(lookup.chain.begin(), lookup.chain.end(), leads)) return std::nullopt;
  const std::string saw =
      (lookup.chain.empty() ? "no CNAME" : "CNAME " + dns::shown(lookup.chain.front().target)) + dns::at(lookup);
  return dns::negative(Problem(ProblemCode::kDnsNoAlias, printable(lookup.name),
                               saw + ": it does not lead to " + adn.text() + " (BR 3.2.2.4)"),
                       saw);
}

}  // namespace

Judgement judge_dns(const DcvSubject& subject, const DcvQuestion& question, const DnsObservation& seen,
                    TimePoint when) {
  const std::vector<DnsQuery> queries = dns_queries(subject, question);
  Lookups lookups(seen.lookups);
  if (auto fault = evidence_fault(queries, lookups)) return *std::move(fault);
  if (queries.empty()) {
    return dns::negative(Problem(ProblemCode::kDnsNoRecord, subject.validated.text(),
                                 "the name that the method looks at would have over 253 octets"),
                         "no name to look at");
  }
  bool authenticated = true;
  if (needs_alias(subject)) {
    authenticated = lookups.front().authenticated;
    if (auto missing = alias_missing(lookups.front(), subject.validated.name())) {
      missing->dnssec_authenticated = authenticated;
      return *std::move(missing);
    }
    lookups = lookups.subspan(1);
  }
  Judgement judgement = std::visit(Judge(subject, corroboration_key(question), lookups, when, authenticated), question.parameters);
  judgement.dnssec_authenticated = authenticated && judgement.outcome != Outcome::kEvidenceInvalid;
  return judgement;
}

}  // namespace mpic::rules
