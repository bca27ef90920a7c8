// Web servers by script, in virtual time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/net/http_client.hpp"
#include "tests/support/fake_connector.hpp"

namespace mpic::test {

[[nodiscard]] agent::HttpReply http_reply(std::uint16_t status, std::string body);
[[nodiscard]] agent::HttpReply redirect_to(std::string location, std::uint16_t status = 302);

class FakeHttpClient final : public agent::HttpClient {
 public:
  struct Server {
    std::function<Expected<agent::HttpReply>(const agent::HttpRequest&)> answer;
    std::chrono::milliseconds delay{1};  // from the connection to the answer
    ProblemCode when_late = ProblemCode::kReadTimeout;
    Door door;
  };

  explicit FakeHttpClient(Clock& clock) : clock_(clock) {}

  // What is at an address (text), whatever the port; nothing there: kConnectionRefused.
  void serve(const std::string& address, agent::HttpReply reply);
  void serve(const std::string& address, Server server);
  // A failure to connect, or one of the exchange, by its code.
  void fail(const std::string& address, ProblemCode code);

  asio::awaitable<agent::HttpExchange> get(agent::HttpRequest request, Deadline deadline) override;

  agent::RaceOptions race;
  std::vector<std::string> requested;  // of connections that were made: "http://example.com/x 192.0.2.1:80"

 private:
  asio::awaitable<Expected<agent::HttpReply>> answer(const Server& server, const agent::HttpRequest& request,
                                                     Deadline deadline);
  Clock& clock_;
  std::map<std::string, Server> servers_;
  Doors doors_;
};

}  // namespace mpic::test
