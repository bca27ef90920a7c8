// A connection, with or without TLS. The file behind it is the only one that holds asio's TLS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "common/domain/observation.hpp"

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

// What an end that is not kNone means at `where` (an address and port): kConnectionClosed, kConnectionReset,
// kTlsFailed, kNetworkUnreachable. `during`: "the request".
[[nodiscard]] Problem problem_of(const StreamResult& result, const std::string& where, const std::string& during);
inline constexpr const char* kTheHandshake = "the TLS handshake";
// kTlsTimeout: the socket was closed under a handshake that took too long.
[[nodiscard]] Problem handshake_timeout(const std::string& where);

// Operations end with an error when the socket is closed under them.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Before anything else; nothing to do without TLS.
  virtual asio::awaitable<StreamResult> handshake() = 0;
  virtual asio::awaitable<StreamResult> write(asio::const_buffer octets) = 0;  // all of them
  virtual asio::awaitable<StreamResult> read(asio::mutable_buffer into) = 0;   // some
};

// What a handshake agreed on, and what the server showed.
struct TlsSession {
  std::string version;  // "TLSv1.3"
  std::string alpn;     // empty: none
  Bytes certificate;    // of the server, DER
};

class TlsByteStream : public ByteStream {
 public:
  // After a handshake that went well.
  [[nodiscard]] virtual TlsSession session() = 0;
};

// What all TLS connections of a thread share. TLS 1.2 or newer. Certificates are not verified, nor any chain walked:
// control is proven by content (BR 3.2.2.4.18, .19), or by rules of its own for the certificate (RFC 8737). So small
// keys and old digests are taken too: to refuse them would only hide what the server shows. Key exchanges are those on
// curves, or by RSA: a server could ask for a finite field of its own so large that computing in it would stop the
// thread.
class TlsSettings {
 public:
  TlsSettings();  // throws when OpenSSL does
  ~TlsSettings();
  TlsSettings(const TlsSettings&) = delete;
  TlsSettings& operator=(const TlsSettings&) = delete;

 private:
  friend std::unique_ptr<TlsByteStream> tls_stream(asio::ip::tcp::socket&, TlsSettings&, const std::string&,
                                                   std::string_view);
  struct Context;
  std::unique_ptr<Context> context_;
};

// Both use `socket`, which must outlive them.
[[nodiscard]] std::unique_ptr<ByteStream> plain_stream(asio::ip::tcp::socket& socket);
// `server_name` empty: no SNI (an address). `alpn` is the one protocol that is offered. Throws when OpenSSL does.
[[nodiscard]] std::unique_ptr<TlsByteStream> tls_stream(asio::ip::tcp::socket& socket, TlsSettings& settings,
                                                        const std::string& server_name, std::string_view alpn);

}  // namespace mpic::agent
