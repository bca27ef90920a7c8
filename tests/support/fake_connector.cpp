#include "tests/support/fake_connector.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

namespace mpic::test {

asio::awaitable<std::optional<Problem>> FakeConnector::connect(std::size_t index) {
  struct Counted {
    explicit Counted(FakeConnector& c) : connector(c) {
      connector.most_at_once = std::max(connector.most_at_once, ++connector.under_way);
    }
    ~Counted() { --connector.under_way; }
    FakeConnector& connector;
  } counted(*this);
  const std::string address = addresses_[index].text();
  begun.push_back(address);
  const auto found = doors_.find(address);
  const Door door =
      found == doors_.end() ? Door{std::chrono::milliseconds{1}, ProblemCode::kConnectionRefused} : found->second;
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock_.make_timer(executor);
  co_await timer->wait_until(clock_.steady_now() + door.delay);
  if (door.fails) co_return Problem(*door.fails, address, "as scripted");
  co_return std::nullopt;
}

bool is_connect_failure(ProblemCode code) {
  return code == ProblemCode::kConnectionRefused || code == ProblemCode::kConnectionTimeout ||
         code == ProblemCode::kNetworkUnreachable || code == ProblemCode::kNoIpv6Egress;
}

}  // namespace mpic::test
