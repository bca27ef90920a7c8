#include "agent/net/socket_http_client.hpp"

#include <algorithm>
#include <array>

#include "agent/net/http_response_reader.hpp"
#include "agent/net/watchdog.hpp"

namespace mpic::agent {
namespace {

using asio::ip::tcp;

constexpr std::string_view kHttp11 = "http/1.1";  // ALPN (RFC 7301 6)

// The first line and header, or nothing when the target would break out of its line.
std::optional<std::string> request_text(const rules::HttpTarget& target, const std::string& user_agent) {
  const std::string host = target.host_header();
  const auto unfit = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  if (std::any_of(target.path_query.begin(), target.path_query.end(), unfit) ||
      std::any_of(host.begin(), host.end(), unfit)) {
    return std::nullopt;
  }
  return "GET " + target.path_query + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: " + user_agent +
         "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

HttpExchange without_connection(Dialled dialled) {
  HttpExchange out(Unexpected(*std::move(dialled.problem)));
  out.tried = std::move(dialled.tried);
  return out;
}

}  // namespace

// One request on its own connection.
class SocketHttpClient::Connection {
 public:
  Connection(tcp::socket socket, std::string where)
      : where_(std::move(where)), socket_(std::move(socket)), watchdog_(socket_) {}

  asio::awaitable<Expected<HttpReply>> exchange(SocketHttpClient& client, const HttpRequest& request,
                                                const std::string& text, Deadline deadline) {
    const auto* name = std::get_if<DnsName>(&request.target.host);
    std::unique_ptr<ByteStream> stream;
    if (request.target.https) {
      stream = tls_stream(socket_, client.tls_, name != nullptr ? name->text() : "", kHttp11);
      watchdog_.set(deadline.at_most(client.clock_, client.options_.handshake_limit).at());
      const StreamResult agreed = co_await stream->handshake();
      if (agreed.end != StreamEnd::kNone) co_return Unexpected(handshake_problem(agreed));
    } else {
      stream = plain_stream(socket_);
    }
    watchdog_.set(deadline.at_most(client.clock_, client.options_.exchange_limit).at());
    const StreamResult sent = co_await stream->write(asio::buffer(text));
    // A server that has answered and closed before it read everything is still heard.
    if (sent.end != StreamEnd::kNone && sent.end != StreamEnd::kReset) {
      co_return Unexpected(exchange_problem(sent, "the request"));
    }
    co_return co_await read_answer(*stream, request.body_limit);
  }

 private:
  asio::awaitable<Expected<HttpReply>> read_answer(ByteStream& stream, std::size_t body_limit) {
    HttpResponseReader reader(where_, body_limit);
    std::array<char, 8192> buffer;
    for (;;) {
      const StreamResult read = co_await stream.read(asio::buffer(buffer));
      if (read.octets != 0) {
        const Expected<bool> complete = reader.feed({buffer.data(), read.octets});
        if (!complete) co_return Unexpected(complete.error());
        if (*complete) co_return reader.take();
      }
      if (read.end == StreamEnd::kNone) continue;
      if (read.end == StreamEnd::kClosed) {
        if (const auto ended = reader.end_of_stream(); !ended) co_return Unexpected(ended.error());
        co_return reader.take();
      }
      if (reader.has_error_status()) co_return reader.take();
      co_return Unexpected(exchange_problem(read, "the answer"));
    }
  }

  [[nodiscard]] Problem handshake_problem(const StreamResult& result) const {
    return watchdog_.fired() ? handshake_timeout(where_) : problem_of(result, where_, kTheHandshake);
  }

  [[nodiscard]] Problem exchange_problem(const StreamResult& result, const std::string& during) const {
    if (!watchdog_.fired()) return problem_of(result, where_, during);
    return Problem(ProblemCode::kReadTimeout, where_,
                   "timeout during " + during + ", after a connection was made (the server may be slow or overloaded)");
  }

  std::string where_;
  tcp::socket socket_;
  Watchdog watchdog_;
};

SocketHttpClient::SocketHttpClient(Clock& clock, HttpOptions options) : clock_(clock), options_(std::move(options)) {}

asio::awaitable<HttpExchange> SocketHttpClient::get(HttpRequest request, Deadline deadline) {
  const std::optional<std::string> text = request_text(request.target, options_.user_agent);
  if (!text) {
    co_return HttpExchange(
        fail(ProblemCode::kInternal, printable(request.target.url(), kMaxUrl), "the URL does not fit a request line"));
  }
  Dialled dialled = co_await dial(request.addresses, request.port, options_, clock_, deadline);
  if (!dialled.socket) co_return without_connection(std::move(dialled));
  AddressTried& connected = dialled.tried.back();
  Connection connection(*std::move(dialled.socket), place(connected.address, connected.port));
  HttpExchange made(co_await connection.exchange(*this, request, *text, deadline));
  if (!made.reply) connected.problem = made.reply.error();
  made.tried = std::move(dialled.tried);
  co_return made;
}

}  // namespace mpic::agent
