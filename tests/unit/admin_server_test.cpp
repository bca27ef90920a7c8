#include "common/telemetry/admin_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "common/config/yaml.hpp"
#include "common/telemetry/metrics.hpp"
#include "tests/support/catch.hpp"

namespace {

namespace asio = boost::asio;
using namespace mpic::telemetry;
using namespace std::chrono_literals;
using asio::ip::tcp;

mpic::config::Endpoint any_port(const std::string& address = "127.0.0.1") {
  mpic::config::Endpoint endpoint;
  endpoint.address = address;
  return endpoint;
}

struct Server {
  explicit Server(Readiness readiness = {true, ""}, AdminLimits limits = {})
      : admin(
            any_port(), metrics, [readiness] { return readiness; }, limits) {}
  Metrics metrics;
  AdminServer admin;
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) { socket_.connect({asio::ip::address_v4::loopback(), port}); }
  void send(const std::string& octets) { asio::write(socket_, asio::buffer(octets)); }
  // All that comes until the server closes.
  std::string receive() {
    std::string answer;
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(answer), error);
    return answer;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
};

std::string ask(const Server& server, const std::string& request) {
  Client client(server.admin.port());
  client.send(request);
  return client.receive();
}

std::string get(const Server& server, const std::string& path) {
  return ask(server, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

}  // namespace

TEST_CASE("admin: pages", "[telemetry]") {
  Server server;
  server.metrics.counter("mpic_checks_total", "Checks made", {{"outcome", "corroborates"}}).Increment();
  struct Row {
    const char* name;
    const char* request;
    const char* status;
    const char* body;
  };
  const Row rows[] = {
      {"alive", "GET /livez HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "alive\n"},
      {"ready", "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK", "ready\n"},
      {"with a query", "GET /readyz?verbose HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "ready\n"},
      {"HEAD has no body", "HEAD /livez HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", ""},
      {"another path", "GET /admin HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found",
       "here are /livez, /readyz and /metrics\n"},
      {"another method", "POST /livez HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 405 Method Not Allowed",
       "GET and HEAD are accepted\n"},
      {"a proxy's request", "GET http://localhost/livez HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request",
       "not an HTTP/1.1 request\n"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 Bad Request", "not an HTTP/1.1 request\n"},
      {"no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 Bad Request", "not an HTTP/1.1 request\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const std::string answer = ask(server, row.request);
      CHECK(status_line(answer) == row.status);
      CHECK(body(answer) == row.body);
    }
  }
  CHECK_THAT(ask(server, "PUT /metrics HTTP/1.1\r\n\r\n"), Catch::Contains("\r\nAllow: GET, HEAD\r\n"));
  const std::string metrics = get(server, "/metrics");
  CHECK_THAT(metrics, Catch::Contains("Content-Type: text/plain; version=0.0.4"));
  CHECK_THAT(metrics, Catch::Contains("mpic_checks_total{outcome=\"corroborates\"} 1"));
}

TEST_CASE("admin: not ready says what is missing", "[telemetry]") {
  const Server server(Readiness(false, "agent fra: connecting\nagent sin: connecting"));
  const std::string answer = get(server, "/readyz");
  CHECK(status_line(answer) == "HTTP/1.1 503 Service Unavailable");
  CHECK(body(answer) == "not ready\nagent fra: connecting\nagent sin: connecting\n");
}

TEST_CASE("admin: a page that throws is 500, and the server goes on", "[telemetry]") {
  Metrics metrics;
  const AdminServer admin(any_port(), metrics, []() -> Readiness { throw std::runtime_error("no"); });
  Client broken(admin.port());
  broken.send("GET /readyz HTTP/1.1\r\n\r\n");
  CHECK(status_line(broken.receive()) == "HTTP/1.1 500 Internal Server Error");
  Client next(admin.port());
  next.send("GET /livez HTTP/1.1\r\n\r\n");
  CHECK(status_line(next.receive()) == "HTTP/1.1 200 OK");
}

TEST_CASE("admin: an over-long request is refused", "[telemetry]") {
  const Server server;
  const std::string answer = ask(server, "GET /livez HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
  CHECK(status_line(answer) == "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("admin: a slow request is cut", "[telemetry]") {
  AdminLimits limits;
  limits.duration = 50ms;
  const Server server(Readiness(true, ""), limits);
  Client client(server.admin.port());
  client.send("GET /livez HTTP/1.1\r\n");
  CHECK(client.receive().empty());
}

TEST_CASE("admin: the 17th connection is refused at once, and there is room again later", "[telemetry]") {
  const Server server;
  {
    std::vector<std::unique_ptr<Client>> waiting;
    for (int i = 0; i < 16; ++i) waiting.push_back(std::make_unique<Client>(server.admin.port()));
    Client seventeenth(server.admin.port());
    CHECK(status_line(seventeenth.receive()) == "HTTP/1.1 503 Service Unavailable");
  }
  // Closing reaches the server a moment later.
  std::string status;
  for (int i = 0; i < 100 && status != "HTTP/1.1 200 OK"; ++i) status = status_line(get(server, "/livez"));
  CHECK(status == "HTTP/1.1 200 OK");
}

TEST_CASE("admin: stops while connections are open", "[telemetry]") {
  auto server = std::make_unique<Server>();
  Client client(server->admin.port());
  server.reset();
  CHECK(client.receive().empty());
}

TEST_CASE("admin: only on loopback, and only where there is room", "[telemetry]") {
  Metrics metrics;
  const auto ready = [] { return Readiness(true, ""); };
  CHECK_THROWS_WITH(AdminServer(any_port("0.0.0.0"), metrics, ready),
                    "admin address 0.0.0.0:0: a loopback address is accepted (127.0.0.1, [::1])");
  CHECK_THROWS_AS(AdminServer(any_port("192.0.2.1"), metrics, ready), mpic::config::ConfigError);
  const AdminServer first(any_port(), metrics, ready);
  mpic::config::Endpoint taken = any_port();
  taken.port = first.port();
  CHECK_THROWS_WITH(AdminServer(taken, metrics, ready), Catch::Contains(": cannot listen there: "));
}
