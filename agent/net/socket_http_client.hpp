// HttpClient over real sockets: plain asio for connections, Beast's parser for what comes back.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "agent/net/byte_stream.hpp"
#include "agent/net/http_client.hpp"

namespace mpic::agent {

struct HttpOptions {
  std::optional<IpAddress> egress_ipv4;  // connections start from here; none: the system chooses
  std::optional<IpAddress> egress_ipv6;  // none: there is no IPv6, and each attempt says kNoIpv6Egress
  std::string user_agent;
  std::chrono::milliseconds connect_limit{3000};  // of one address, so that the next one gets its turn

  explicit HttpOptions(std::string agent) : user_agent(std::move(agent)) {}
};

// Used on one io thread; must outlive the requests.
class SocketHttpClient final : public HttpClient {
 public:
  SocketHttpClient(Clock& clock, HttpOptions options);

  asio::awaitable<Expected<HttpReply>> get(HttpRequest request, Deadline deadline) override;

 private:
  class Connection;
  Clock& clock_;
  HttpOptions options_;
  TlsSettings tls_;
};

}  // namespace mpic::agent
