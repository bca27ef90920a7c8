// A site that is fetched from by script, in virtual time: for tests of what a fetch does with addresses and redirects.
#pragma once

#include "agent/checks/http_fetch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/virtual_time.hpp"

namespace mpic::test {

using namespace std::chrono_literals;

inline constexpr const char* kV4 = "203.113.7.1";
inline constexpr const char* kOtherV4 = "203.113.7.2";
inline constexpr const char* kV6 = "2a02:6b8::1";

struct Site {
  VirtualTime time;
  FakeDnsClient dns{time.clock};
  FakeHttpClient http{time.clock};
  LabRelaxations lab;
  std::size_t redirects = kMaxHops - 1;
  std::size_t body_limit = 1000;
  std::string secret;

  agent::FetchResult fetch(std::chrono::milliseconds budget = 10s, const std::string& url = "http://example.com/x") {
    const agent::FetchContext context{dns, http, time.clock, lab};
    const rules::HttpAsk ask{rules::parse_target(url).value(), redirects, body_limit, secret};
    return time.run(agent::http_fetch(context, ask, time.in(budget)));
  }
};

inline ProblemCode problem_of(const agent::FetchResult& result) {
  REQUIRE(result.hops.back().problem);
  return result.hops.back().problem->code;
}

// "2a02:6b8::1 OUTPACED, 203.113.7.1 ok"
inline std::string told(const HttpHop& hop) {
  std::string out;
  for (const AddressTried& tried : hop.tried) {
    out += (out.empty() ? "" : ", ") + tried.address.text() + ' ' +
           (tried.problem ? std::string(to_string(tried.problem->code)) : "ok");
  }
  return out;
}

inline std::vector<std::string> texts(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> out;
  for (const IpAddress& address : addresses) out.push_back(address.text());
  return out;
}

inline FakeHttpClient::Server answering(agent::HttpReply reply, std::chrono::milliseconds connected_after,
                                        std::chrono::milliseconds answered_after = 1ms) {
  FakeHttpClient::Server server;
  server.answer = [reply = std::move(reply)](const agent::HttpRequest&) { return reply; };
  server.door.delay = connected_after;
  server.delay = answered_after;
  return server;
}

inline FakeHttpClient::Server redirecting(std::function<std::string(const std::string& url)> next) {
  FakeHttpClient::Server server;
  server.answer = [next](const agent::HttpRequest& request) -> Expected<agent::HttpReply> {
    return redirect_to(next(request.target.url()));
  };
  return server;
}

}  // namespace mpic::test
