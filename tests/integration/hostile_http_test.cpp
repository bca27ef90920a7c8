// SocketHttpClient against servers that mean harm: each kind has its own Problem, and none costs more than
// its bound.
#include "agent/net/socket_http_client.hpp"
#include "common/rules/redirect.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/real_time.hpp"
#include "tests/support/tls_deed.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using agent::HttpReply;

namespace {

struct Got {
  Expected<HttpReply> reply;
  std::vector<AddressTried> tried;
  std::chrono::milliseconds took;
};

// A request to the first address that can be connected to.
Got get_from(const std::vector<std::string>& addresses, std::uint16_t port, std::chrono::milliseconds budget,
             const std::string& url, agent::HttpOptions options) {
  RealTime time;
  agent::SocketHttpClient client(time.clock, std::move(options));
  std::vector<IpAddress> parsed;
  for (const std::string& address : addresses) parsed.push_back(ip(address));
  agent::HttpRequest request(rules::parse_target(url).value(), std::move(parsed), port, 200);
  agent::HttpExchange made = time.run(client.get(std::move(request), time.in(budget)));
  return {std::move(made.reply), std::move(made.tried), time.took};
}

Got get(std::uint16_t port, std::chrono::milliseconds budget, const std::string& url = "http://example.com/x",
        const std::string& address = "127.0.0.1", agent::HttpOptions options = agent::HttpOptions("mpic-test/1")) {
  return get_from({address}, port, budget, url, std::move(options));
}

agent::HttpOptions both_families() {
  agent::HttpOptions options("mpic-test/1");
  options.egress_ipv6 = ip("::1");
  options.connect_limit = 300ms;
  options.head_start = 100ms;
  options.handshake_limit = 300ms;
  options.exchange_limit = 400ms;
  return options;
}

HostileServer::Deed answers(std::string body) {
  return [body = std::move(body)](const Victim& victim) {
    (void)victim.read_request();
    victim.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("each hostile server has its own problem, within its bound", "[http][hostile]") {
  constexpr auto kBudget = 800ms;
  constexpr auto kAtOnce = 500ms;  // well within the budget
  constexpr auto kByDeadline = kBudget + 150ms;
  struct Row {
    const char* what;
    ProblemCode code;
    std::chrono::milliseconds bound;
    HostileServer::Deed deed;
  };
  const Row rows[] = {
      {"dribbles its header", ProblemCode::kReadTimeout, kByDeadline,
       [](const Victim& v) {
         for (const char c : std::string("HTTP/1.1 200 OK\r\nX-Long: ") + std::string(1000, 'x')) {
           if (!v.send({&c, 1}) || !v.wait(50ms)) return;
         }
       }},
      {"dribbles its body", ProblemCode::kReadTimeout, kByDeadline,
       [](const Victim& v) {
         v.send("HTTP/1.1 200 OK\r\nContent-Length: 150\r\n\r\n");
         while (v.send("x") && v.wait(50ms)) continue;
       }},
      {"accepts and says nothing", ProblemCode::kReadTimeout, kByDeadline, [](const Victim& v) { v.wait(1h); }},
      {"ends its body never", ProblemCode::kReadTimeout, kByDeadline,
       [](const Victim& v) {
         v.send("HTTP/1.1 200 OK\r\n\r\nhello");
         v.wait(1h);
       }},
      {"floods fields", ProblemCode::kHttpHeaderTooLarge, kAtOnce,
       [](const Victim& v) {
         v.send("HTTP/1.1 200 OK\r\n");
         while (v.send(repeated("X-Flood: yes\r\n", 1000))) continue;
       }},
      {"floods one line", ProblemCode::kHttpHeaderTooLarge, kAtOnce,
       [](const Victim& v) {
         v.send("HTTP/1.1 200 ");
         while (v.send(std::string(10000, 'x'))) continue;
       }},
      {"floods interim responses", ProblemCode::kHttpMalformed, kAtOnce,
       [](const Victim& v) {
         while (v.send(repeated("HTTP/1.1 100 Continue\r\n\r\n", 100))) continue;
       }},
      {"speaks HTTP/2: SETTINGS, then waits", ProblemCode::kHttpVersion, kAtOnce,
       [](const Victim& v) {
         v.send(std::string("\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x80", 15));
         v.wait(1h);
       }},
      {"speaks something else", ProblemCode::kHttpMalformed, kAtOnce,
       [](const Victim& v) {
         v.send("220 mail.example.com ESMTP\r\n");
         v.wait(1h);
       }},
      {"compresses", ProblemCode::kHttpEncoding, kAtOnce,
       [](const Victim& v) {
         v.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b");
         v.wait(1h);
       }},
      {"closes at once", ProblemCode::kConnectionClosed, kAtOnce, [](const Victim& v) { (void)v.read_request(); }},
      {"closes early", ProblemCode::kConnectionClosed, kAtOnce,
       [](const Victim& v) {
         (void)v.read_request();
         v.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
       }},
      {"resets", ProblemCode::kConnectionReset, kAtOnce,
       [](const Victim& v) {
         (void)v.read_request();
         v.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
         v.wait(50ms);
         v.reset();
       }},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      HostileServer server([&row](const Victim& victim) { row.deed(victim); });
      const Got got = get(server.port(), kBudget);
      REQUIRE_FALSE(got.reply);
      INFO(got.reply.error().detail);
      CHECK(got.reply.error().code == row.code);
      CHECK(got.took < row.bound);
      CHECK(server.connections() == 1);
    }
}

TEST_CASE("a body without end is cut at its limit", "[http][hostile]") {
  for (const std::string head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"}) {
    HostileServer server([&head](const Victim& v) {
      v.send(head);
      while (v.send(std::string(10000, 'x'))) continue;
    });
    const Got got = get(server.port(), 5s);
    REQUIRE(got.reply);
    CHECK(got.reply->body_over_limit);
    CHECK(got.reply->body.size() == 201);
    CHECK(got.took < 1s);
  }
}

TEST_CASE("a complete answer is taken although the server never closes", "[http][hostile]") {
  HostileServer server([](const Victim& v) {
    (void)v.read_request();
    v.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    v.wait(1h);
  });
  const Got got = get(server.port(), 5s);
  REQUIRE(got.reply);
  CHECK(got.reply->body == "hello");
  CHECK(got.took < 1s);
}

TEST_CASE("what is sent is one plain request", "[http]") {
  std::string request;
  HostileServer server([&request](const Victim& v) {
    request = v.read_request();
    v.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(get(server.port(), 5s, "http://example.com/a/b?c=d").reply);
  CHECK(request.starts_with("GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\n"));
  CHECK_THAT(request, Catch::Matchers::Contains("\r\nUser-Agent: mpic-test/1\r\n"));
  CHECK_THAT(request, Catch::Matchers::Contains("\r\nConnection: close\r\n"));
  CHECK_THAT(request, !Catch::Matchers::Contains("ccept-Encoding"));
}

TEST_CASE("no connection", "[http]") {
  SECTION("refused") {
    const Got got = get(9, 2s);
    CHECK(got.reply.error().code == ProblemCode::kConnectionRefused);
    CHECK(got.reply.error().where == "127.0.0.1:9");
  }
  SECTION("IPv6 without an egress address") {
    CHECK(get(9, 2s, "http://example.com/", "::1").reply.error().code == ProblemCode::kNoIpv6Egress);
  }
  SECTION("an egress address that this host does not have") {
    agent::HttpOptions options("mpic-test/1");
    options.egress_ipv4 = ip("203.0.113.77");
    CHECK(get(9, 2s, "http://example.com/", "127.0.0.1", options).reply.error().code == ProblemCode::kInternal);
  }
}

TEST_CASE("https", "[http][hostile]") {
  SECTION("the port speaks http") {
    HostileServer server([](const Victim& v) {
      v.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      v.wait(1h);
    });
    const Got got = get(server.port(), 2s, "https://example.com/");
    CHECK(got.reply.error().code == ProblemCode::kTlsFailed);
    CHECK_THAT(got.reply.error().detail, Catch::Matchers::Contains("does not speak TLS"));
  }
  SECTION("an alert") {
    HostileServer server([](const Victim& v) { v.send(std::string("\x15\x03\x03\0\x02\x02\x28", 7)); });
    CHECK(get(server.port(), 2s, "https://example.com/").reply.error().code == ProblemCode::kTlsFailed);
  }
  SECTION("a handshake that never goes on") {
    HostileServer server([](const Victim& v) { v.wait(1h); });
    const Got got = get(server.port(), 500ms, "https://example.com/");
    CHECK(got.reply.error().code == ProblemCode::kTlsTimeout);
    CHECK(got.took < 650ms);
  }
  SECTION("closed during the handshake") {
    HostileServer server([](const Victim&) {});
    const auto code = get(server.port(), 2s, "https://example.com/").reply.error().code;
    CHECK((code == ProblemCode::kConnectionClosed || code == ProblemCode::kConnectionReset));
  }
}

TEST_CASE("connecting, the handshake and the exchange each have a limit and a problem of their own",
          "[http][hostile]") {
  const auto waits = [](const Victim& v) { v.wait(1h); };
  SECTION("connecting") {
    const DeafPort deaf;
    const Got got = get(deaf.port(), 5s, "http://example.com/", "127.0.0.1", both_families());
    CHECK(got.reply.error().code == ProblemCode::kConnectionTimeout);
    CHECK(got.took >= 300ms);
    CHECK(got.took < 450ms);
  }
  SECTION("the handshake") {
    HostileServer server(waits);
    const Got got = get(server.port(), 5s, "https://example.com/", "127.0.0.1", both_families());
    CHECK(got.reply.error().code == ProblemCode::kTlsTimeout);
    CHECK_THAT(got.reply.error().detail, Catch::Matchers::Contains("connected, but the TLS handshake"));
    CHECK(got.took >= 300ms);
    CHECK(got.took < 450ms);
  }
  SECTION("the exchange") {
    HostileServer server(waits);
    const Got got = get(server.port(), 5s, "http://example.com/", "127.0.0.1", both_families());
    CHECK(got.reply.error().code == ProblemCode::kReadTimeout);
    CHECK(got.took >= 400ms);
    CHECK(got.took < 550ms);
  }
  SECTION("the exchange after a handshake") {
    HostileServer server(shakes_hands(TlsDeed(make_certificate(CertificateShape()))));
    const Got got = get(server.port(), 5s, "https://example.com/", "127.0.0.1", both_families());
    CHECK(got.reply.error().code == ProblemCode::kReadTimeout);
    CHECK(got.took >= 400ms);
    CHECK(got.took < 600ms);
  }
}

TEST_CASE("a page over IPv6 alone", "[http]") {
  HostileServer server(answers("six"), "::1");
  const Got got = get_from({"::1"}, server.port(), 5s, "http://example.com/", both_families());
  REQUIRE(got.reply);
  CHECK(got.reply->body == "six");
  REQUIRE(got.tried.size() == 1);
  CHECK(got.tried[0].address == ip("::1"));
  CHECK_FALSE(got.tried[0].problem);
}

TEST_CASE("an IPv6 address that refuses or is dead does not hide IPv4, one that answers is final", "[http]") {
  SECTION("refuses") {
    HostileServer four(answers("four"));
    const Got got = get_from({"::1", "127.0.0.1"}, four.port(), 5s, "http://example.com/", both_families());
    REQUIRE(got.reply);
    CHECK(got.reply->body == "four");
    REQUIRE(got.tried.size() == 2);
    CHECK(got.tried[0].problem->code == ProblemCode::kConnectionRefused);
    CHECK_FALSE(got.tried[1].problem);
  }
  SECTION("is dead") {
    HostileServer four(answers("four"));
    const DeafPort deaf("::1", four.port());
    const Got got = get_from({"::1", "127.0.0.1"}, four.port(), 5s, "http://example.com/", both_families());
    REQUIRE(got.reply);
    CHECK(got.reply->body == "four");
    REQUIRE(got.tried.size() == 2);
    CHECK(got.tried[0].problem->code == ProblemCode::kOutpaced);
    CHECK(got.took < 300ms);
  }
  SECTION("answers, whatever it says") {
    HostileServer six([](const Victim& v) { v.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"); }, "::1");
    HostileServer four(answers("four"), "127.0.0.1", six.port());
    const Got got = get_from({"::1", "127.0.0.1"}, six.port(), 5s, "http://example.com/", both_families());
    REQUIRE(got.reply);
    CHECK(got.reply->status == 404);
    CHECK(four.connections() == 0);
  }
  SECTION("connects, then fails") {
    HostileServer six([](const Victim& v) { (void)v.read_request(); }, "::1");
    HostileServer four(answers("four"), "127.0.0.1", six.port());
    const Got got = get_from({"::1", "127.0.0.1"}, six.port(), 5s, "http://example.com/", both_families());
    REQUIRE_FALSE(got.reply);
    CHECK(got.reply.error().code == ProblemCode::kConnectionClosed);
    REQUIRE(got.tried.size() == 1);
    CHECK(got.tried[0].problem == got.reply.error());
    CHECK(four.connections() == 0);
  }
}

TEST_CASE("a cancelled request closes its connection at once", "[http]") {
  std::atomic<bool> closed = false;
  HostileServer server([&closed](const Victim& v) {
    (void)v.read_request();
    closed = !v.wait(20s);
  });
  RealTime time;
  agent::SocketHttpClient client(time.clock, agent::HttpOptions("mpic-test/1"));
  agent::HttpRequest request(rules::parse_target("http://example.com/").value(), {ip("127.0.0.1")}, server.port(), 200);
  (void)time.run(client.get(std::move(request), time.in(20s)), 100ms);
  CHECK(time.took < 1s);
  for (int i = 0; i < 50 && !closed; ++i) std::this_thread::sleep_for(10ms);
  CHECK(closed);
}
