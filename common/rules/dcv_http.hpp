// What a web site must answer to prove control (RFC 8555 8.3; BR 3.2.2.4.18, .19; 3.2.2.5.1, 3.2.2.5.6). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "common/domain/dcv.hpp"

namespace mpic::rules {

// The body is the key authorization, whole, then only white space (RFC 8555 8.3). Never by prefix; leading white space
// counts. Otherwise kChallengeMismatch quoting the first 128 octets, escaped.
[[nodiscard]] std::optional<Problem> http_01_mismatch(std::string_view body, const AcmeHttp01& question);

// The most octets of body that can still match: key authorization and trailing white space. Over it is
// kHttpBodyTooLarge, a problem of its own.
[[nodiscard]] std::size_t http_01_body_limit(const AcmeHttp01& question);

// The page holds the challenge value, anywhere and octet for octet, and matches the regular expression. For an IP
// address the value is the content of a meta tag (page_meta.hpp; BR 3.2.2.5.1). Otherwise kChallengeMismatch as above.
[[nodiscard]] std::optional<Problem> website_change_mismatch(std::string_view page, const WebsiteChange& question,
                                                             bool for_ip_address);

}  // namespace mpic::rules
