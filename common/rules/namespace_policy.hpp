// Which identifiers may be validated at all (BR 1.6.1, 3.2.2.6, 4.2.2, 7.1.2.7.12). Syntax is DnsName's affair.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/domain/identifier.hpp"
#include "common/domain/lab.hpp"

namespace mpic::rules {

// Refuses (kPolicy, with the clause): a TLD outside the IANA root zone (Internal Name), a name that is itself a public
// suffix or "*." on one (ICANN section), under in-addr.arpa or ip6.arpa (since 2026-03-15), .onion, a reserved IP address.
// `lab` may add top-level domains and addresses.
[[nodiscard]] Expected<void> check_identifier(const Identifier& identifier, const LabRelaxations& lab);

// Authorization Domain Name (BR 3.2.2.4): for http-01 exactly the FQDN, never for a wildcard.
// kPolicy with the clause when `adn` is not what the method's row allows for `identifier`.
[[nodiscard]] Expected<void> check_authorization_domain(const Identifier& identifier, const DnsName& adn, DcvMethod method);

// The public suffix of `name` in the ICANN section ("co.uk"), empty when its TLD is not in the list. No default rule.
[[nodiscard]] std::string public_suffix(const DnsName& name);
// What counts as one target when shares are given out: the public suffix above a name and one label more (its Base Domain
// Name, BR 1.6.1); the last two labels where the TLD is not in the list; an address by itself.
[[nodiscard]] std::string target_of(const Identifier& identifier);
[[nodiscard]] bool is_root_zone_tld(std::string_view tld);

}  // namespace mpic::rules
