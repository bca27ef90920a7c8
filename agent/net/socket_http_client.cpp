#include "agent/net/socket_http_client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "agent/net/http_response_reader.hpp"

namespace mpic::agent {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  const auto octets = address.octets();
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy(octets.begin(), octets.end(), bytes.begin());
    return {asio::ip::address_v4(bytes), port};
  }
  asio::ip::address_v6::bytes_type bytes;
  std::copy(octets.begin(), octets.end(), bytes.begin());
  return {asio::ip::address_v6(bytes), port};
}

std::string place(const IpAddress& address, std::uint16_t port) {
  return (address.is_v4() ? address.text() : '[' + address.text() + ']') + ':' + std::to_string(port);
}

// Closes the socket at a moment; whatever is under way on it then ends.
class Watchdog {
 public:
  explicit Watchdog(tcp::socket& socket)
      : timer_(socket.get_executor()), state_(std::make_shared<State>(&socket)) {}
  ~Watchdog() { state_->socket = nullptr; }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void set(SteadyPoint when) {
    timer_.expires_at(when);
    timer_.async_wait([state = state_, round = ++state_->round](error_code error) {
      if (error || round != state->round || state->socket == nullptr) return;
      state->fired = true;
      error_code ignored;
      state->socket->close(ignored);
    });
  }
  [[nodiscard]] bool fired() const { return state_->fired; }

 private:
  struct State {
    explicit State(tcp::socket* s) : socket(s) {}
    tcp::socket* socket;
    unsigned round = 0;  // a wait that was replaced may have ended already
    bool fired = false;
  };
  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

Problem connect_problem(error_code error, const std::string& where) {
  if (error == asio::error::connection_refused || error == asio::error::connection_reset) {
    return Problem(ProblemCode::kConnectionRefused, where, "connection refused");
  }
  if (error == asio::error::timed_out) {
    return Problem(ProblemCode::kConnectionTimeout, where, "timeout during connect (likely a firewall)");
  }
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
      error == asio::error::access_denied || error == asio::error::no_permission ||
      error == asio::error::network_down) {
    return Problem(ProblemCode::kNetworkUnreachable, where,
                   "cannot be reached from here: " + error.message());
  }
  return Problem(ProblemCode::kInternal, where, "connect failed: " + error.message());
}

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

}  // namespace

// One request on its own connection.
class SocketHttpClient::Connection {
 public:
  Connection(asio::any_io_executor executor, const HttpRequest& request)
      : where_(place(request.address, request.port)), socket_(std::move(executor)), watchdog_(socket_) {}

  asio::awaitable<Expected<void>> connect(const HttpRequest& request, const std::optional<IpAddress>& egress,
                                          SteadyPoint until) {
    const tcp::endpoint remote = endpoint_of(request.address, request.port);
    error_code error;
    socket_.open(remote.protocol(), error);
    if (!error && egress) socket_.bind(endpoint_of(*egress, 0), error);
    if (error) {
      co_return fail(ProblemCode::kInternal, egress ? egress->text() : where_,
                     "no connection can start from here: " + error.message());
    }
    watchdog_.set(until);
    co_await socket_.async_connect(remote, asio::redirect_error(asio::use_awaitable, error));
    if (watchdog_.fired()) error = asio::error::timed_out;
    if (error) co_return Unexpected(connect_problem(error, where_));
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    co_return Expected<void>{};
  }

  asio::awaitable<Expected<HttpReply>> exchange(const HttpRequest& request, const std::string& text,
                                                TlsSettings& tls, SteadyPoint until) {
    watchdog_.set(until);
    const auto* name = std::get_if<DnsName>(&request.target.host);
    const auto stream = request.target.https ? tls_stream(socket_, tls, name != nullptr ? name->text() : "")
                                             : plain_stream(socket_);
    const StreamResult agreed = co_await stream->handshake();
    if (agreed.end != StreamEnd::kNone) co_return Unexpected(problem_of(agreed, "the TLS handshake"));
    const StreamResult sent = co_await stream->write(asio::buffer(text));
    // A server that has answered and closed before it read everything is still heard.
    if (sent.end != StreamEnd::kNone && sent.end != StreamEnd::kReset) {
      co_return Unexpected(problem_of(sent, "the request"));
    }
    HttpResponseReader reader(where_, request.body_limit);
    std::array<char, 8192> buffer;
    for (;;) {
      const StreamResult read = co_await stream->read(asio::buffer(buffer));
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
      co_return Unexpected(problem_of(read, "the answer"));
    }
  }

 private:
  Problem problem_of(const StreamResult& result, const std::string& during) const {
    if (watchdog_.fired()) {
      return Problem(ProblemCode::kReadTimeout, where_,
                     "timeout during " + during +
                         ", after a connection was made (the server may be slow or overloaded)");
    }
    switch (result.end) {
      case StreamEnd::kClosed:
        return Problem(ProblemCode::kConnectionClosed, where_,
                       "the server closed the connection during " + during);
      case StreamEnd::kReset:
        return Problem(ProblemCode::kConnectionReset, where_,
                       "the server reset the connection during " + during);
      case StreamEnd::kTls:
        return Problem(ProblemCode::kTlsFailed, where_,
                       "TLS failed during " + during + ": " + printable(result.detail));
      case StreamEnd::kNone:
      case StreamEnd::kOther:
        break;
    }
    return Problem(ProblemCode::kNetworkUnreachable, where_, during + " failed: " + result.detail);
  }

  std::string where_;
  tcp::socket socket_;
  Watchdog watchdog_;
};

SocketHttpClient::SocketHttpClient(Clock& clock, HttpOptions options)
    : clock_(clock), options_(std::move(options)) {}

asio::awaitable<Expected<HttpReply>> SocketHttpClient::get(HttpRequest request, Deadline deadline) {
  const std::string where = place(request.address, request.port);
  const bool v4 = request.address.is_v4();
  if (!v4 && !options_.egress_ipv6) {
    co_return fail(ProblemCode::kNoIpv6Egress, where, "this perspective has no IPv6");
  }
  const std::optional<std::string> text = request_text(request.target, options_.user_agent);
  if (!text) co_return fail(ProblemCode::kInternal, where, "the URL does not fit a request line");
  const auto executor = co_await asio::this_coro::executor;
  Connection connection(executor, request);
  const SteadyPoint connect_until = deadline.at_most(clock_, options_.connect_limit).at();
  const auto connected =
      co_await connection.connect(request, v4 ? options_.egress_ipv4 : options_.egress_ipv6, connect_until);
  if (!connected) co_return Unexpected(connected.error());
  co_return co_await connection.exchange(request, *text, tls_, deadline.at());
}

}  // namespace mpic::agent
