// One thread that looks: its own io_context, its own DNS channels, its own HTTP and TLS clients. Nothing is shared
// between two of them, so no check takes a lock.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "agent/net/ares_dns_client.hpp"
#include "agent/net/socket_http_client.hpp"
#include "agent/net/socket_tls_client.hpp"
#include "agent/service/look.hpp"

namespace mpic::agent {

class IoThread {
 public:
  // TLS clients connect as HTTP clients do, within the same limits.
  IoThread(Clock& clock, Random& random, AresOptions dns, HttpOptions http);
  // Work that has not ended is given up.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  [[nodiscard]] Lane lane() { return Lane{context_.get_executor(), dns_, http_, tls_}; }
  void stop();

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  AresDnsClient dns_;
  SocketHttpClient http_;
  SocketTlsClient tls_;
  std::thread thread_;
};

}  // namespace mpic::agent
