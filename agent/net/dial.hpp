// From addresses to one connection: each gets its turn, and a dead one costs little (after RFC 8305).
//
// The first is tried at once; the next one when it has failed, or after a short head start, while the first goes on; and so
// forth. The first that connects is taken, the others are given up (kOutpaced). The order is the caller's: IPv6 first.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

namespace asio = boost::asio;

struct DialOptions {
  std::optional<IpAddress> egress_ipv4;  // connections start from here; none: the system chooses
  std::optional<IpAddress> egress_ipv6;  // none: there is no IPv6, and each attempt says kNoIpv6Egress
  std::chrono::milliseconds connect_limit{3000};  // of one address
  std::chrono::milliseconds head_start{250};      // of an address before the next one
};

struct Dialled {
  std::optional<asio::ip::tcp::socket> socket;  // connected, to the last of `tried`, whose problem is none
  std::vector<AddressTried> tried;              // in the order of their ends
  std::optional<Problem> problem;               // without a socket: why, by the try that tells most

  Dialled() = default;
};

// Problems: kConnectionRefused, kConnectionTimeout, kNetworkUnreachable, kNoIpv6Egress. Ends at the deadline at the latest;
// when it returns, nothing of it goes on.
asio::awaitable<Dialled> dial(std::vector<IpAddress> addresses, std::uint16_t port, const DialOptions& options, Clock& clock,
                              Deadline deadline);

}  // namespace mpic::agent
