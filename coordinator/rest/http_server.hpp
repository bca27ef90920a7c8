// The REST port: accepts, and gives each connection to a thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "common/async/io_threads.hpp"
#include "common/config/endpoint.hpp"
#include "common/rpc/tls_source.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/rest/http.hpp"

namespace mpic::coordinator {

// Where to listen; at least one of the two.
struct HttpListen {
  std::optional<config::Endpoint> tcp;
  std::shared_ptr<rpc::TlsSource> tls;  // of `tcp`; null: plain, on a loopback address alone
  std::filesystem::path unix_socket;    // plain; empty: none. A socket that nobody listens on is replaced
};

class HttpServer {
 public:
  // Serves from the start. All outlive it. Throws StartError when the port or the socket cannot be had.
  HttpServer(HttpListen listen, IoThreads& threads, HttpHandler handler, telemetry::Metrics& metrics,
             HttpLimits limits = {});
  // Precondition: the threads have stopped, or stop() was called and nothing is open.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Nobody is let in any more; connections that wait for a request are closed, the others after their answer.
  void stop();
  [[nodiscard]] std::size_t open() const;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mpic::coordinator
