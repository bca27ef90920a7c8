#include "tests/support/fake_tls_client.hpp"

#include <boost/asio/this_coro.hpp>

namespace mpic::test {

void FakeTlsClient::serve(const std::string& address, Expected<agent::TlsReply> reply,
                          std::chrono::milliseconds delay) {
  doors_[address] = Door{};
  servers_.insert_or_assign(address, Server{std::move(reply), delay});
}

void FakeTlsClient::fail(const std::string& address, ProblemCode code, std::chrono::milliseconds delay) {
  doors_[address] = Door{delay, code};
}

asio::awaitable<agent::TlsExchange> FakeTlsClient::handshake(agent::TlsRequest request, Deadline deadline) {
  FakeConnector connector(clock_, doors_, request.addresses);
  const agent::RaceOptions options;
  agent::RaceResult result =
      co_await agent::race(connector, request.addresses, request.port, options, clock_, deadline);
  if (!result.connected) {
    agent::TlsExchange none(Unexpected(*std::move(result.problem)));
    none.tried = std::move(result.tried);
    co_return none;
  }
  const IpAddress& address = request.addresses[*result.connected];
  requested.push_back(agent::place(address, request.port) + ' ' + request.server_name + ' ' + request.alpn);
  const Server& server = servers_.at(address.text());
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  const SteadyPoint ready = clock_.steady_now() + server.delay;
  co_await timer->wait_until(std::min(ready, deadline.at()));
  agent::TlsExchange made(server.reply);
  if (ready > deadline.at()) made.reply = mpic::fail(ProblemCode::kTlsTimeout, address.text(), "too late");
  if (!made.reply) result.tried.back().problem = made.reply.error();
  made.tried = std::move(result.tried);
  co_return made;
}

}  // namespace mpic::test
