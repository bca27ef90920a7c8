#include "agent/net/byte_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace mpic::agent {
namespace {

using boost::system::error_code;

constexpr long kMaxChain = 100 * 1024;  // octets of all certificates that a server shows

// What OpenSSL says, in words that tell a site's owner something.
std::string tls_reason(error_code error) {
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255) {
    const int alert = reason - SSL_AD_REASON_OFFSET;
    const std::string name = SSL_alert_desc_string_long(alert);
    return "the server refused with the alert " + (name == "unknown" ? std::to_string(alert) : '"' + name + '"');
  }
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return "the server does not speak TLS on this port";
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return "the server speaks no TLS version from 1.2 on";
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return "the server's certificates are over " + std::to_string(kMaxChain) + " octets";
    default:
      return error.message();
  }
}

StreamResult result_of(error_code error, std::size_t octets) {
  StreamResult result;
  result.octets = octets;
  if (!error) return result;
  result.detail = error.message();
  // A peer that closes without TLS's close_notify has closed: whether the answer is whole is told by HTTP.
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    result.end = StreamEnd::kClosed;
  } else if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
             error == asio::error::connection_aborted) {
    result.end = StreamEnd::kReset;
  } else if (error.category() == asio::error::get_ssl_category()) {
    result.end = StreamEnd::kTls;
    result.detail = tls_reason(error);
  } else {
    result.end = StreamEnd::kOther;
  }
  return result;
}

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(asio::ip::tcp::socket& socket) : socket_(socket) {}

  asio::awaitable<StreamResult> handshake() override { co_return StreamResult{}; }

  asio::awaitable<StreamResult> write(asio::const_buffer octets) override {
    error_code error;
    const std::size_t n = co_await asio::async_write(socket_, octets, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

  asio::awaitable<StreamResult> read(asio::mutable_buffer into) override {
    error_code error;
    const std::size_t n = co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

 private:
  asio::ip::tcp::socket& socket_;
};

class TlsStream final : public TlsByteStream {
 public:
  TlsStream(asio::ip::tcp::socket& socket, asio::ssl::context& context, const std::string& server_name,
            std::string_view alpn)
      : stream_(socket, context) {
    if (!server_name.empty()) set_server_name(server_name);
    std::string offered(1, static_cast<char>(alpn.size()));
    offered += alpn;
    if (SSL_set_alpn_protos(stream_.native_handle(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size())) != 0) {
      throw std::runtime_error("OpenSSL does not take the protocol name " + std::string(alpn));
    }
  }

  asio::awaitable<StreamResult> handshake() override {
    error_code error;
    co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, 0);
  }

  asio::awaitable<StreamResult> write(asio::const_buffer octets) override {
    error_code error;
    const std::size_t n = co_await asio::async_write(stream_, octets, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

  asio::awaitable<StreamResult> read(asio::mutable_buffer into) override {
    error_code error;
    const std::size_t n = co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

  [[nodiscard]] TlsSession session() override {
    SSL* ssl = stream_.native_handle();
    TlsSession out;
    out.version = SSL_get_version(ssl);
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &length);
    if (length != 0) out.alpn.assign(protocol, protocol + length);
    if (const X509* certificate = SSL_get0_peer_certificate(ssl)) {
      const int size = i2d_X509(certificate, nullptr);
      if (size > 0) {
        out.certificate.resize(static_cast<std::size_t>(size));
        unsigned char* end = out.certificate.data();
        i2d_X509(certificate, &end);
      }
    }
    return out;
  }

 private:
  void set_server_name(std::string name) {  // what SSL_set_tlsext_host_name does, without its old-style cast
    if (SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1) {
      throw std::runtime_error("OpenSSL does not take the server name " + name);
    }
  }

  asio::ssl::stream<asio::ip::tcp::socket&> stream_;
};

}  // namespace

struct TlsSettings::Context {
  asio::ssl::context ssl{asio::ssl::context::tls_client};
};

TlsSettings::TlsSettings() : context_(std::make_unique<Context>()) {
  context_->ssl.set_verify_mode(asio::ssl::verify_none);
  SSL_CTX* native = context_->ssl.native_handle();
  char groups[] = "X25519:P-256:P-384:P-521:X448";  // SSL_CTX_set1_groups_list() would cast in the old style
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, "DEFAULT:!kDHE:@SECLEVEL=0") != 1 ||
      SSL_CTX_ctrl(native, SSL_CTRL_SET_GROUPS_LIST, 0, groups) != 1) {
    throw std::runtime_error("OpenSSL does not take the TLS settings");
  }
  SSL_CTX_set_cert_verify_callback(
      native, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  SSL_CTX_set_max_cert_list(native, kMaxChain);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
}

TlsSettings::~TlsSettings() = default;

std::unique_ptr<ByteStream> plain_stream(asio::ip::tcp::socket& socket) {
  return std::make_unique<PlainStream>(socket);
}

std::unique_ptr<TlsByteStream> tls_stream(asio::ip::tcp::socket& socket, TlsSettings& settings,
                                          const std::string& server_name, std::string_view alpn) {
  return std::make_unique<TlsStream>(socket, settings.context_->ssl, server_name, alpn);
}

Problem problem_of(const StreamResult& result, const std::string& where, const std::string& during) {
  switch (result.end) {
    case StreamEnd::kClosed:
      return Problem(ProblemCode::kConnectionClosed, where, "the server closed the connection during " + during);
    case StreamEnd::kReset:
      return Problem(ProblemCode::kConnectionReset, where, "the server reset the connection during " + during);
    case StreamEnd::kTls:
      return Problem(ProblemCode::kTlsFailed, where, "TLS failed during " + during + ": " + printable(result.detail));
    case StreamEnd::kNone:
    case StreamEnd::kOther:
      break;
  }
  return Problem(ProblemCode::kNetworkUnreachable, where, during + " failed: " + result.detail);
}

Problem handshake_timeout(const std::string& where) {
  return Problem(ProblemCode::kTlsTimeout, where,
                 "connected, but the TLS handshake did not end in time (the server may be slow or overloaded)");
}

}  // namespace mpic::agent
