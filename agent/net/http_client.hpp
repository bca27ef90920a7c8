// One HTTP request to one address that policy has already allowed (seam). Resolution, address policy,
// redirects and the order of addresses are the check's affair, so that they are rules and not accidents of a
// library.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"
#include "common/rules/redirect.hpp"

namespace mpic::agent {

struct HttpRequest {
  rules::HttpTarget target;    // decides scheme, Host, SNI, path
  IpAddress address;           // dialled; pinned after the policy check
  std::uint16_t port = 80;     // dialled (a lab port map may differ from target.port)
  std::size_t body_limit = 0;  // octets; over it: kHttpBodyTooLarge with what was read so far

  HttpRequest(rules::HttpTarget t, IpAddress a, std::uint16_t p, std::size_t limit)
      : target(std::move(t)), address(a), port(p), body_limit(limit) {}
};

struct HttpReply {
  std::uint16_t status = 0;
  std::string location;  // first Location header, empty when none
  std::string body;      // at most body_limit + 1 octets
  bool body_over_limit = false;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // GET with "Connection: close", without accept-encoding. The certificate of an https site is not verified:
  // control is proven by content (BR 3.2.2.4.19). Problems: kConnection*, kNetworkUnreachable, kNoIpv6Egress,
  // kReadTimeout, kTlsFailed, kHttp*. Ends at the deadline at the latest.
  virtual asio::awaitable<Expected<HttpReply>> get(HttpRequest request, Deadline deadline) = 0;
};

}  // namespace mpic::agent
