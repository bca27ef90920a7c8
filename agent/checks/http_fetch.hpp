// Fetches a page as a validation method needs it: every hop resolved anew, every address judged before it is
// dialled, IPv6 before IPv4 and each address in its turn, redirects as the rules allow, everything written down.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/checks/resolve_host.hpp"
#include "agent/net/http_client.hpp"
#include "common/rules/http_ask.hpp"

namespace mpic::agent {

struct FetchResult {
  std::vector<HttpHop> hops;
  std::string body;  // of the last hop, as far as it was read
  bool body_over_limit = false;

  FetchResult() = default;
};

// What a fetch needs; all of it outlives the fetch.
struct FetchContext {
  DnsClient& dns;
  HttpClient& http;
  Clock& clock;
  const LabRelaxations& lab;
};

// An answer of the server, once it came, is final, as is whatever goes wrong after a connection was made: another
// address is tried only where none could be. Each step ends a little before the deadline, so that it is the step that
// says what took too long.
asio::awaitable<FetchResult> http_fetch(FetchContext context, rules::HttpAsk ask, Deadline deadline);

}  // namespace mpic::agent
