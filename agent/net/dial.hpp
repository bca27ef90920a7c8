// From addresses to one connection: race.hpp over real sockets. The order of the addresses is the caller's: IPv6 first.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "agent/net/race.hpp"

namespace mpic::agent {

struct DialOptions : RaceOptions {
  std::optional<IpAddress> egress_ipv4;  // connections start from here; none: the system chooses
  std::optional<IpAddress> egress_ipv6;  // none: there is no IPv6, and each attempt says kNoIpv6Egress
};

struct Dialled {
  std::optional<asio::ip::tcp::socket> socket;  // connected, to the last of `tried`, whose problem is none
  std::vector<AddressTried> tried;              // in the order of their ends
  std::optional<Problem> problem;               // without a socket: why, by the try that tells most (race.hpp)

  Dialled() = default;
};

// Problems of tries: kConnectionRefused, kConnectionTimeout, kNetworkUnreachable, kNoIpv6Egress, kOutpaced; kInternal
// when no connection can start from here. Ends as race() does. `options` outlive it. Precondition: at least one
// address.
asio::awaitable<Dialled> dial(std::vector<IpAddress> addresses, std::uint16_t port, const DialOptions& options,
                              Clock& clock, Deadline deadline);

}  // namespace mpic::agent
