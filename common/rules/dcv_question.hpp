// Whether the parameters of a validation are ones that the method allows. Pure.
//
// Checked where a question enters a process; after that nobody need doubt them.
#pragma once

#include <string>
#include <string_view>

#include "common/domain/dcv.hpp"

namespace mpic::rules {

// kInvalidArgument with `where` naming the field of the method's message, and the clause in the text:
//   acme-http-01            the token is 22 to 128 octets of base64url, the key authorization a token "." 43 of
//   base64url website-change          the path keeps within its directory; the value is not in it; the regex is RE2's
//   acme-dns-01, -account   the digest is 43 octets of base64url; the account is a URI of at most 1,024 octets
//   dns-change              TXT, CNAME or CAA; the prefix is one label that begins with "_"
//   dns-persistent          1 to 16 issuer domain names in lower case; the account is a URI, without ";" (RFC 8659 4.2)
//   contact-*               the whole value is an address (RFC 6532 3.2) or a global number (RFC 3966 5.1.4)
[[nodiscard]] Expected<void> check_question(const DcvQuestion& question);
[[nodiscard]] Expected<void> check_question(const AcmeHttp01& question);
// Whether the key authorization begins with the token whose path is asked for (RFC 8555 8.1).
[[nodiscard]] bool is_of_its_token(const AcmeHttp01& question);

// Token "." 43 of base64url, as for acme-http-01. kInvalidArgument, `where` "key_authorization".
[[nodiscard]] Expected<void> check_key_authorization(std::string_view key_authorization);
// The digest that stands for a key authorization: base64url(SHA-256()), without padding, 43 octets (RFC 8555 8.4).
[[nodiscard]] std::string key_authorization_digest(std::string_view key_authorization);

// kInvalidArgument when `value` cannot hold 112 bits of randomness (BR 1.6.1, Random Value): its length times what a
// character of the smallest usual alphabet that holds it can carry (digits, hexadecimal, base 32, base 64, printable).
// `without_case`: it is compared so (DnsChange::ignore_case, or a CNAME's target), and what its case carries does not
// count. Whether it is random nobody can see. The agents do not ask this: a `custom` profile may allow less.
[[nodiscard]] Expected<void> check_random_value(std::string_view value, bool without_case = false);

}  // namespace mpic::rules
