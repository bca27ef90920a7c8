// Which address is tried when, which is taken, and what is told of the others; in virtual time.
#include "agent/net/race.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/fake_connector.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

// An address is "6" or "4", for its family, with a number; it opens after some milliseconds, or fails by a code then.
struct Lane {
  std::string address;
  Door door;
};

Lane opens(std::string address, milliseconds after) { return {std::move(address), {after, std::nullopt}}; }
Lane fails(std::string address, ProblemCode code, milliseconds after = 1ms) {
  return {std::move(address), {after, code}};
}
Lane silent(std::string address) { return opens(std::move(address), 1h); }

constexpr const char* kA6 = "2a02:6b8::1";
constexpr const char* kB6 = "2a02:6b8::2";
constexpr const char* kA4 = "203.113.7.1";
constexpr const char* kB4 = "203.113.7.2";

std::vector<IpAddress> addresses_of(const std::vector<Lane>& lanes) {
  std::vector<IpAddress> out;
  for (const Lane& lane : lanes) out.push_back(ip(lane.address));
  return out;
}

Doors doors_of(const std::vector<Lane>& lanes) {
  Doors out;
  for (const Lane& lane : lanes) out[lane.address] = lane.door;
  return out;
}

// "2a02:6b8::1 OUTPACED, 203.113.7.1 connected"
std::string told(const agent::RaceResult& result) {
  std::string out;
  for (const AddressTried& tried : result.tried) {
    out += (out.empty() ? "" : ", ") + tried.address.text() + ' ' +
           (tried.problem ? std::string(to_string(tried.problem->code)) : "connected");
  }
  return out;
}

struct Run {
  explicit Run(const std::vector<Lane>& lanes)
      : doors(doors_of(lanes)), addresses(addresses_of(lanes)), connector(time.clock, doors, addresses) {}

  agent::RaceResult race(milliseconds budget = 10s) {
    return time.run(agent::race(connector, addresses, 80, options, time.clock, time.in(budget)));
  }

  VirtualTime time;
  Doors doors;
  std::vector<IpAddress> addresses;
  FakeConnector connector;
  agent::RaceOptions options;
};

}  // namespace

TEST_CASE("the first that connects is taken, with a head start for those before (RFC 8305)", "[agent][net][race]") {
  struct Row {
    const char* what;
    std::vector<Lane> lanes;
    const char* told;
    milliseconds took;
  };
  const Row rows[] = {
      {"one address", {opens(kA4, 30ms)}, "203.113.7.1 connected", 30ms},
      {"within its head start IPv6 runs alone", {opens(kA6, 200ms), opens(kA4, 1ms)}, "2a02:6b8::1 connected", 200ms},
      {"after it IPv4 may overtake",
       {opens(kA6, 400ms), opens(kA4, 10ms)},
       "2a02:6b8::1 OUTPACED, 203.113.7.1 connected",
       260ms},
      {"or not", {opens(kA6, 300ms), opens(kA4, 100ms)}, "203.113.7.1 OUTPACED, 2a02:6b8::1 connected", 300ms},
      {"a failure gives the next its turn at once",
       {fails(kA6, ProblemCode::kConnectionRefused), opens(kA4, 10ms)},
       "2a02:6b8::1 CONNECTION_REFUSED, 203.113.7.1 connected",
       11ms},
      {"dead IPv6 costs a head start",
       {silent(kA6), opens(kA4, 1ms)},
       "2a02:6b8::1 OUTPACED, 203.113.7.1 connected",
       251ms},
      {"without IPv6 nothing is waited for",
       {fails(kA6, ProblemCode::kNoIpv6Egress, 0ms), fails(kB6, ProblemCode::kNoIpv6Egress, 0ms), opens(kA4, 5ms)},
       "2a02:6b8::1 NO_IPV6_EGRESS, 2a02:6b8::2 NO_IPV6_EGRESS, 203.113.7.1 connected",
       5ms},
      {"the last of many",
       {silent(kA6), silent(kB6), fails(kA4, ProblemCode::kConnectionRefused), opens(kB4, 10ms)},
       "203.113.7.1 CONNECTION_REFUSED, 2a02:6b8::1 OUTPACED, 2a02:6b8::2 OUTPACED, 203.113.7.2 connected",
       511ms},
      {"of two at the same moment the earlier in the order",
       {opens(kA6, 260ms), opens(kA4, 10ms)},
       "203.113.7.1 OUTPACED, 2a02:6b8::1 connected",
       260ms},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      Run run(row.lanes);
      const agent::RaceResult result = run.race();
      CHECK(told(result) == row.told);
      CHECK(run.time.elapsed() == row.took);
      CHECK_FALSE(result.problem);
      REQUIRE(result.connected);
      CHECK(result.tried.back().address == run.addresses[*result.connected]);
      CHECK(result.tried.back().port == 80);
      CHECK(run.connector.under_way == 0);
    }
}

TEST_CASE("when nobody connects, the try that tells most says why", "[agent][net][race]") {
  struct Row {
    const char* what;
    std::vector<Lane> lanes;
    ProblemCode code;
    const char* where;  // a part
    milliseconds took;
  };
  const auto refused = ProblemCode::kConnectionRefused;
  const Row rows[] = {
      {"IPv4 speaks for a site that has both",
       {fails(kA6, refused), fails(kA4, ProblemCode::kConnectionTimeout)},
       ProblemCode::kConnectionTimeout,
       kA4,
       2ms},
      {"wherever it stands in the order",
       {fails(kA4, refused), fails(kA6, ProblemCode::kConnectionTimeout)},
       refused,
       kA4,
       2ms},
      {"whichever ends last", {silent(kA6), fails(kA4, refused)}, refused, kA4, 3000ms},
      {"the last of IPv4", {fails(kA4, refused), fails(kB4, refused)}, refused, kB4, 2ms},
      {"a site that refuses over a perspective without IPv6",
       {fails(kA6, ProblemCode::kNoIpv6Egress), fails(kA4, refused)},
       refused,
       kA4,
       2ms},
      {"and over a network that does not lead there",
       {fails(kA6, refused), fails(kA4, ProblemCode::kNetworkUnreachable)},
       refused,
       kA6,
       2ms},
      {"a network that does not lead there over a perspective without IPv6",
       {fails(kA6, ProblemCode::kNetworkUnreachable), fails(kB6, ProblemCode::kNoIpv6Egress)},
       ProblemCode::kNetworkUnreachable,
       kA6,
       2ms},
      {"without IPv6, a site that has nothing else",
       {fails(kA6, ProblemCode::kNoIpv6Egress), fails(kB6, ProblemCode::kNoIpv6Egress)},
       ProblemCode::kNoIpv6Egress,
       kB6,
       2ms},
      {"each address has its own limit", {silent(kA6), silent(kA4)}, ProblemCode::kConnectionTimeout, kA4, 3250ms},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      Run run(row.lanes);
      const agent::RaceResult result = run.race();
      CHECK_FALSE(result.connected);
      REQUIRE(result.problem);
      CHECK(result.problem->code == row.code);
      CHECK_THAT(result.problem->where, Catch::Matchers::Contains(row.where));
      CHECK(result.tried.size() == row.lanes.size());
      for (const AddressTried& tried : result.tried) CHECK(tried.problem);
      CHECK(run.time.elapsed() == row.took);
      CHECK(run.connector.under_way == 0);
    }
}

TEST_CASE("a race ends at its deadline, and says what it had tried", "[agent][net][race]") {
  Run run({silent(kA6), silent(kA4), silent(kB4)});
  SECTION("in the middle") {
    const agent::RaceResult result = run.race(400ms);
    CHECK(run.time.elapsed() == 400ms);
    CHECK(told(result) == "2a02:6b8::1 CONNECTION_TIMEOUT, 203.113.7.1 CONNECTION_TIMEOUT");
    CHECK(result.problem->code == ProblemCode::kConnectionTimeout);
  }
  SECTION("before it began") {
    const agent::RaceResult result = run.race(0ms);
    CHECK(result.tried.empty());
    CHECK(result.problem->code == ProblemCode::kBudgetExhausted);
    CHECK(run.time.elapsed() == 0ms);
  }
}

TEST_CASE("a few addresses at a time, however many there are", "[agent][net][race]") {
  std::vector<Lane> lanes;
  for (int i = 1; i <= 15; ++i) lanes.push_back(silent("2a02:6b8::" + std::to_string(i)));
  lanes.push_back(opens(kA4, 1ms));
  Run run(lanes);
  const agent::RaceResult result = run.race(1min);
  CHECK(run.connector.most_at_once == agent::kMostDialledAtOnce);
  CHECK(result.connected == 15U);
  CHECK(result.tried.size() == kMaxAddresses);
  // Each of the four places is taken for 3 s: the sixteenth has its turn when the twelfth has ended.
  CHECK(run.time.elapsed() == 3 * 3000ms + 3 * 250ms + 1ms);
}

TEST_CASE("a cancelled race ends at once, and nothing of it goes on", "[agent][net][race]") {
  Run run({silent(kA6), silent(kA4)});
  asio::cancellation_signal signal;
  bool aborted = false;
  std::size_t under_way = 99;
  asio::co_spawn(run.time.context,
                 agent::race(run.connector, run.addresses, 80, run.options, run.time.clock, run.time.in(10s)),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, agent::RaceResult) {
                   under_way = run.connector.under_way;
                   try {
                     if (error) std::rethrow_exception(error);
                   } catch (const boost::system::system_error& e) {
                     aborted = e.code() == asio::error::operation_aborted;
                   }
                 }));
  SECTION("with two under way") {
    const auto canceller = [&]() -> asio::awaitable<int> {
      const auto timer = run.time.clock.make_timer(run.time.context.get_executor());
      co_await timer->wait_until(run.time.clock.steady_now() + 300ms);
      signal.emit(asio::cancellation_type::terminal);
      co_return 0;
    };
    run.time.run(canceller());
    CHECK(run.connector.begun.size() == 2);
    CHECK(run.time.elapsed() == 300ms);
  }
  SECTION("before it began") {
    signal.emit(asio::cancellation_type::terminal);
    run.time.clock.run(run.time.context);
    CHECK(run.time.elapsed() == 0ms);
  }
  CHECK(aborted);
  CHECK(under_way == 0);
}

TEST_CASE("a mistake of ours in a connector is thrown, not told as the site's", "[agent][net][race]") {
  struct Faulty final : agent::Connector {
    asio::awaitable<std::optional<Problem>> connect(std::size_t) override {
      throw std::logic_error("a bug");
      co_return std::nullopt;
    }
  } faulty;
  VirtualTime time;
  CHECK_THROWS_AS(time.run(agent::race(faulty, {ip(kA4)}, 80, agent::RaceOptions{}, time.clock, time.in(1s))),
                  std::logic_error);
}
