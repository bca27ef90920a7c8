// Where visits come from, for those who must let them in: the perspectives as JSON and as lists that firewalls read.
// Pure. Addresses are what agents last told of themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

enum class AllowListFormat : std::uint8_t { kJson, kPlain, kNginx, kNftables };
[[nodiscard]] std::optional<AllowListFormat> allow_list_format(std::string_view name);  // "json", "plain", ...
inline constexpr std::string_view kAllowListFormats = "json, plain, nginx, nftables";

// json      {"user_agent", "perspectives": [{"perspective_code", "role", "rir", "place", "egress": [], "ready"}]}
// plain     an address on each line
// nginx     "allow 192.0.2.1;  # eu-west, RIPE"
// nftables  a table `inet mpic` with the sets `perspectives4` and `perspectives6`, for `nft -f`
// Anything that an agent told which is no address is left out.
// `user_agent`: what visits over HTTP call themselves; empty: not told.
[[nodiscard]] std::string allow_list(const v1::ListPerspectivesResponse& perspectives, AllowListFormat format,
                                     const std::string& user_agent = "");
[[nodiscard]] std::string_view media_type_of(AllowListFormat format);

}  // namespace mpic::coordinator
