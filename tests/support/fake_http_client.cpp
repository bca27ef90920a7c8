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

void FakeHttpClient::serve(const std::string& address, Server server) {
  doors_[address] = server.door;
  servers_[address] = std::move(server);
}

void FakeHttpClient::fail(const std::string& address, ProblemCode code) {
  Server server;
  server.answer = [code, address](const agent::HttpRequest&) { return mpic::fail(code, address, "as scripted"); };
  if (is_connect_failure(code)) server.door.fails = code;
  serve(address, std::move(server));
}

asio::awaitable<agent::HttpExchange> FakeHttpClient::get(agent::HttpRequest request, Deadline deadline) {
  FakeConnector connector(clock_, doors_, request.addresses);
  agent::RaceResult result = co_await agent::race(connector, request.addresses, request.port, race, clock_, deadline);
  if (!result.connected) {
    agent::HttpExchange none(Unexpected(*std::move(result.problem)));
    none.tried = std::move(result.tried);
    co_return none;
  }
  const std::string address = request.addresses[*result.connected].text();
  requested.push_back(request.target.url() + ' ' + agent::place(request.addresses[*result.connected], request.port));
  agent::HttpExchange made(co_await answer(servers_.at(address), request, deadline));
  made.tried = std::move(result.tried);
  if (!made.reply) made.tried.back().problem = made.reply.error();
  co_return made;
}

asio::awaitable<Expected<agent::HttpReply>> FakeHttpClient::answer(const Server& server,
                                                                   const agent::HttpRequest& request,
                                                                   Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  const SteadyPoint ready = clock_.steady_now() + server.delay;
  co_await timer->wait_until(std::min(ready, deadline.at()));
  if (ready > deadline.at()) co_return mpic::fail(server.when_late, request.target.url(), "too late");
  co_return server.answer(request);
}

}  // namespace mpic::test
