// TLS servers by script, in virtual time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/net/tls_client.hpp"
#include "tests/support/fake_connector.hpp"

namespace mpic::test {

class FakeTlsClient final : public agent::TlsClient {
 public:
  explicit FakeTlsClient(Clock& clock) : clock_(clock) {}

  // What is at an address (text) once it is connected, `delay` later; nothing there: kConnectionRefused.
  void serve(const std::string& address, Expected<agent::TlsReply> reply,
             std::chrono::milliseconds delay = std::chrono::milliseconds{1});
  // The address is never connected to.
  void fail(const std::string& address, ProblemCode code,
            std::chrono::milliseconds delay = std::chrono::milliseconds{1});

  asio::awaitable<agent::TlsExchange> handshake(agent::TlsRequest request, Deadline deadline) override;

  std::vector<std::string> requested;  // of connections that were made: "192.0.2.1:443 example.com acme-tls/1"

 private:
  struct Server {
    Expected<agent::TlsReply> reply;
    std::chrono::milliseconds delay;
  };
  Clock& clock_;
  std::map<std::string, Server> servers_;
  Doors doors_;
};

}  // namespace mpic::test
