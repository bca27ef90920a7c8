// What of tls-alpn-01 is the check's own affair: resolution, address policy, port, SNI, and what is written down.
#include "agent/checks/tls_alpn_check.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/fake_tls_client.hpp"
#include "tests/support/observed.hpp"
#include "tests/support/virtual_time.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kV4 = "203.113.7.1";
constexpr const char* kV6 = "2a02:6b8::1";

agent::TlsReply shown(std::string alpn = "acme-tls/1") {
  agent::TlsReply reply;
  reply.version = "TLSv1.3";
  reply.alpn = std::move(alpn);
  reply.certificate = {0x30, 0x00};
  return reply;
}

struct Site {
  VirtualTime time;
  FakeDnsClient dns{time.clock};
  FakeTlsClient tls{time.clock};
  LabRelaxations lab;

  TlsObservation look(const std::string& validated = "example.com", std::chrono::milliseconds budget = 10s) {
    const agent::HandshakeContext context{dns, tls, time.clock, lab};
    const rules::DcvSubject subject{identifier(validated), identifier(validated)};
    return time.run(agent::check_handshake(context, subject, time.in(budget)));
  }
};

}  // namespace

TEST_CASE("a handshake is written down with all that led to it (RFC 8737)", "[agent][tls]") {
  Site site;
  site.dns.addresses("example.com", {kV4, kV6});
  site.tls.fail(kV6, ProblemCode::kConnectionRefused);
  site.tls.serve(kV4, shown());
  const TlsObservation seen = site.look();
  CHECK(site.tls.requested == std::vector<std::string>{"203.113.7.1:443 example.com acme-tls/1"});
  CHECK(seen.server_name == "example.com");
  CHECK(seen.lookups.size() == 2);
  REQUIRE(seen.addresses.size() == 2);
  CHECK_FALSE(seen.addresses[0].is_v4());
  REQUIRE(seen.tried.size() == 2);
  CHECK(seen.tried[0].problem->code == ProblemCode::kConnectionRefused);
  CHECK_FALSE(seen.tried[1].problem);
  CHECK(seen.tried[1].port == 443);
  CHECK(seen.version == "TLSv1.3");
  CHECK(seen.alpn == "acme-tls/1");
  CHECK(seen.certificate == Bytes{0x30, 0x00});
  CHECK_FALSE(seen.problem);
}

TEST_CASE("SNI is the name, or the reverse name of an address (RFC 8738 6)", "[agent][tls]") {
  std::string nibbles = "1.";
  for (int i = 0; i < 23; ++i) nibbles += "0.";
  const std::pair<std::string, std::string> rows[] = {
      {kV4, "203.113.7.1:443 1.7.113.203.in-addr.arpa acme-tls/1"},
      {kV6, "[2a02:6b8::1]:443 " + nibbles + "8.b.6.0.2.0.a.2.ip6.arpa acme-tls/1"},
  };
  for (const auto& [validated, asked] : rows) DYNAMIC_SECTION(validated) {
      Site site;
      site.tls.serve(validated, shown());
      const TlsObservation seen = site.look(validated);
      CHECK(site.tls.requested == std::vector<std::string>{asked});
      CHECK(seen.lookups.empty());
      CHECK(seen.certificate.size() == 2);
    }
}

TEST_CASE("without a handshake the observation says why", "[agent][tls]") {
  Site site;
  const auto code = [&](const TlsObservation& seen) {
    REQUIRE(seen.problem);
    CHECK(seen.certificate.empty());
    return seen.problem->code;
  };
  SECTION("the name has no addresses") {
    site.dns.addresses("example.com", {});
    CHECK(code(site.look()) == ProblemCode::kDnsNoAddresses);
    CHECK(site.tls.requested.empty());
  }
  SECTION("an address that must not be connected to, even among others") {
    site.dns.addresses("example.com", {kV4, "10.0.0.1"});
    site.tls.serve(kV4, shown());
    const TlsObservation seen = site.look();
    CHECK(code(seen) == ProblemCode::kAddressForbidden);
    CHECK(seen.addresses.empty());
    CHECK(site.tls.requested.empty());
  }
  SECTION("a forbidden address itself") { CHECK(code(site.look("127.0.0.1")) == ProblemCode::kAddressForbidden); }
  SECTION("nobody listens") {
    site.dns.addresses("example.com", {kV4});
    const TlsObservation seen = site.look();
    CHECK(code(seen) == ProblemCode::kConnectionRefused);
    CHECK(seen.tried.size() == 1);
  }
  SECTION("only IPv6, from where there is none") {
    site.dns.addresses("example.com", {kV6});
    site.tls.fail(kV6, ProblemCode::kNoIpv6Egress);
    CHECK(code(site.look()) == ProblemCode::kNoIpv6Egress);
  }
  SECTION("the server refuses") {
    site.dns.addresses("example.com", {kV4, kV6});
    site.tls.serve(kV6, fail(ProblemCode::kTlsFailed, kV6, "no application protocol"));
    site.tls.serve(kV4, shown());
    const TlsObservation seen = site.look();
    CHECK(code(seen) == ProblemCode::kTlsFailed);
    CHECK(seen.tried.size() == 1);  // what a connected server says is final
  }
  SECTION("it is too slow: the step ends before its caller's time") {
    site.dns.addresses("example.com", {kV4});
    site.tls.serve(kV4, shown(), 1h);
    CHECK(code(site.look("example.com", 2s)) == ProblemCode::kTlsTimeout);
    CHECK(site.time.elapsed() < 2s);
    CHECK(site.time.elapsed() > 1900ms);
  }
  SECTION("the resolver is too slow") {
    site.dns.delay("example.com", 1h);
    CHECK(code(site.look("example.com", 2s)) == ProblemCode::kDnsTimeout);
    CHECK(site.time.elapsed() < 2s);
  }
}

TEST_CASE("a site that has only IPv6 shows its certificate", "[agent][tls]") {
  Site site;
  site.dns.addresses("example.com", {kV6});
  site.tls.serve(kV6, shown());
  CHECK(site.look().certificate.size() == 2);
}

TEST_CASE("what was agreed on is told as it is", "[agent][tls]") {
  Site site;
  site.dns.addresses("example.com", {kV4});
  site.tls.serve(kV4, shown(""));
  const TlsObservation seen = site.look();
  CHECK(seen.alpn.empty());  // judged by rules::judge_tls_alpn
  CHECK(seen.certificate.size() == 2);
  CHECK_FALSE(seen.problem);
}

TEST_CASE("a lab port map is dialled", "[agent][tls]") {
  Site site;
  site.lab.addresses.push_back(Prefix::parse("127.77.0.0/16").value());
  site.lab.ports = {{443, 17443}};
  site.dns.addresses("example.com", {"127.77.4.1"});
  site.tls.serve("127.77.4.1", shown());
  CHECK(site.look().tried.at(0).port == 17443);
}
