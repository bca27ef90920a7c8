// pebble's challenge server as an independent peer: a test sets a challenge over its management interface, as an ACME
// client does, and has it validated by a name below challtest.test, over IPv4 and over IPv6.
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "tests/integration/methods.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using asio::ip::tcp;

namespace {

constexpr const char* kZone = ".challtest.test";

void set(const std::string& path, const boost::json::value& what) {
  const ChallengeServer& server = system_under_test().challenge_server;
  const std::string body = boost::json::serialize(what);
  const std::string request =
      "POST /" + path + " HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::make_address(server.address), server.management_port});
  asio::write(socket, asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(answer), end);
  INFO(path << ": " << answer);
  REQUIRE(answer.find(" 200 ") != std::string::npos);
}

// Its http and TLS ports instead of the site's.
Sightseer before_challenge_server() {
  const ChallengeServer& server = system_under_test().challenge_server;
  Sightseer seer;
  seer.lab.ports = {{80, server.http_port}, {443, server.tls_alpn_port}};
  return seer;
}

// A name of this label that has an address of this family alone.
std::string name_with(const std::string& label, bool ipv6) {
  const std::string name = label + (ipv6 ? "-6" : "-4") + kZone;
  const std::string address = ipv6 ? "::1" : system_under_test().challenge_server.address;
  set(ipv6 ? "add-aaaa" : "add-a", {{"host", name}, {"addresses", boost::json::array{address}}});
  return name;
}

// Whether this machine can; IPv4 always.
bool has(bool ipv6) {
  if (!ipv6 || system_under_test().ipv6) return true;
  WARN("left out: this machine has no IPv6");
  return false;
}

}  // namespace

TEST_CASE("pebble's challenge server: dns-01", "[methods][challtestsrv]") {
  const Challenges& challenges = system_under_test().challenges;
  const std::string name = std::string("dns") + kZone;
  // Of another name, since a resolver keeps for some seconds that there was nothing.
  check_ending(before_challenge_server().validate("nothing" + std::string(kZone), dns_01()), ProblemCode::kDnsNoRecord);
  set("set-txt", {{"host", "_acme-challenge." + name + '.'}, {"value", challenges.digest}});
  check_ending(before_challenge_server().validate(name, dns_01()), {});
  set("set-txt", {{"host", "_acme-challenge." + name + '.'}, {"value", "something-else"}});
  check_ending(before_challenge_server().validate("*." + name, dns_01()), {});  // one of two
  set("clear-txt", {{"host", "_acme-challenge." + name + '.'}});
  check_ending(before_challenge_server().validate(name, dns_01()), ProblemCode::kDnsNoRecord);
}

TEST_CASE("pebble's challenge server: http-01", "[methods][challtestsrv]") {
  const System& system = system_under_test();
  for (const bool ipv6 : {false, true}) DYNAMIC_SECTION((ipv6 ? "IPv6" : "IPv4")) {
      if (!has(ipv6)) continue;
      const std::string name = name_with("http", ipv6);
      set("del-http01", {{"token", system.token}});  // it then answers 200, with nothing
      check_ending(before_challenge_server().validate(name, http_01()), ProblemCode::kChallengeMismatch, "got nothing");
      set("add-http01", {{"token", system.token}, {"content", system.challenges.hijacker_authorization}});
      check_ending(before_challenge_server().validate(name, http_01()), ProblemCode::kChallengeMismatch);
      set("add-http01", {{"token", system.token}, {"content", system.key_authorization}});
      check_ending(before_challenge_server().validate(name, http_01()), {});
    }
}

TEST_CASE("pebble's challenge server: tls-alpn-01", "[methods][challtestsrv]") {
  const System& system = system_under_test();
  for (const bool ipv6 : {false, true}) DYNAMIC_SECTION((ipv6 ? "IPv6" : "IPv4")) {
      if (!has(ipv6)) continue;
      const std::string name = name_with("alpn", ipv6);
      set("add-tlsalpn01", {{"host", name}, {"content", system.challenges.hijacker_authorization}});
      check_ending(before_challenge_server().validate(name, tls_alpn_01()), ProblemCode::kCertificateMismatch);
      set("add-tlsalpn01", {{"host", name}, {"content", system.key_authorization}});
      check_ending(before_challenge_server().validate(name, tls_alpn_01()), {});
    }
}

TEST_CASE("pebble's challenge server: CAA", "[methods][challtestsrv][caa]") {
  const std::string name = std::string("caa") + kZone;
  // Of another name, since a resolver keeps for some seconds that there was nothing.
  CHECK(Sightseer().read_caa("no-caa" + std::string(kZone), caa_of_our_issuer()).judged.outcome ==
        Outcome::kCorroborates);
  const auto permit = [&name](const std::string& issuer) {
    const boost::json::object policy{{"tag", "issue"}, {"value", issuer}};
    set("add-caa", {{"host", name}, {"policies", boost::json::array{policy}}});
  };
  permit("other-ca.example");
  const Validation forbidden = Sightseer().read_caa(name, caa_of_our_issuer());
  REQUIRE(forbidden.judged.problem);
  CHECK(forbidden.judged.problem->code == ProblemCode::kCaaForbids);
}

TEST_CASE("pebble's challenge server: a name whose lookups fail", "[methods][challtestsrv]") {
  const std::string name = std::string("servfail") + kZone;
  set("set-servfail", {{"host", name}});
  check_ending(before_challenge_server().validate(name, http_01()), ProblemCode::kDnsServfail);
}
