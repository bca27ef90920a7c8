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
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
      result.detail = "the server does not speak TLS on this port";
    }
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
    const std::size_t n =
        co_await asio::async_write(socket_, octets, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

  asio::awaitable<StreamResult> read(asio::mutable_buffer into) override {
    error_code error;
    const std::size_t n =
        co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

 private:
  asio::ip::tcp::socket& socket_;
};

class TlsStream final : public ByteStream {
 public:
  TlsStream(asio::ip::tcp::socket& socket, asio::ssl::context& context, const std::string& server_name)
      : stream_(socket, context) {
    if (!server_name.empty()) set_server_name(server_name);
  }

  asio::awaitable<StreamResult> handshake() override {
    error_code error;
    co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, 0);
  }

  asio::awaitable<StreamResult> write(asio::const_buffer octets) override {
    error_code error;
    const std::size_t n =
        co_await asio::async_write(stream_, octets, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

  asio::awaitable<StreamResult> read(asio::mutable_buffer into) override {
    error_code error;
    const std::size_t n =
        co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    co_return result_of(error, n);
  }

 private:
  void set_server_name(std::string name) {  // what SSL_set_tlsext_host_name does, without its old-style cast
    if (SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 name.data()) != 1) {
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
  // Sites are taken as they are, old key sizes included, since nothing rests on their certificate.
  constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, "DEFAULT:@SECLEVEL=1") != 1 ||
      SSL_CTX_set_alpn_protos(native, kHttp11, sizeof kHttp11) != 0) {
    throw std::runtime_error("OpenSSL does not take the TLS settings of the HTTP client");
  }
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
}

TlsSettings::~TlsSettings() = default;

std::unique_ptr<ByteStream> plain_stream(asio::ip::tcp::socket& socket) {
  return std::make_unique<PlainStream>(socket);
}

std::unique_ptr<ByteStream> tls_stream(asio::ip::tcp::socket& socket, TlsSettings& settings,
                                       const std::string& server_name) {
  return std::make_unique<TlsStream>(socket, settings.context_->ssl, server_name);
}

}  // namespace mpic::agent
