#include "coordinator/rest/http_connection.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/domain/ascii.hpp"
#include "common/domain/version.hpp"

namespace mpic::coordinator {
namespace {

namespace http = beast::http;
using beast::error_code;

constexpr std::size_t kReadAtOnce = 16 * 1024;
constexpr std::chrono::seconds kGoodbye{2};
constexpr unsigned kUnauthorized = 401;

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

// "application/json; charset=utf-8" is application/json.
std::string media_type(beast::string_view field) {
  const std::string text = lowered(text_of(field));
  const std::size_t end =
      text.find_last_not_of(" \t", text.find(';') == std::string::npos ? text.size() : text.find(';') - 1);
  return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

std::vector<std::string_view> values_of(const http::request<http::string_body>& message, beast::string_view name) {
  std::vector<std::string_view> out;
  const auto [begin, end] = message.equal_range(name);
  for (auto field = begin; field != end; ++field) out.emplace_back(field->value().data(), field->value().size());
  return out;
}

HttpRequest request_of(http::request<http::string_body> message, const Credentials& who) {
  HttpRequest out;
  out.method = text_of(message.method_string());
  const std::string target = text_of(message.target());
  const std::size_t mark = target.find('?');
  out.path = target.substr(0, mark);
  if (mark != std::string::npos) out.query = target.substr(mark + 1);
  out.content_type = media_type(message[http::field::content_type]);
  out.who = who;
  out.who.api_key = api_key_shown(values_of(message, "x-api-key"), values_of(message, "authorization"));
  out.body = std::move(message.body());
  return out;
}

http::response<http::string_body> response_of(HttpReply reply, unsigned version, bool keep_alive) {
  http::response<http::string_body> out;
  out.version(version);
  out.result(reply.status);
  out.set(http::field::server, fmt::format("mpic-coordinator/{}", kSoftwareVersion));
  out.set(http::field::content_type, reply.content_type);
  out.set(http::field::cache_control, "no-store");
  if (!reply.allow.empty()) out.set(http::field::allow, reply.allow);
  if (reply.status == kUnauthorized) out.set(http::field::www_authenticate, "Bearer");  // RFC 9110 15.5.2
  if (reply.retry_after) out.set(http::field::retry_after, std::to_string(reply.retry_after->count()));
  out.keep_alive(keep_alive);
  out.body() = std::move(reply.body);
  out.prepare_payload();
  return out;
}

// What is wrong with a request that cannot be read; none: nobody is there who could be told.
std::optional<HttpReply> refusal(error_code error) {
  if (error == http::error::header_limit) return http_error(431, "the request's header is too long");
  if (error == http::error::body_limit) return http_error(413, "the request's body is too long");
  if (error == beast::error::timeout) return http_error(408, "the request took too long");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  const bool is_http = error.category() == http::make_error_code(http::error::bad_method).category();
  return is_http ? std::optional(http_error(400, "the request is no HTTP/1.1")) : std::nullopt;
}

std::vector<std::string> sans_of(SSL* ssl) {
  std::vector<std::string> out;
  if (SSL_get_verify_result(ssl) != X509_V_OK) return out;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
  if (certificate == nullptr) return out;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->type == GEN_DNS ? name->d.dNSName : name->d.uniformResourceIdentifier;
    const auto* begin = ASN1_STRING_get0_data(text);
    out.emplace_back(begin, begin + ASN1_STRING_length(text));
  }
  return out;
}

template <class Stream>
class Connection final : public OpenConnection, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, HttpHost& host, Credentials who)
      : stream_(std::move(stream)), host_(host), who_(std::move(who)) {}

  void end() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->is_idle_) beast::get_lowest_layer(self->stream_).cancel();
    });
  }

  [[nodiscard]] Stream& stream() { return stream_; }
  void knows(std::vector<std::string> sans) { who_.sans = std::move(sans); }

  asio::awaitable<void> serve() {
    while (!host_.closing) {
      if (!co_await wait_for_request()) co_return;
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(host_.limits.header_octets));
      parser.body_limit(host_.limits.body_octets);
      const error_code error = co_await read(parser);
      if (error) {
        auto reply = refusal(error);
        if (reply) co_await answer(*std::move(reply), 11, false);
        co_return co_await say_goodbye();
      }
      const unsigned version = parser.get().version();
      const bool keep = parser.keep_alive();
      HttpReply reply = co_await host_.handler(request_of(parser.release(), who_));
      const bool stays = keep && !host_.closing;
      if (!co_await answer(std::move(reply), version, stays)) co_return;
      if (!stays) co_return co_await say_goodbye();
    }
  }

 private:
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  // False: nobody asks any more.
  asio::awaitable<bool> wait_for_request() {
    if (buffer_.size() != 0) co_return true;  // it came with the one before
    is_idle_ = true;
    lowest().expires_after(host_.limits.idle);
    error_code error;
    const std::size_t octets = co_await stream_.async_read_some(buffer_.prepare(kReadAtOnce), into(error));
    is_idle_ = false;
    if (error) co_return false;
    buffer_.commit(octets);
    co_return true;
  }

  // In time, or error::timeout. Beast's own timeout closes the socket, and nobody could be told 408.
  asio::awaitable<error_code> read(http::request_parser<http::string_body>& parser) {
    struct State {
      bool is_late = false;
      bool is_over = false;
    };
    const auto state = std::make_shared<State>();
    lowest().expires_after(host_.limits.request + kGoodbye);  // should the cancelling come between two readings
    asio::steady_timer timer(stream_.get_executor(), host_.limits.request);
    timer.async_wait([self = this->shared_from_this(), state](const error_code& cancelled) {
      if (cancelled || state->is_over) return;
      state->is_late = true;
      self->lowest().cancel();
    });
    const error_code error = co_await read_all(parser);
    state->is_over = true;
    co_return state->is_late ? error_code(beast::error::timeout) : error;
  }

  asio::awaitable<error_code> read_all(http::request_parser<http::string_body>& parser) {
    error_code error;
    co_await http::async_read_header(stream_, buffer_, parser, into(error));
    if (error) co_return error;
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on{http::status::continue_, parser.get().version()};
      co_await http::async_write(stream_, go_on, into(error));
      if (error) co_return error;
    }
    co_await http::async_read(stream_, buffer_, parser, into(error));
    co_return error;
  }

  asio::awaitable<bool> answer(HttpReply reply, unsigned version, bool keep_alive) {
    const auto message = response_of(std::move(reply), version, keep_alive);
    lowest().expires_after(host_.limits.request);
    error_code error;
    co_await http::async_write(stream_, message, into(error));
    co_return !error;
  }

  // Closing with unread octets resets the connection, and may take the answer with it: read on for a moment.
  asio::awaitable<void> say_goodbye() {
    lowest().expires_after(kGoodbye);
    error_code error;
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      co_await stream_.async_shutdown(into(error));
    } else {
      lowest().socket().shutdown(asio::socket_base::shutdown_send, error);
      std::array<char, 1024> rest{};
      while (!error) co_await stream_.async_read_some(asio::buffer(rest), into(error));
    }
  }

  Stream stream_;
  HttpHost& host_;
  Credentials who_;
  beast::flat_buffer buffer_{kReadAtOnce * 8};
  bool is_idle_ = false;  // used on the connection's thread alone
};

}  // namespace

HttpReply http_error(unsigned status, std::string_view message) {
  std::string name = text_of(http::obsolete_reason(http::int_to_status(status)));
  for (char& c : name) c = c == ' ' ? '-' : lowered(c);
  return {status, boost::json::serialize(boost::json::object{{"error", name}, {"message", message}}) + "\n"};
}

asio::awaitable<void> serve_plain(TcpStream stream, HttpHost& host, Credentials who, OnMade made) {
  const auto connection = std::make_shared<Connection<TcpStream>>(std::move(stream), host, std::move(who));
  made(connection);
  co_await connection->serve();
}

asio::awaitable<void> serve_unix(UnixStream stream, HttpHost& host, Credentials who, OnMade made) {
  const auto connection = std::make_shared<Connection<UnixStream>>(std::move(stream), host, std::move(who));
  made(connection);
  co_await connection->serve();
}

asio::awaitable<void> serve_tls(TlsStream stream, std::shared_ptr<asio::ssl::context> context, HttpHost& host,
                                Credentials who, OnMade made) {
  (void)context;  // which the stream points into
  const auto connection = std::make_shared<Connection<TlsStream>>(std::move(stream), host, std::move(who));
  made(connection);
  beast::get_lowest_layer(connection->stream()).expires_after(host.limits.request);
  error_code error;
  co_await connection->stream().async_handshake(asio::ssl::stream_base::server, into(error));
  if (error) co_return;
  connection->knows(sans_of(connection->stream().native_handle()));
  co_await connection->serve();
}

asio::awaitable<void> turn_away(TcpStream stream) {
  HttpReply reply = http_error(503, "too many connections");
  reply.retry_after = std::chrono::seconds(1);
  const auto message = response_of(std::move(reply), 11, false);
  stream.expires_after(kGoodbye);
  error_code error;
  co_await http::async_write(stream, message, into(error));
  stream.socket().shutdown(asio::socket_base::shutdown_both, error);
}

}  // namespace mpic::coordinator
