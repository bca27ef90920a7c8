// TlsClient over real sockets.
#pragma once

#include "agent/net/byte_stream.hpp"
#include "agent/net/dial.hpp"
#include "agent/net/tls_client.hpp"

namespace mpic::agent {

struct TlsOptions : DialOptions {
  std::chrono::milliseconds handshake_limit{5'000};  // once connected; kTlsTimeout

  TlsOptions() = default;
  TlsOptions(DialOptions dial, std::chrono::milliseconds limit)
      : DialOptions(std::move(dial)), handshake_limit(limit) {}
};

// Used on one io thread; must outlive the requests.
class SocketTlsClient final : public TlsClient {
 public:
  SocketTlsClient(Clock& clock, TlsOptions options) : clock_(clock), options_(std::move(options)) {}

  asio::awaitable<TlsExchange> handshake(TlsRequest request, Deadline deadline) override;

 private:
  Clock& clock_;
  TlsOptions options_;
  TlsSettings tls_;
};

}  // namespace mpic::agent
