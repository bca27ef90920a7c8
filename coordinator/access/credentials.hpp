// What a caller shows, as a transport hands it on. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mpic::coordinator {

inline constexpr std::size_t kMaxShownKey = 4'096;  // octets; what is longer is cut, and then no key

// Hostile, but for `sans`.
struct Credentials {
  std::vector<std::string> sans;  // of a verified certificate; empty: none was shown
  std::string api_key;            // as sent, at most kMaxShownKey of it; empty: none
  std::string peer;               // address and port, for people: "192.0.2.1:50344", "unix"
  std::string source;             // address alone: failures are counted by it
};

// The API key among a request's headers: that of `x-api-key`, or of `authorization: Bearer …` (the scheme in any case,
// RFC 9110 11.1). Another scheme, or two that differ, give what is no key: who shows it is refused. Empty: none.
[[nodiscard]] std::string api_key_shown(const std::vector<std::string_view>& x_api_key,
                                        const std::vector<std::string_view>& authorization);

// By what failures from an address are counted: an IPv4 address, the /64 of an IPv6 address (one host has all of it),
// anything else as it is.
[[nodiscard]] std::string source_group(std::string_view source);

}  // namespace mpic::coordinator
