// Which of several addresses is connected to, and when each is tried (after RFC 8305). What connecting is, is somebody
// else's affair: real sockets (dial.hpp), or a test's script in virtual time.
//
// The first address is tried at once; the next one when one has failed, or after a short head start, while those before
// go on; and so forth, a few at a time. The first that connects is taken. The others are given up and recorded as
// kOutpaced.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

struct RaceOptions {
  std::chrono::milliseconds connect_limit{3000};  // of one address
  std::chrono::milliseconds head_start{250};      // of an address before the next one
};

inline constexpr std::size_t kMostDialledAtOnce = 4;  // of one race

class Connector {
 public:
  virtual ~Connector() = default;
  // Connects to the address at this place in the order; none: it is connected, and stays so. Ends at once when it is
  // cancelled (asio's cancellation slot), by whatever result or exception. Several are under way at the same time.
  virtual asio::awaitable<std::optional<Problem>> connect(std::size_t index) = 0;
};

struct RaceResult {
  std::optional<std::size_t> connected;  // place in the order of addresses
  std::vector<AddressTried> tried;       // in the order of their ends; who connected is the last
  std::optional<Problem> problem;        // when nobody connected

  RaceResult() = default;
};

// Runs on the current executor and ends at the deadline at the latest; when it returns, nothing of it goes on.
// Cancelling the caller ends it with operation_aborted, when all that it started has ended.
//
// The problem is that of the try that tells most of the target: one that refused or timed out before an address that
// cannot be reached from here (kNetworkUnreachable, kInternal), and that before kNoIpv6Egress; among equals one of
// IPv4, which most sites are made for, and then the last in the order of addresses. kBudgetExhausted when there was no
// time to try any. `connector` outlives the race. Precondition: at least one address.
asio::awaitable<RaceResult> race(Connector& connector, std::vector<IpAddress> addresses, std::uint16_t port,
                                 RaceOptions options, Clock& clock, Deadline deadline);

// "192.0.2.1:80", "[2001:db8::1]:80": how problems name an address.
[[nodiscard]] std::string place(const IpAddress& address, std::uint16_t port);

}  // namespace mpic::agent
