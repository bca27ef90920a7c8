#include "tests/support/fake_http_client.hpp"

#include <boost/asio/this_coro.hpp>

namespace mpic::test {

agent::HttpReply http_reply(std::uint16_t status, std::string body) {
  agent::HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

agent::HttpReply redirect_to(std::string location, std::uint16_t status) {
  agent::HttpReply reply;
  reply.status = status;
  reply.location = std::move(location);
  return reply;
}

void FakeHttpClient::serve(const std::string& address, agent::HttpReply reply) {
  Server server;
  server.answer = [reply = std::move(reply)](const agent::HttpRequest&) { return reply; };
  serve(address, std::move(server));
}

void FakeHttpClient::fail(const std::string& address, ProblemCode code) {
  Server server;
  server.answer = [code, address](const agent::HttpRequest&) {
    return mpic::fail(code, address, "as scripted");
  };
  serve(address, std::move(server));
}

asio::awaitable<Expected<agent::HttpReply>> FakeHttpClient::get(agent::HttpRequest request,
                                                                Deadline deadline) {
  const std::string address = request.address.text();
  requested.push_back(request.target.url() + ' ' + address + ':' + std::to_string(request.port));
  const auto server = servers_.find(address);
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  const auto delay = server == servers_.end() ? std::chrono::milliseconds{1} : server->second.delay;
  const SteadyPoint ready = clock_.steady_now() + delay;
  co_await timer->wait_until(std::min(ready, deadline.at()));
  if (server == servers_.end()) {
    co_return mpic::fail(ProblemCode::kConnectionRefused, address, "connection refused");
  }
  if (ready > deadline.at()) co_return mpic::fail(server->second.when_late, address, "too late");
  co_return server->second.answer(request);
}

}  // namespace mpic::test
