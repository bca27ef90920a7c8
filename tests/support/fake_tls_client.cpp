#include "tests/support/fake_tls_client.hpp"

#include <boost/asio/this_coro.hpp>

namespace mpic::test {

void FakeTlsClient::serve(const std::string& address, Expected<agent::TlsReply> reply,
                          std::chrono::milliseconds delay) {
  servers_.insert_or_assign(address, Server{std::move(reply), delay});
}

asio::awaitable<Expected<agent::TlsReply>> FakeTlsClient::handshake(agent::TlsRequest request,
                                                                    Deadline deadline) {
  const std::string address = request.address.text();
  requested.push_back(address + ':' + std::to_string(request.port) + ' ' + request.server_name + ' ' +
                      request.alpn);
  const auto server = servers_.find(address);
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  const auto delay = server == servers_.end() ? std::chrono::milliseconds{1} : server->second.delay;
  const SteadyPoint ready = clock_.steady_now() + delay;
  co_await timer->wait_until(std::min(ready, deadline.at()));
  if (server == servers_.end()) {
    co_return fail(ProblemCode::kConnectionRefused, address, "connection refused");
  }
  if (ready > deadline.at()) co_return fail(ProblemCode::kReadTimeout, address, "too late");
  co_return server->second.reply;
}

}  // namespace mpic::test
