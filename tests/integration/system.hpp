// The real NSD, Unbound and nginx that integration tests look at; run.py starts them and says where they are.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/net/ares_dns_client.hpp"
#include "agent/net/socket_http_client.hpp"
#include "common/domain/lab.hpp"

namespace mpic::test {

struct FreeEndpoint {
  std::string address;
  std::uint16_t port = 0;
};

struct System {
  std::string resolver;  // of the first perspective: address and port
  std::string egress;
  std::string site_address;
  std::uint16_t http_port = 0;
  std::uint16_t https_port = 0;
  std::string access_log;
  std::string token;
  std::string key_authorization;
  LabRelaxations lab;
  FreeEndpoint hostile;  // where the resolvers look for hostile.test; for a test to listen on
};

// Throws when MPIC_TEST_SYSTEM does not lead to one.
[[nodiscard]] const System& system_under_test();

// An io thread's tools, on the caller's thread and in real time.
struct RealTools {
  SystemClock clock;
  SystemRandom random;
  asio::io_context context;
  agent::AresDnsClient dns;
  agent::SocketHttpClient http;

  explicit RealTools(agent::AresOptions options = agent::AresOptions(system_under_test().resolver));

  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr error;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T value) {
      error = e;
      if (!e) result = std::move(value);
    });
    context.restart();
    context.run();
    if (error) std::rethrow_exception(error);
    return std::move(result).value();
  }
  [[nodiscard]] Deadline in(std::chrono::milliseconds budget) const { return Deadline::after(clock, budget); }
};

}  // namespace mpic::test
