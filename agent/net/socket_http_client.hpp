// HttpClient over real sockets: plain asio for connections, Beast's parser for what comes back.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <string>

#include "agent/net/byte_stream.hpp"
#include "agent/net/dial.hpp"
#include "agent/net/http_client.hpp"

namespace mpic::agent {

struct HttpOptions : DialOptions {
  std::string user_agent;
  // Once connected; kTlsTimeout and kReadTimeout.
  std::chrono::milliseconds handshake_limit{5'000};
  std::chrono::milliseconds exchange_limit{10'000};  // from the request to the end of the answer

  explicit HttpOptions(std::string agent) : user_agent(std::move(agent)) {}
};

// Used on one io thread; must outlive the requests.
class SocketHttpClient final : public HttpClient {
 public:
  SocketHttpClient(Clock& clock, HttpOptions options);

  asio::awaitable<HttpExchange> get(HttpRequest request, Deadline deadline) override;

 private:
  class Connection;
  Clock& clock_;
  HttpOptions options_;
  TlsSettings tls_;
};

}  // namespace mpic::agent
