#include "coordinator/rest/http_server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>

#include "coordinator/program/load.hpp"
#include "coordinator/rest/http_connection.hpp"

namespace mpic::coordinator {
namespace {

namespace fs = std::filesystem;
using asio::ip::tcp;
using boost::system::error_code;

// TLS 1.2 is what HTTP clients of others still speak; gRPC's port takes 1.3 alone. A certificate of the client is asked
// for and not required: an API key may stand in its place.
std::shared_ptr<asio::ssl::context> context_of(const rpc::TlsMaterial& material) {
  auto out = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(out->native_handle(), TLS1_2_VERSION);
  // No session is resumed, by tickets neither: certificates are verified anew for each connection. (A ticket would end
  // the next handshake, as OpenSSL resumes nothing without a session id context where it asks for certificates.)
  SSL_CTX_set_options(out->native_handle(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(out->native_handle(), 0);
  SSL_CTX_set_cipher_list(out->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_session_cache_mode(out->native_handle(), SSL_SESS_CACHE_OFF);
  out->use_certificate_chain(asio::buffer(material.certificate));
  out->use_private_key(asio::buffer(material.key), asio::ssl::context::pem);
  out->add_certificate_authority(asio::buffer(material.ca));
  out->set_verify_mode(asio::ssl::verify_peer);
  return out;
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(HttpListen where, IoThreads& io, HttpHandler handler, telemetry::Metrics& metrics, HttpLimits limits)
      : listen(std::move(where)),
        threads(io),
        host{std::move(handler), limits},
        acceptor(std::in_place, threads.at(0)),
        local_acceptor(std::in_place, threads.at(0)),
        opened(metrics.gauge("mpic_rest_connections", "Connections of the REST port that are open")),
        turned_away(metrics.counter("mpic_rest_connections_refused_total", "Connections that there was no room for")) {}

  void bind() {
    try {
      if (listen.tcp) bind_tcp(*listen.tcp);
      if (!listen.unix_socket.empty()) bind_unix(listen.unix_socket);
    } catch (const boost::system::system_error& error) {
      throw StartError(fmt::format("rest: cannot listen on {}: {}", where(), error.code().message()));
    }
  }

  [[nodiscard]] std::string where() const {
    return listen.tcp && !acceptor->is_open() ? listen.tcp->text() : listen.unix_socket.string();
  }

  void bind_tcp(const config::Endpoint& at) {
    const tcp::endpoint endpoint(asio::ip::make_address(at.address), at.port);
    acceptor->open(endpoint.protocol());
    acceptor->set_option(asio::socket_base::reuse_address(true));
    acceptor->bind(endpoint);
    acceptor->listen();
    port = acceptor->local_endpoint().port();
  }

  // What a run before left is removed; a socket that somebody serves is not.
  void bind_unix(const fs::path& file) {
    const asio::local::stream_protocol::endpoint endpoint(file.string());
    asio::local::stream_protocol::socket probe(threads.at(0));
    error_code nobody;
    if (fs::is_socket(file) && (probe.connect(endpoint, nobody), nobody)) fs::remove(file);
    local_acceptor->open(endpoint.protocol());
    local_acceptor->bind(endpoint);
    constexpr mode_t kOwnerAndGroup = 0660;
    ::chmod(file.c_str(), kOwnerAndGroup);
    local_acceptor->listen();
  }

  void serve() {
    const auto self = shared_from_this();
    if (acceptor->is_open()) asio::co_spawn(threads.at(0), accept_tcp(self), asio::detached);
    if (local_acceptor->is_open()) asio::co_spawn(threads.at(0), accept_unix(self), asio::detached);
  }

  // Out of descriptors, or gone before it was taken: not at full speed. False: it is over.
  asio::awaitable<bool> goes_on(error_code error) {
    if (host.closing || error == asio::error::operation_aborted) co_return false;
    if (!error) co_return true;
    spdlog::warn("rest port: {}", error.message());
    asio::steady_timer pause(threads.at(0), std::chrono::milliseconds(100));
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return true;
  }

  static asio::awaitable<void> accept_tcp(std::shared_ptr<Impl> self) {
    for (;;) {
      error_code error;
      tcp::socket socket =
          co_await self->acceptor->async_accept(self->threads.next(), asio::redirect_error(asio::use_awaitable, error));
      const bool on = co_await self->goes_on(error);
      if (!on) co_return;
      if (error) continue;
      self->take(std::move(socket));
    }
  }

  static asio::awaitable<void> accept_unix(std::shared_ptr<Impl> self) {
    for (;;) {
      error_code error;
      asio::local::stream_protocol::socket socket = co_await self->local_acceptor->async_accept(
          self->threads.next(), asio::redirect_error(asio::use_awaitable, error));
      const bool on = co_await self->goes_on(error);
      if (!on) co_return;
      if (error) continue;
      Credentials who;
      who.peer = who.source = "unix";
      if (!enter(self, who.source)) continue;  // closed at once
      const auto executor = socket.get_executor();
      asio::co_spawn(executor, serve_unix(UnixStream(std::move(socket)), self->host, who, self->on_made()),
                     [self, source = who.source](const std::exception_ptr& mistake) { self->leave(source, mistake); });
    }
  }

  void take(tcp::socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    socket.set_option(tcp::no_delay(true), error);
    Credentials who;
    who.source = peer.address().to_string();
    who.peer = config::Endpoint{who.source, peer.port()}.text();
    const auto executor = socket.get_executor();
    const auto self = shared_from_this();
    const auto ended = [self, source = who.source](const std::exception_ptr& mistake) { self->leave(source, mistake); };
    if (!enter(self, who.source)) {
      asio::co_spawn(executor, turn_away(TcpStream(std::move(socket))), asio::detached);
    } else if (listen.tls == nullptr) {
      asio::co_spawn(executor, serve_plain(TcpStream(std::move(socket)), host, std::move(who), on_made()), ended);
    } else if (const auto in_force = tls_context()) {
      asio::co_spawn(
          executor,
          serve_tls(TlsStream(TcpStream(std::move(socket)), *in_force), in_force, host, std::move(who), on_made()),
          ended);
    } else {
      leave(who.source, nullptr);
    }
  }

  // By the files as they are now. Used by the accepting thread alone.
  std::shared_ptr<asio::ssl::context> tls_context() {
    const auto material = listen.tls->current();
    if (material == nullptr || material == context_is_of) return context;
    try {
      context = context_of(*material);
      context_is_of = material;
    } catch (const boost::system::system_error& error) {
      spdlog::error("rest port: the certificate cannot be used: {}", error.code().message());
    }
    return context;
  }

  static bool enter(const std::shared_ptr<Impl>& self, const std::string& source) {
    const std::lock_guard lock(self->mutex);
    std::size_t& of_one = self->sources[source];
    if (self->open >= self->host.limits.connections || of_one >= self->host.limits.connections_of_one) {
      if (of_one == 0) self->sources.erase(source);
      self->turned_away.Increment();
      return false;
    }
    ++of_one;
    ++self->open;
    self->opened.Set(static_cast<double>(self->open));
    return true;
  }

  void leave(const std::string& source, const std::exception_ptr& mistake) {
    if (mistake) log(mistake);
    const std::lock_guard lock(mutex);
    if (--sources[source] == 0) sources.erase(source);
    --open;
    opened.Set(static_cast<double>(open));
    connections.remove_if([](const auto& one) { return one.expired(); });
  }

  static void log(const std::exception_ptr& mistake) {
    try {
      std::rethrow_exception(mistake);
    } catch (const std::exception& error) {
      spdlog::error("rest port: a connection ended by an exception, a mistake of ours: {}", error.what());
    }
  }

  OnMade on_made() {
    return [self = shared_from_this()](std::weak_ptr<OpenConnection> connection) {
      const std::lock_guard lock(self->mutex);
      self->connections.push_back(std::move(connection));
    };
  }

  void stop() {
    host.closing = true;
    asio::post(threads.at(0), [self = shared_from_this()] {
      error_code ignored;
      self->acceptor->close(ignored);
      self->local_acceptor->close(ignored);
      if (!self->listen.unix_socket.empty()) fs::remove(self->listen.unix_socket, ignored);
    });
    const std::lock_guard lock(mutex);
    for (const auto& one : connections) {
      if (const auto connection = one.lock()) connection->end();
    }
  }

  const HttpListen listen;
  IoThreads& threads;
  HttpHost host;
  std::optional<tcp::acceptor> acceptor;  // gone before the threads' contexts are, whoever still holds this
  std::optional<asio::local::stream_protocol::acceptor> local_acceptor;
  std::uint16_t port = 0;
  std::shared_ptr<asio::ssl::context> context;
  std::shared_ptr<const rpc::TlsMaterial> context_is_of;
  prometheus::Gauge& opened;
  prometheus::Counter& turned_away;

  mutable std::mutex mutex;  // guards what follows
  std::size_t open = 0;
  std::map<std::string, std::size_t> sources;
  std::list<std::weak_ptr<OpenConnection>> connections;
};

HttpServer::HttpServer(HttpListen listen, IoThreads& threads, HttpHandler handler, telemetry::Metrics& metrics,
                       HttpLimits limits)
    : impl_(std::make_shared<Impl>(std::move(listen), threads, std::move(handler), metrics, limits)) {
  impl_->bind();
  impl_->serve();
}

HttpServer::~HttpServer() {
  impl_->acceptor.reset();
  impl_->local_acceptor.reset();
}

void HttpServer::stop() { impl_->stop(); }

std::size_t HttpServer::open() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->open;
}

std::uint16_t HttpServer::port() const { return impl_->port; }

}  // namespace mpic::coordinator
