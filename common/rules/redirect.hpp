// Where an HTTP fetch may go next (BR 3.2.2.4.18, .19). Pure; fuzzed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/domain/identifier.hpp"

namespace mpic::rules {

// An absolute http or https URL in the form that is requested and recorded.
struct HttpTarget {
  bool https = false;
  std::variant<DnsName, IpAddress> host;
  std::uint16_t port = 80;                        // 80 or 443, whatever the scheme (Authorized Ports)
  std::string path_query;                         // begins with "/", no fragment
  [[nodiscard]] std::string url() const;          // default port left out; IPv6 in brackets
  [[nodiscard]] std::string host_header() const;  // no port when it is the scheme's own
  [[nodiscard]] std::string host_text() const;    // without brackets
  friend bool operator==(const HttpTarget&, const HttpTarget&) = default;
};

// The first URL of http-01: "http://<host>/.well-known/acme-challenge/<token>".
[[nodiscard]] HttpTarget acme_challenge_url(const std::variant<DnsName, IpAddress>& host, std::string_view token);

// The absolute URL that `location`, answered with `status` to `from`, leads to. kRedirectForbidden with the reason for:
// a status other than 301, 302, 307, 308; no or an over-long (kMaxUrl) Location; a scheme other than http and https; a
// port other than 80 and 443; user info; an empty or malformed host, a zone identifier. Relative references are
// resolved (RFC 3986 5), fragments dropped, the host lower-cased. The address policy is not applied here.
[[nodiscard]] Expected<HttpTarget> redirect_target(const HttpTarget& from, unsigned status, std::string_view location);

// Reads what HttpTarget::url() wrote.
[[nodiscard]] Expected<HttpTarget> parse_target(std::string_view url);

}  // namespace mpic::rules
