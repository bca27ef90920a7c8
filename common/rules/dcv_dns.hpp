// The methods that only look things up: BR 3.2.2.4.7, .8, .13, .14, .16, .17, .21, .22; 3.2.2.5.3, 3.2.2.5.8. Pure;
// fuzzed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/rules/dcv_subject.hpp"
#include "common/rules/judgement.hpp"

namespace mpic::rules {

struct DnsQuery {
  std::string name;  // presentation form, lower case, no final dot; may begin with "_" labels
  RecordType type = RecordType::kTxt;
  friend bool operator==(const DnsQuery&, const DnsQuery&) = default;
};

// All that `question` needs looked up, in the order in which an observation holds it. They do not depend on each other.
//
// Where the Authorization Domain Name is not at or above the name applied for, the first is A of that name, for the
// CNAME chain that must lead from it to the ADN or a name below, never so far below that the ADN is above the target's
// Base Domain Name (BR 3.2.2.4, since 2026-11-15). Whether the chain's end has an address does not matter. Then:
//   dns-change             its type at the ADN, or under the one prefix label
//   acme-dns-01            TXT at _acme-challenge.<ADN>
//   acme-dns-account-01    TXT at _<label>._acme-challenge.<ADN>
//   ip-address             A or AAAA at the FQDN
//   contact-*-caa          CAA at the ADN and each of its parents, leaf first (RFC 8659 3)
//   contact-*-txt          TXT at _validation-contactemail.<ADN>, _validation-contactphone.<ADN>
//   dns-persistent         TXT at _validation-persist.<ADN>; for an address at _ip-validation-persist.<reverse name>
//   reverse-address-lookup PTR at the reverse name
// A name that would be over 253 octets is asked for nowhere: the list is empty, and so is every judgement
// (kDnsNoRecord).
// Preconditions: sight_of(question.method()) == Sight::kDns, check_subject().
[[nodiscard]] std::vector<DnsQuery> dns_queries(const DcvSubject& subject, const DcvQuestion& question);

// "_ujmmovf2vn55tgye": "_" and lower-case base32 of the first ten octets of SHA-256(account URI).
[[nodiscard]] std::string account_label(std::string_view account_uri);

// The lookups must be those of dns_queries() (names without case), answered as a resolver answers, else
// kEvidenceInvalid. `when` is the observation's start: persistUntil is held against it. A lookup that failed is no
// answer; NXDOMAIN or no such record is kDnsNoRecord; a wrong one is kChallengeMismatch quoting the first (at most 100
// octets, escaped) "and N more"; a set that was cut is kDnsTooManyRecords, whatever is in it. Records that cannot be
// read matter only when no other is right. Nothing is trimmed: blanks and quotes around a value are part of it.
//
// A CNAME's or PTR's target is compared as names are, without case and without the final dot: a resolver may answer
// with the case of the question. The contact methods that read CAA take the first non-empty RRset of the climb, as
// judge_caa() does. Of dns-persistent's records one that grants is enough, the longest-lived counts; else the one of
// ours that came nearest is told: expired or too narrow, then malformed, then of another account.
//
// The key is the value that all must have seen: challenge value, digest, address, contact (mailbox_of(), digits_of()),
// FQDN, account URI.
[[nodiscard]] Judgement judge_dns(const DcvSubject& subject, const DcvQuestion& question, const DnsObservation& seen,
                                  TimePoint when);

}  // namespace mpic::rules
