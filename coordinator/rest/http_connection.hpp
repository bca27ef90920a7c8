// One HTTP connection, from its first octet to its last; over TCP, TLS or a Unix socket alike.
#pragma once

#include <atomic>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <functional>
#include <memory>

#include "coordinator/rest/http.hpp"

namespace mpic::coordinator {

namespace beast = boost::beast;

using TcpStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using UnixStream = beast::basic_stream<asio::local::stream_protocol>;

// What connections share with their server. Outlives them.
struct HttpHost {
  HttpHandler handler;
  HttpLimits limits;
  std::atomic<bool> closing{false};
};

// A connection that can be told to end. Safe from any thread.
class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  // At once where no request is in progress; else after the answer.
  virtual void end() = 0;
};

// By value: the frame outlives the caller. `leave` holds what the connection counts by, until it has ended.
// `made`: told of the connection before anything else, for end().
using OnMade = std::function<void(std::weak_ptr<OpenConnection>)>;
asio::awaitable<void> serve_plain(TcpStream stream, HttpHost& host, Credentials who, OnMade made);
asio::awaitable<void> serve_unix(UnixStream stream, HttpHost& host, Credentials who, OnMade made);
// With the handshake first. `context` is the one in force when it came. SANs of a verified certificate go to `who`.
asio::awaitable<void> serve_tls(TlsStream stream, std::shared_ptr<asio::ssl::context> context, HttpHost& host,
                                Credentials who, OnMade made);
// One answer and no more: for connections that there is no room for. Does not wait.
asio::awaitable<void> turn_away(TcpStream stream);

}  // namespace mpic::coordinator
