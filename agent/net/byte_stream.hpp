// A connection, with or without TLS. The file behind it is the only one that holds asio's TLS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "common/domain/problem.hpp"

namespace mpic::agent {

namespace asio = boost::asio;

// How reading, writing or a handshake ended.
enum class StreamEnd : std::uint8_t { kNone, kClosed, kReset, kTls, kOther };

struct StreamResult {
  std::size_t octets = 0;
  StreamEnd end = StreamEnd::kNone;  // kNone: it went well
  std::string detail;

  StreamResult() = default;
};

// Operations end with an error when the socket is closed under them.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Before anything else; nothing to do without TLS.
  virtual asio::awaitable<StreamResult> handshake() = 0;
  virtual asio::awaitable<StreamResult> write(asio::const_buffer octets) = 0;  // all of them
  virtual asio::awaitable<StreamResult> read(asio::mutable_buffer into) = 0;   // some
};

// What all https connections of a thread share. Certificates are not verified: control is proven by content.
class TlsSettings {
 public:
  TlsSettings();  // throws when OpenSSL does
  ~TlsSettings();
  TlsSettings(const TlsSettings&) = delete;
  TlsSettings& operator=(const TlsSettings&) = delete;

 private:
  friend std::unique_ptr<ByteStream> tls_stream(asio::ip::tcp::socket&, TlsSettings&, const std::string&);
  struct Context;
  std::unique_ptr<Context> context_;
};

// Both use `socket`, which must outlive them.
[[nodiscard]] std::unique_ptr<ByteStream> plain_stream(asio::ip::tcp::socket& socket);
// `server_name` empty: no SNI (an address).
[[nodiscard]] std::unique_ptr<ByteStream> tls_stream(asio::ip::tcp::socket& socket, TlsSettings& settings,
                                                     const std::string& server_name);

}  // namespace mpic::agent
