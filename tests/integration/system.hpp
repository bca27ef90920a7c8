// The real NSD, Unbound, nginx, OpenSSL servers and pebble's challenge server that integration tests look at; run.py
// starts them and says where they are. What stands in the zones is told in deploy/local/mpic_local/records.py.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/net/ares_dns_client.hpp"
#include "agent/net/socket_http_client.hpp"
#include "agent/net/socket_tls_client.hpp"
#include "common/domain/lab.hpp"

namespace mpic::test {

struct FreeEndpoint {
  std::string address;
  std::uint16_t port = 0;
};

// What the CA of the tests has asked its applicants to publish.
struct Challenges {
  std::string token;
  std::string key_authorization;
  std::string digest;                  // base64url(SHA-256(key authorization))
  std::string hijacker_authorization;  // of somebody else's account
  std::string dns_account;             // decides the label of dns-account-01
  std::string random_value;
  std::string issuer;
  std::string account;  // of dns-persistent and CAA
  std::string email;
  std::string phone;
};

// pebble-challtestsrv: a name below challtest.test has what a test sets over its management interface. Its http and TLS
// ports are not the site's.
struct ChallengeServer {
  std::string address;
  std::uint16_t management_port = 0;
  std::uint16_t http_port = 0;
  std::uint16_t tls_alpn_port = 0;
};

struct System {
  std::string resolver;  // of the first perspective: address and port
  std::string egress;
  bool ipv6 = false;  // of this machine: what needs it cannot be tested without
  std::string site_address;
  std::uint16_t http_port = 0;
  std::uint16_t https_port = 0;
  std::string access_log;
  std::string token;
  std::string key_authorization;
  std::string website_file;
  std::string meta_tag_file;
  Challenges challenges;
  ChallengeServer challenge_server;
  LabRelaxations lab;
  FreeEndpoint hostile;  // where the resolvers look for hostile.test; for a test to listen on
};

// Throws when MPIC_TEST_SYSTEM does not lead to one.
[[nodiscard]] const System& system_under_test();

// Who has no IPv6 says so of every such address.
enum class Ipv6 : bool { kNone, kLoopback };

// An io thread's tools, on the caller's thread and in real time.
struct RealTools {
  SystemClock clock;
  SystemRandom random;
  asio::io_context context;
  agent::AresDnsClient dns;
  agent::SocketHttpClient http;
  agent::SocketTlsClient tls;

  explicit RealTools(agent::AresOptions options = agent::AresOptions(system_under_test().resolver),
                     Ipv6 ipv6 = Ipv6::kLoopback);

  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr error;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T value) {
      error = e;
      if (!e) result = std::move(value);
      context.stop();  // a kept socket would be something to wait for without end
    });
    context.restart();
    context.run();
    if (error) std::rethrow_exception(error);
    return std::move(result).value();
  }
  [[nodiscard]] Deadline in(std::chrono::milliseconds budget) const { return Deadline::after(clock, budget); }
};

}  // namespace mpic::test
