// One HTTP request to the first of some addresses that can be connected to (seam). Policy has already allowed
// them: resolution, address policy, redirects and the order of addresses are the check's affair, so that they are
// rules and not accidents of a library.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"
#include "common/rules/redirect.hpp"

namespace mpic::agent {

struct HttpRequest {
  rules::HttpTarget target;          // decides scheme, Host, SNI, path
  std::vector<IpAddress> addresses;  // in the order of trying; pinned after the policy check
  std::uint16_t port = 80;           // dialled (a lab port map may differ from target.port)
  std::size_t body_limit = 0;        // octets; over it: kHttpBodyTooLarge with what was read so far

  HttpRequest(rules::HttpTarget t, std::vector<IpAddress> a, std::uint16_t p, std::size_t limit)
      : target(std::move(t)), addresses(std::move(a)), port(p), body_limit(limit) {}
};

struct HttpReply {
  std::uint16_t status = 0;
  std::string location;  // first Location header, empty when none
  std::string body;      // at most body_limit + 1 octets
  bool body_over_limit = false;
};

// What came of it. Tries are in the order of their ends; an address that was connected to is the last, with the problem
// that the exchange then met, if any. `reply` holds that problem too, or why no connection could be made.
struct HttpExchange {
  std::vector<AddressTried> tried;
  Expected<HttpReply> reply;

  HttpExchange() = default;
  explicit HttpExchange(Expected<HttpReply> r) : reply(std::move(r)) {}
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Connects as race.hpp tells, then GET with "Connection: close", without accept-encoding. The certificate of an https
  // site is not verified: control is proven by content (BR 3.2.2.4.19). Problems: kConnection*, kNetworkUnreachable,
  // kNoIpv6Egress, kBudgetExhausted, kTlsTimeout, kTlsFailed, kReadTimeout, kHttp*, kInternal. Only a failure to
  // connect lets the next address have its turn: an answer, and any failure after a connection, is final. Ends at the
  // deadline at the latest.
  virtual asio::awaitable<HttpExchange> get(HttpRequest request, Deadline deadline) = 0;
};

}  // namespace mpic::agent
