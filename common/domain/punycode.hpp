// Punycode (RFC 3492), reading only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mpic {

// What `encoded` (the octets after "xn--", lower case) stands for. None unless it is exactly what the encoder
// makes of some text with at least one character outside ASCII: then, and only then, is "xn--" + `encoded` a
// P-Label (BR 1.6.1). Linear in the 59 octets that a label leaves, save for the insertions.
[[nodiscard]] std::optional<std::u32string> punycode_decoded(std::string_view encoded);

}  // namespace mpic
