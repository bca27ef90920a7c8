// Contacts published in DNS (BR Appendix A). Linear time whatever the octets. Pure; fuzzed.
#pragma once

#include <string>
#include <string_view>

namespace mpic::rules {

// The whole of `text` is an address of RFC 6532 3.2: addr-spec (dot-atom or quoted local part, domain of dot-atom),
// UTF-8 allowed; no comments, no folding, no display name, no list, no address literal. At most 320 octets.
[[nodiscard]] bool is_email_address(std::string_view text);
// One spelling of the mailbox: the local part with its case, the domain in lower case (ours). Two addresses with the
// same are the same contact; a quoted local part is another than the same text without quotes. Empty when it is no
// address.
[[nodiscard]] std::string mailbox_of(std::string_view address);

// The whole of `text` is a global number of RFC 3966 5.1.4: "+", then digits with visual separators ("-", ".", "(",
// ")") or, inside, spaces among them; 4 to 15 digits (E.164), the first not 0: no country code begins so. At most 64
// octets.
[[nodiscard]] bool is_global_number(std::string_view text);
// "+" and the digits: the number without its visual separators. Precondition: is_global_number.
[[nodiscard]] std::string digits_of(std::string_view number);

}  // namespace mpic::rules
