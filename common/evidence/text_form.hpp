// Numbers and octets as the texts of C2SP write them. Each has exactly one form: what is read, and written again, is
// the same text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/observation.hpp"

namespace mpic::evidence {

// RFC 4648, section 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view octets);
// None for anything but what to_base64() writes: no blanks, no other alphabet, no bits set beyond the last octet.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
[[nodiscard]] std::string to_base64(const Digest& digest);
[[nodiscard]] std::optional<Digest> digest_from_base64(std::string_view text);  // of exactly 32 octets

// ASCII digits without sign and leading zeros; none when it is another text or does not fit.
[[nodiscard]] std::optional<std::uint64_t> from_decimal(std::string_view text);

// The next line, without its end; removes both from `rest`. None: there is no end of a line any more.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& rest);

}  // namespace mpic::evidence
