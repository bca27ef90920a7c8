// Who accepts connections, how slowly, and who does not, by script and in virtual time. Below the fakes of the HTTP and
// TLS clients, so that both connect by the real race (agent/net/race.hpp).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/net/race.hpp"

namespace mpic::test {

// What a connection meets at an address.
struct Door {
  std::chrono::milliseconds delay{1};  // until it is made, or fails
  std::optional<ProblemCode> fails;    // none: it is made
};

// By address (text). Where there is none, connections are refused.
using Doors = std::map<std::string, Door>;

class FakeConnector final : public agent::Connector {
 public:
  // `doors` outlives it.
  FakeConnector(Clock& clock, const Doors& doors, std::vector<IpAddress> addresses)
      : clock_(clock), doors_(doors), addresses_(std::move(addresses)) {}

  asio::awaitable<std::optional<Problem>> connect(std::size_t index) override;

  std::vector<std::string> begun;  // addresses, in the order of their turns
  std::size_t most_at_once = 0;
  std::size_t under_way = 0;

 private:
  Clock& clock_;
  const Doors& doors_;
  std::vector<IpAddress> addresses_;
};

// Of a connection that is not made; what follows one is another matter.
[[nodiscard]] bool is_connect_failure(ProblemCode code);

}  // namespace mpic::test
