#include "agent/net/dial.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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
    return Problem(ProblemCode::kNetworkUnreachable, where, "cannot be reached from here: " + error.message());
  }
  return Problem(ProblemCode::kInternal, where, "connect failed: " + error.message());
}

// A socket for each address; the race says which of them are made.
class Sockets final : public Connector {
 public:
  Sockets(asio::any_io_executor executor, const std::vector<IpAddress>& addresses, std::uint16_t port,
          const DialOptions& options)
      : executor_(std::move(executor)),
        addresses_(addresses),
        port_(port),
        options_(options),
        connected_(addresses.size()) {}

  asio::awaitable<std::optional<Problem>> connect(std::size_t index) override {
    const IpAddress& address = addresses_[index];
    const std::optional<IpAddress>& egress = address.is_v4() ? options_.egress_ipv4 : options_.egress_ipv6;
    if (!address.is_v4() && !egress) {
      co_return Problem(ProblemCode::kNoIpv6Egress, place(address, port_), "this perspective has no IPv6");
    }
    const tcp::endpoint remote = endpoint_of(address, port_);
    tcp::socket socket(executor_);  // closed when this ends otherwise
    error_code error;
    socket.open(remote.protocol(), error);
    if (!error && egress) socket.bind(endpoint_of(*egress, 0), error);
    if (error) {
      co_return Problem(ProblemCode::kInternal, egress ? egress->text() : place(address, port_),
                        "no connection can start from here: " + error.message());
    }
    co_await socket.async_connect(remote, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return connect_problem(error, place(address, port_));
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    connected_[index] = std::move(socket);
    co_return std::nullopt;
  }

  [[nodiscard]] tcp::socket take(std::size_t index) { return *std::move(connected_[index]); }

 private:
  asio::any_io_executor executor_;
  const std::vector<IpAddress>& addresses_;
  std::uint16_t port_;
  const DialOptions& options_;
  std::vector<std::optional<tcp::socket>> connected_;
};

}  // namespace

asio::awaitable<Dialled> dial(std::vector<IpAddress> addresses, std::uint16_t port, const DialOptions& options,
                              Clock& clock, Deadline deadline) {
  Sockets sockets(co_await asio::this_coro::executor, addresses, port, options);
  RaceResult result = co_await race(sockets, addresses, port, options, clock, deadline);
  Dialled dialled;
  if (result.connected) dialled.socket = sockets.take(*result.connected);
  dialled.tried = std::move(result.tried);
  dialled.problem = std::move(result.problem);
  co_return dialled;
}

}  // namespace mpic::agent
