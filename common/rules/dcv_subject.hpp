// What a validation of domain control is about: shared by the rules of all methods. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/domain/assignment.hpp"

namespace mpic::rules {

struct DcvSubject {
  Identifier applied_for;  // as in the certificate, with "*."
  Identifier validated;    // the Authorization Domain Name, or the address; never a wildcard
};

// Without an Authorization Domain Name of its own, the identifier without "*." is validated. An address has none.
[[nodiscard]] DcvSubject subject_of(const Identifier& applied_for, const std::optional<DnsName>& authorization_domain);
[[nodiscard]] DcvSubject subject_of(const Assignment& assignment);

// The name of an address in the reverse tree (RFC 1035 3.5, RFC 3596 2.5): "1.0.0.127.in-addr.arpa", 32 nibbles and
// "ip6.arpa". RFC 8738 6 sends it as SNI; BR 3.2.2.5.3 and 3.2.2.5.8 look below it.
[[nodiscard]] std::string reverse_name(const IpAddress& address);

}  // namespace mpic::rules
