// Which identifiers may be validated at all (BR 1.6.1, 3.2.2.6, 4.2.2, 7.1.2.7.12). Syntax is DnsName's affair.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "common/domain/identifier.hpp"
#include "common/domain/lab.hpp"
#include "common/rules/dcv_subject.hpp"

namespace mpic::rules {

// Refuses (kPolicy, with the clause): a TLD outside the IANA root zone (Internal Name), a name that is itself a public
// suffix or "*." on one (ICANN section), under in-addr.arpa or ip6.arpa (since 2026-03-15), .onion, a reserved IP
// address. `lab` may add top-level domains and addresses.
[[nodiscard]] Expected<void> check_identifier(const Identifier& identifier, const LabRelaxations& lab);

// Whether `method` validates what is applied for by way of the Authorization Domain Name (BR 3.2.2.4, 3.2.2.5): which
// methods validate addresses, wildcards, a parent of the name down to its Base Domain Name, or what it is an alias of.
// kPolicy with the clause. An ADN by an alias passes here (needs_alias); whether the CNAME is there is for the
// perspectives to see.
[[nodiscard]] Expected<void> check_subject(const DcvSubject& subject, DcvMethod method);
// Whether pruning labels from the left of `name` (lower case; a CNAME's target may have labels that no DnsName has) may
// end at `adn`: at it or above it, never above its Base Domain Name (BR 1.6.1, 3.2.2.4).
[[nodiscard]] bool is_pruned_to(std::string_view name, const DnsName& adn);
// The ADN is not at or above the name applied for, so a CNAME must lead to it, or to a name below it.
[[nodiscard]] bool needs_alias(const DcvSubject& subject);

// The public suffix of `name` in the ICANN section ("co.uk"), empty when its TLD is not in the list. No default rule.
[[nodiscard]] std::string public_suffix(const DnsName& name);
// What counts as one target when shares are given out: the public suffix above a name and one label more (its Base
// Domain Name, BR 1.6.1); the last two labels where the TLD is not in the list; an address by itself.
[[nodiscard]] std::string target_of(const Identifier& identifier);
// All that a validation visits: what is applied for, and the ADN where an alias leads to somebody else's domain.
[[nodiscard]] std::set<std::string> targets_of(const DcvSubject& subject);
[[nodiscard]] bool is_root_zone_tld(std::string_view tld);
// Of the list that this and the public suffixes are read from: YYYY-MM-DD; "unknown" where the library does not tell.
[[nodiscard]] std::string suffix_list_date();

}  // namespace mpic::rules
