#include "common/telemetry/admin_server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "common/config/yaml.hpp"
#include "common/telemetry/admin_http.hpp"
#include "common/telemetry/metrics.hpp"

namespace mpic::telemetry {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint loopback_endpoint(const config::Endpoint& listen) {
  error_code error;
  const auto address = asio::ip::make_address(listen.address, error);
  if (error || !address.is_loopback()) {
    throw config::ConfigError(
        fmt::format("admin address {}: a loopback address is accepted (127.0.0.1, [::1])", listen.text()));
  }
  return {address, listen.port};
}

struct Connection {
  explicit Connection(tcp::socket s) : socket(std::move(s)), limit(socket.get_executor()) {}
  tcp::socket socket;
  asio::steady_timer limit;
};

// Closing with unread octets resets the connection, and may take the answer with it: read on until the peer
// closes.
asio::awaitable<void> finish(Connection& connection) {
  error_code error;
  connection.socket.shutdown(tcp::socket::shutdown_send, error);
  std::array<char, 1024> rest{};
  while (!error) {
    co_await connection.socket.async_read_some(asio::buffer(rest), asio::redirect_error(asio::use_awaitable, error));
  }
  connection.limit.cancel();
}

}  // namespace

struct AdminServer::Impl {
  Impl(const config::Endpoint& listen, AdminPages p, AdminLimits l)
      : pages(std::move(p)), limits(l), acceptor(context) {
    try {
      const tcp::endpoint endpoint = loopback_endpoint(listen);
      acceptor.open(endpoint.protocol());
      acceptor.set_option(asio::socket_base::reuse_address(true));
      acceptor.bind(endpoint);
      acceptor.listen();
      port = acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw config::ConfigError(
          fmt::format("admin address {}: cannot listen there: {}", listen.text(), error.code().message()));
    }
    asio::co_spawn(context, accept(), asio::detached);
    thread = std::thread([this] { context.run(); });
  }

  ~Impl() {
    context.stop();
    thread.join();
  }

  asio::awaitable<void> accept() {
    for (;;) {
      error_code error;
      tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // out of descriptors, or gone before it was taken: not at full speed
        spdlog::warn("admin port: {}", error.message());
        asio::steady_timer pause(context, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      const auto connection = std::make_shared<Connection>(std::move(socket));
      connection->limit.expires_after(limits.duration);
      connection->limit.async_wait([connection](error_code cancelled) {
        error_code ignored;
        if (!cancelled) connection->socket.close(ignored);
      });
      if (open >= limits.connections) {
        refuse(*connection);
        continue;
      }
      ++open;
      asio::co_spawn(context, serve(connection), [this](std::exception_ptr) { --open; });
    }
  }

  // Without waiting for anything: an empty send buffer takes this whole.
  static void refuse(Connection& connection) {
    error_code error;
    connection.socket.non_blocking(true, error);
    const std::string busy = admin_response(503, "too many connections\n");
    connection.socket.write_some(asio::buffer(busy), error);
    connection.socket.shutdown(tcp::socket::shutdown_both, error);
    connection.socket.close(error);
    connection.limit.cancel();
  }

  asio::awaitable<void> serve(std::shared_ptr<Connection> connection) {
    std::string request;
    error_code error;
    const std::size_t head =
        co_await asio::async_read_until(connection->socket, asio::dynamic_buffer(request, limits.request_octets),
                                        "\r\n\r\n", asio::redirect_error(asio::use_awaitable, error));
    std::string response;
    if (error == asio::error::not_found) {
      response = admin_response(431, "the request is too long\n");
    } else if (error) {
      connection->limit.cancel();
      co_return;
    } else {
      response = answer(std::string_view(request).substr(0, head), pages);
    }
    co_await asio::async_write(connection->socket, asio::buffer(response),
                               asio::redirect_error(asio::use_awaitable, error));
    co_await finish(*connection);
  }

  AdminPages pages;
  AdminLimits limits;
  asio::io_context context{1};
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::size_t open = 0;  // used on `thread` alone
  std::thread thread;
};

AdminServer::AdminServer(const config::Endpoint& listen, Metrics& metrics, std::function<Readiness()> readiness,
                         AdminLimits limits) {
  AdminPages pages;
  pages.metrics = [&metrics] { return metrics.text(); };
  pages.readiness = std::move(readiness);
  impl_ = std::make_unique<Impl>(listen, std::move(pages), limits);
}

AdminServer::~AdminServer() = default;

std::uint16_t AdminServer::port() const { return impl_->port; }

}  // namespace mpic::telemetry
