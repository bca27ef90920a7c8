// SocketTlsClient against OpenSSL servers of every kind, and servers that mean harm: what is shown is seen, each fault
// has its own Problem, and none costs more than its bound.
#include "agent/net/socket_tls_client.hpp"

#include "common/rules/dcv_tls_alpn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/real_time.hpp"
#include "tests/support/tls_deed.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kHandshakeLimit = 600ms;
constexpr milliseconds kAtOnce = 400ms;

struct Shaken {
  agent::TlsExchange exchange;
  milliseconds took{0};
};

Shaken shake(std::uint16_t port, milliseconds budget = 5s, const std::vector<std::string>& addresses = {"127.0.0.1"},
             const std::string& server_name = "example.com") {
  RealTime time;
  agent::TlsOptions options;
  options.egress_ipv6 = ip("::1");
  options.connect_limit = 300ms;
  options.handshake_limit = kHandshakeLimit;
  agent::SocketTlsClient client(time.clock, options);
  std::vector<IpAddress> parsed;
  for (const std::string& address : addresses) parsed.push_back(ip(address));
  agent::TlsRequest request(std::move(parsed), port, server_name, std::string(rules::kAcmeTlsAlpn));
  Shaken out;
  out.exchange = time.run(client.handshake(std::move(request), time.in(budget)));
  out.took = time.took;
  return out;
}

ServerCertificate validation_certificate(CertificateKey key = CertificateKey::kP256) {
  CertificateShape shape = validation_shape(identifier("example.com"), Digest{});
  shape.key = key;
  return make_certificate(shape);
}

ServerCertificate certificate_of_size(std::size_t octets) {
  CertificateShape shape = validation_shape(identifier("example.com"), Digest{});
  shape.extensions.push_back({"1.3.6.1.4.1.99999.1", false, Bytes(octets, 0)});
  return make_certificate(shape);
}

}  // namespace

TEST_CASE("what the server shows is seen (RFC 8737 3)", "[tls]") {
  for (const std::string version : {"TLSv1.2", "TLSv1.3"}) DYNAMIC_SECTION(version) {
      TlsDeed deed(validation_certificate());
      deed.oldest = version;
      deed.newest = version;
      const auto heard = std::make_shared<Heard>();
      std::optional<HostileServer> server(std::in_place, shakes_hands(deed, heard));
      const Shaken shaken = shake(server->port());
      server.reset();
      REQUIRE(shaken.exchange.reply);
      CHECK(shaken.exchange.reply->version == version);
      CHECK(shaken.exchange.reply->alpn == "acme-tls/1");
      CHECK(shaken.exchange.reply->certificate == deed.certificate.der);
      REQUIRE(shaken.exchange.tried.size() == 1);
      CHECK_FALSE(shaken.exchange.tried[0].problem);
      CHECK(heard->server_name == "example.com");
      CHECK(heard->protocols == std::vector<std::string>{"acme-tls/1"});
      CHECK(shaken.took < kAtOnce);  // although the server never closes
    }
}

TEST_CASE("certificates of every kind are seen, since only rules judge them", "[tls]") {
  for (const CertificateKey key :
       {CertificateKey::kP256, CertificateKey::kEd25519, CertificateKey::kEd448, CertificateKey::kRsa2048}) {
    TlsDeed deed(validation_certificate(key));
    HostileServer server(shakes_hands(deed));
    const Shaken shaken = shake(server.port());
    REQUIRE(shaken.exchange.reply);
    CHECK(shaken.exchange.reply->certificate == deed.certificate.der);
  }
  SECTION("one that another signed") {
    CertificateShape shape = validation_shape(identifier("example.com"), Digest{});
    shape.signed_by_another = true;
    HostileServer server(shakes_hands(TlsDeed(make_certificate(shape))));
    CHECK(shake(server.port()).exchange.reply);
  }
}

TEST_CASE("SNI is sent as it was asked for, without a final dot (RFC 8738 6)", "[tls]") {
  for (const char* text : {"example.com", "127.0.0.1", "::1"}) DYNAMIC_SECTION(text) {
      const std::string name = rules::server_name_of(identifier(text));
      const auto heard = std::make_shared<Heard>();
      std::optional<HostileServer> server(std::in_place, shakes_hands(TlsDeed(validation_certificate()), heard));
      CHECK(shake(server->port(), 5s, {"127.0.0.1"}, name).exchange.reply);
      server.reset();
      CHECK(heard->server_name == name);
      CHECK(heard->server_name.back() != '.');
    }
}

TEST_CASE("over IPv6 alone, and over IPv4 when IPv6 is dead", "[tls]") {
  const HostileServer::Deed deed = shakes_hands(TlsDeed(validation_certificate()));
  SECTION("IPv6 alone") {
    HostileServer server(deed, "::1");
    const Shaken shaken = shake(server.port(), 5s, {"::1"});
    REQUIRE(shaken.exchange.reply);
    CHECK(shaken.exchange.tried.back().address == ip("::1"));
  }
  SECTION("dead IPv6") {
    HostileServer server(deed);
    const DeafPort deaf("::1", server.port());
    const Shaken shaken = shake(server.port(), 5s, {"::1", "127.0.0.1"});
    REQUIRE(shaken.exchange.reply);
    REQUIRE(shaken.exchange.tried.size() == 2);
    CHECK(shaken.exchange.tried[0].problem->code == ProblemCode::kOutpaced);
    CHECK_FALSE(shaken.exchange.tried[1].problem);
  }
  SECTION("what a connected server does is final") {
    HostileServer silent([](const Victim& victim) { victim.wait(1h); }, "::1");
    HostileServer server(deed, "127.0.0.1", silent.port());
    const Shaken shaken = shake(silent.port(), 5s, {"::1", "127.0.0.1"});
    REQUIRE_FALSE(shaken.exchange.reply);
    CHECK(shaken.exchange.reply.error().code == ProblemCode::kTlsTimeout);
    CHECK(shaken.exchange.tried.size() == 1);
    CHECK(shaken.exchange.tried[0].problem->code == ProblemCode::kTlsTimeout);
    CHECK(server.connections() == 0);
  }
}

TEST_CASE("a server that ignores ALPN has agreed on nothing, and its certificate is seen", "[tls]") {
  TlsDeed deed(validation_certificate());
  deed.alpn = TlsDeed::Alpn::kIgnores;
  HostileServer server(shakes_hands(deed));
  const Shaken shaken = shake(server.port());
  REQUIRE(shaken.exchange.reply);
  CHECK(shaken.exchange.reply->alpn.empty());
  CHECK(shaken.exchange.reply->certificate == deed.certificate.der);
}

TEST_CASE("OpenSSL servers that will not have us", "[tls][hostile]") {
  struct Row {
    const char* what;
    std::function<void(TlsDeed&)> change;
    ProblemCode code;
    const char* says;
  };
  const Row rows[] = {
      {"does not list acme-tls/1", [](TlsDeed& d) { d.alpn = TlsDeed::Alpn::kRefuses; }, ProblemCode::kTlsFailed,
       "no application protocol"},
      {"speaks TLS 1.1 only",
       [](TlsDeed& d) {
         d.oldest = "TLSv1.1";
         d.newest = "TLSv1.1";
       },
       ProblemCode::kTlsFailed, "version"},
      {"computes in finite fields only, which may be of any size",
       [](TlsDeed& d) {
         d.certificate = validation_certificate(CertificateKey::kRsa2048);
         d.ciphers = "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
         d.newest = "TLSv1.2";
       },
       ProblemCode::kTlsFailed, "handshake failure"},
      {"shows certificates without end", [](TlsDeed& d) { d.repeats = 500; }, ProblemCode::kTlsFailed, "octets"},
      {"shows one over the limit", [](TlsDeed& d) { d.certificate = certificate_of_size(rules::kMaxCertificate); },
       ProblemCode::kCertificateMismatch, "16384"},
      {"stops in the middle of its first message", [](TlsDeed& d) { d.sends_at_most = 40; }, ProblemCode::kTlsTimeout,
       "did not end in time"},
      {"stops before its last octet", [](TlsDeed& d) { d.sends_at_most = 400; }, ProblemCode::kTlsTimeout,
       "did not end in time"},
      {"is slower than the limit", [](TlsDeed& d) { d.waits_before = kHandshakeLimit + 200ms; },
       ProblemCode::kTlsTimeout, "connected, but"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      TlsDeed deed(validation_certificate());
      row.change(deed);
      HostileServer server(shakes_hands(deed));
      const Shaken shaken = shake(server.port());
      REQUIRE_FALSE(shaken.exchange.reply);
      INFO(shaken.exchange.reply.error().detail);
      CHECK(shaken.exchange.reply.error().code == row.code);
      CHECK_THAT(shaken.exchange.reply.error().detail, Contains(row.says));
      CHECK(shaken.exchange.reply.error().where == "127.0.0.1:" + std::to_string(server.port()));
      REQUIRE(shaken.exchange.tried.size() == 1);
      CHECK(shaken.exchange.tried[0].problem == shaken.exchange.reply.error());
      CHECK(shaken.took < (row.code == ProblemCode::kTlsTimeout ? kHandshakeLimit + 200ms : kAtOnce));
    }
}

TEST_CASE("a certificate just within the limit is seen whole", "[tls]") {
  TlsDeed deed(certificate_of_size(rules::kMaxCertificate - 800));
  REQUIRE(deed.certificate.der.size() <= rules::kMaxCertificate);
  HostileServer server(shakes_hands(deed));
  const Shaken shaken = shake(server.port());
  REQUIRE(shaken.exchange.reply);
  CHECK(shaken.exchange.reply->certificate == deed.certificate.der);
}

TEST_CASE("servers that do not speak TLS, or break it off", "[tls][hostile]") {
  struct Row {
    const char* what;
    HostileServer::Deed deed;
    ProblemCode code;
    const char* says;
  };
  const auto says_and_waits = [](std::string octets) {
    return [octets](const Victim& victim) {
      victim.send(octets);
      victim.wait(1h);
    };
  };
  using namespace std::string_literals;
  const Row rows[] = {
      {"speaks HTTP", says_and_waits("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), ProblemCode::kTlsFailed,
       "does not speak TLS"},
      {"speaks SMTP", says_and_waits("220 mail.example.com ESMTP\r\n"), ProblemCode::kTlsFailed, "does not speak TLS"},
      {"sends noise", says_and_waits(std::string(2000, '\xa5')), ProblemCode::kTlsFailed, "TLS failed"},
      {"aborts: handshake_failure", says_and_waits("\x15\x03\x03\0\x02\x02\x28"s), ProblemCode::kTlsFailed,
       "handshake failure"},
      {"aborts: unrecognized_name", says_and_waits("\x15\x03\x03\0\x02\x02\x70"s), ProblemCode::kTlsFailed,
       "unrecognized name"},
      {"aborts by an alert that nobody knows", says_and_waits("\x15\x03\x03\0\x02\x02\xc8"s), ProblemCode::kTlsFailed,
       "alert 200"},
      {"warns without end",
       [](const Victim& victim) {
         while (victim.send("\x15\x03\x03\0\x02\x01\x70"s)) continue;
       },
       ProblemCode::kTlsFailed, "TLS failed"},
      {"accepts and says nothing", says_and_waits(""), ProblemCode::kTlsTimeout, "connected, but"},
      {"sends half a record", says_and_waits("\x16\x03\x03\x01\0\x02"s), ProblemCode::kTlsTimeout, "connected, but"},
      {"closes at once", [](const Victim& victim) { (void)victim.read_some(); }, ProblemCode::kConnectionClosed,
       "closed"},
      {"resets",
       [](const Victim& victim) {
         (void)victim.read_some();
         victim.reset();
       },
       ProblemCode::kConnectionReset, "reset"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      HostileServer server(row.deed);
      const Shaken shaken = shake(server.port());
      REQUIRE_FALSE(shaken.exchange.reply);
      INFO(shaken.exchange.reply.error().detail);
      CHECK(shaken.exchange.reply.error().code == row.code);
      CHECK_THAT(shaken.exchange.reply.error().detail, Contains(row.says));
      CHECK(shaken.took < (row.code == ProblemCode::kTlsTimeout ? kHandshakeLimit + 200ms : kAtOnce));
    }
}

TEST_CASE("without a connection there is no handshake", "[tls]") {
  SECTION("a closed port") { CHECK(shake(9).exchange.reply.error().code == ProblemCode::kConnectionRefused); }
  SECTION("an address that swallows connections") {
    const DeafPort deaf;
    const Shaken shaken = shake(deaf.port());
    CHECK(shaken.exchange.reply.error().code == ProblemCode::kConnectionTimeout);
    CHECK(shaken.took < 500ms);
  }
}

TEST_CASE("the deadline ends a handshake before its own limit", "[tls]") {
  HostileServer server([](const Victim& victim) { victim.wait(1h); });
  const Shaken shaken = shake(server.port(), 200ms);
  CHECK(shaken.exchange.reply.error().code == ProblemCode::kTlsTimeout);
  CHECK(shaken.took < 300ms);
}

TEST_CASE("a cancelled handshake closes its connection at once", "[tls]") {
  std::atomic<bool> closed = false;
  HostileServer server([&closed](const Victim& v) {
    (void)v.read_some();
    closed = !v.wait(20s);
  });
  RealTime time;
  agent::SocketTlsClient client(time.clock, agent::TlsOptions());
  agent::TlsRequest request({ip("127.0.0.1")}, server.port(), "example.com", "acme-tls/1");
  (void)time.run(client.handshake(std::move(request), time.in(20s)), 100ms);
  CHECK(time.took < 300ms);
  for (int i = 0; i < 50 && !closed; ++i) std::this_thread::sleep_for(10ms);
  CHECK(closed);
}
