// dial() over real sockets of both families on loopback: who is connected to, what is told of the others, and that
// nothing is left behind.
#include "agent/net/dial.hpp"

#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/real_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

void waits(const Victim& victim) { victim.wait(1h); }

agent::DialOptions both_families() {
  agent::DialOptions options;
  options.egress_ipv6 = ip("::1");
  options.connect_limit = 400ms;
  options.head_start = 100ms;
  return options;
}

// "::1 OUTPACED, 127.0.0.1 connected"
std::string told(const agent::Dialled& dialled) {
  std::string out;
  for (const AddressTried& tried : dialled.tried) {
    out += (out.empty() ? "" : ", ") + tried.address.text() + ' ' +
           (tried.problem ? std::string(to_string(tried.problem->code)) : "connected");
  }
  return out;
}

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

struct Dial {
  RealTime time;
  agent::DialOptions options = both_families();

  agent::Dialled to(const std::vector<std::string>& addresses, std::uint16_t port, milliseconds budget = 5s) {
    std::vector<IpAddress> parsed;
    for (const std::string& address : addresses) parsed.push_back(ip(address));
    return time.run(agent::dial(std::move(parsed), port, options, time.clock, time.in(budget)));
  }
};

}  // namespace

TEST_CASE("one address of either family is connected to", "[dial]") {
  for (const std::string address : {"127.0.0.1", "::1"}) DYNAMIC_SECTION(address) {
      HostileServer server(waits, address);
      Dial dial;
      const agent::Dialled dialled = dial.to({address}, server.port());
      REQUIRE(dialled.socket);
      CHECK(dialled.socket->remote_endpoint().address().to_string() == address);
      CHECK(dialled.socket->remote_endpoint().port() == server.port());
      CHECK(told(dialled) == address + " connected");
      CHECK(dialled.tried.back().port == server.port());
      CHECK_FALSE(dialled.problem);
    }
}

TEST_CASE("an address that refuses gives the next its turn at once", "[dial]") {
  HostileServer server(waits);
  Dial dial;
  const agent::Dialled dialled = dial.to({"::1", "127.0.0.2", "127.0.0.1"}, server.port());
  REQUIRE(dialled.socket);
  CHECK(told(dialled) == "::1 CONNECTION_REFUSED, 127.0.0.2 CONNECTION_REFUSED, 127.0.0.1 connected");
  CHECK(dial.time.took < 80ms);
}

TEST_CASE("dead IPv6 costs a head start, not the time of its limit", "[dial]") {
  HostileServer server(waits);
  const DeafPort deaf("::1", server.port());
  Dial dial;
  const agent::Dialled dialled = dial.to({"::1", "127.0.0.1"}, server.port());
  REQUIRE(dialled.socket);
  CHECK(told(dialled) == "::1 OUTPACED, 127.0.0.1 connected");
  CHECK(dial.time.took >= 100ms);
  CHECK(dial.time.took < 250ms);
}

TEST_CASE("an address that swallows connections ends at its limit (likely firewall problem)", "[dial]") {
  const DeafPort deaf;
  Dial dial;
  const agent::Dialled dialled = dial.to({"127.0.0.1"}, deaf.port());
  CHECK_FALSE(dialled.socket);
  REQUIRE(dialled.problem);
  CHECK(dialled.problem->code == ProblemCode::kConnectionTimeout);
  CHECK(dialled.problem->where == "127.0.0.1:" + std::to_string(deaf.port()));
  CHECK(dial.time.took >= 400ms);
  CHECK(dial.time.took < 800ms);
}

TEST_CASE("and at the deadline, when that comes first", "[dial]") {
  const DeafPort deaf;
  Dial dial;
  const agent::Dialled dialled = dial.to({"127.0.0.1", "127.0.0.1"}, deaf.port(), 150ms);
  CHECK(told(dialled) == "127.0.0.1 CONNECTION_TIMEOUT, 127.0.0.1 CONNECTION_TIMEOUT");
  CHECK(dial.time.took >= 150ms);
  CHECK(dial.time.took < 250ms);
}

TEST_CASE("a port that nobody listens on", "[dial]") {
  Dial dial;
  const agent::Dialled dialled = dial.to({"::1", "127.0.0.1"}, 9);
  REQUIRE(dialled.problem);
  CHECK(dialled.problem->code == ProblemCode::kConnectionRefused);
  CHECK(dialled.problem->where == "127.0.0.1:9");
  CHECK(told(dialled) == "::1 CONNECTION_REFUSED, 127.0.0.1 CONNECTION_REFUSED");
}

TEST_CASE("a perspective without IPv6 says so, and loses no time", "[dial]") {
  Dial dial;
  dial.options.egress_ipv6.reset();
  SECTION("alone") {
    const agent::Dialled dialled = dial.to({"::1"}, 9);
    CHECK(dialled.problem->code == ProblemCode::kNoIpv6Egress);
    CHECK(dialled.problem->where == "[::1]:9");
  }
  SECTION("before IPv4") {
    HostileServer server(waits);
    const agent::Dialled dialled = dial.to({"::1", "2001:db8::1", "127.0.0.1"}, server.port());
    CHECK(told(dialled) == "::1 NO_IPV6_EGRESS, 2001:db8::1 NO_IPV6_EGRESS, 127.0.0.1 connected");
  }
  CHECK(dial.time.took < 80ms);
}

TEST_CASE("an egress address that this host does not have is our fault", "[dial]") {
  Dial dial;
  dial.options.egress_ipv4 = ip("203.0.113.77");
  const agent::Dialled dialled = dial.to({"127.0.0.1"}, 9);
  CHECK(dialled.problem->code == ProblemCode::kInternal);
  CHECK(dialled.problem->where == "203.0.113.77");
}

TEST_CASE("connections leave from the egress address", "[dial]") {
  HostileServer server(waits);
  Dial dial;
  dial.options.egress_ipv4 = ip("127.0.0.9");
  const agent::Dialled dialled = dial.to({"127.0.0.1"}, server.port());
  REQUIRE(dialled.socket);
  CHECK(dialled.socket->local_endpoint().address().to_string() == "127.0.0.9");
}

TEST_CASE("nothing is left behind, whoever wins", "[dial]") {
  HostileServer server(waits);
  const DeafPort deaf("::1", server.port());
  Dial dial;
  (void)dial.to({"127.0.0.1"}, server.port());  // what asio opens once
  const auto before = open_files();
  { const agent::Dialled dialled = dial.to({"::1", "::1", "127.0.0.1"}, server.port()); }
  (void)dial.to({"::1", "::1"}, server.port());
  (void)dial.to({"127.0.0.2"}, server.port());
  CHECK(open_files() <= before + 1);  // the server's thread may hold one of its own for a moment
}

TEST_CASE("a cancelled dial ends at once and closes its sockets", "[dial]") {
  const DeafPort deaf;
  Dial dial;
  dial.options.connect_limit = 10s;
  const auto before = open_files();
  const auto dialled = dial.time.run(
      agent::dial({ip("127.0.0.1"), ip("127.0.0.1")}, deaf.port(), dial.options, dial.time.clock, dial.time.in(20s)),
      200ms);
  CHECK_FALSE(dialled);
  CHECK(dial.time.took >= 200ms);
  CHECK(dial.time.took < 400ms);
  CHECK(open_files() <= before + 3);  // asio's own: epoll, its event, its timer
}
