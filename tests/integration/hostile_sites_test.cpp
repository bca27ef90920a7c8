// Whole fetches from sites that mean harm, over real sockets: where they lead, and how much they make an agent report.
#include "common/rules/dcv_http.hpp"
#include "tests/integration/target.hpp"
#include "tests/support/agent_under_test.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tls_deed.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

const HttpObservation& http_of(const Looked& looked) { return std::get<HttpObservation>(looked.seen.dcv->seen); }

std::string found(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

// Leads to `length` further URLs, each made of its number, and then serves `last`.
HostileServer::Deed leading_on(int length, std::function<std::string(int)> location, std::string last) {
  auto requests = std::make_shared<int>(0);
  return [=, last = std::move(last)](const Victim& victim) {
    (void)victim.read_request();
    const int number = ++*requests;
    victim.send(number <= length ? found(location(number)) : last);
  };
}

std::string served(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string long_name(char first) {  // 250 octets
  return std::string(61, first) + '.' + std::string(61, 'b') + '.' + std::string(61, 'c') + '.' + std::string(54, 'd') +
         ".example.test";
}

void expect_honest_failure(const Looked& looked) {
  REQUIRE(looked.dcv->problem);
  INFO(to_string(looked.dcv->problem->code) << ": " << looked.dcv->problem->detail);
  CHECK(looked.octets <= kMaxObservation);
  CHECK(looked.dcv->outcome != Outcome::kCorroborates);
  CHECK(looked.dcv->outcome != Outcome::kEvidenceInvalid);
}

}  // namespace

TEST_CASE("where a site must not lead, nobody goes", "[http][hostile]") {
  struct Row {
    const char* location;
    ProblemCode code;
  };
  const Row rows[] = {
      {"gopher://www.example.test/", ProblemCode::kRedirectForbidden},
      {"file:///etc/passwd", ProblemCode::kRedirectForbidden},
      {"ftp://www.example.test/", ProblemCode::kRedirectForbidden},
      {"http://www.example.test:22/", ProblemCode::kRedirectForbidden},
      {"http://www.example.test:8080/", ProblemCode::kRedirectForbidden},
      {"https://www.example.test:80443/", ProblemCode::kRedirectForbidden},
      {"http://user@www.example.test/", ProblemCode::kRedirectForbidden},
      {"http://user:secret@www.example.test/", ProblemCode::kRedirectForbidden},
      {"http://www.example.test@10.0.0.1/", ProblemCode::kRedirectForbidden},
      {"http://10.0.0.1/", ProblemCode::kAddressForbidden},
      {"http://169.254.169.254/latest/meta-data/", ProblemCode::kAddressForbidden},
      {"http://127.0.0.2/", ProblemCode::kAddressForbidden},
      {"http://[::1]/", ProblemCode::kAddressForbidden},
      {"http://[::ffff:10.0.0.1]/", ProblemCode::kAddressForbidden},
      {"http://[64:ff9b::a00:1]/", ProblemCode::kAddressForbidden},
      {"http://[fe80::1%25lo]/", ProblemCode::kRedirectForbidden},
      {"http://2130706433/", ProblemCode::kRedirectForbidden},
      {"http://0x7f.1/", ProblemCode::kRedirectForbidden},
      {"http://0177.0.0.1/", ProblemCode::kRedirectForbidden},
      {"http:///nowhere", ProblemCode::kRedirectForbidden},
      {"http://www.example.test\\@10.0.0.1/", ProblemCode::kRedirectForbidden},
      {"http://www.example.test/a b", ProblemCode::kRedirectForbidden},
      {"", ProblemCode::kRedirectForbidden},
  };
  NameServer names(addresses_only({"127.0.0.1"}));
  for (const Row& row : rows) DYNAMIC_SECTION("Location: " << row.location) {
      HostileServer site(leading_on(
          1, [&row](int) { return row.location; }, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
      const Looked looked = Target(names.endpoint(), site.port()).look_http("www.example.test");
      REQUIRE(looked.dcv->problem);
      INFO(looked.dcv->problem->detail);
      CHECK(looked.dcv->problem->code == row.code);
      CHECK(looked.dcv->outcome == Outcome::kContradicts);
      CHECK(site.connections() == 1);
    }
}

TEST_CASE("a site that leads in circles, or ever on", "[http][hostile]") {
  NameServer names(addresses_only({"127.0.0.1"}));
  const auto look = [&](std::function<std::string(int)> location) {
    HostileServer site(leading_on(1'000, std::move(location), ""));
    Looked looked = Target(names.endpoint(), site.port()).look_http("www.example.test");
    CHECK(site.connections() <= static_cast<int>(kMaxHops));
    return looked;
  };
  CHECK(look([](int) { return "/again"; }).dcv->problem->code == ProblemCode::kRedirectLoop);
  CHECK(look([](int n) { return n % 2 == 0 ? "/even" : "/odd"; }).dcv->problem->code == ProblemCode::kRedirectLoop);
  CHECK(look([](int n) { return "/" + std::to_string(n); }).dcv->problem->code == ProblemCode::kTooManyRedirects);
  CHECK(look([](int n) { return "http://n" + std::to_string(n) + ".example.test/"; }).dcv->problem->code ==
        ProblemCode::kTooManyRedirects);
  CHECK(look([](int n) { return "/?" + std::string(3'000, 'x') + std::to_string(n); }).dcv->problem->code ==
        ProblemCode::kRedirectForbidden);
}

TEST_CASE("a thousand addresses at each of ten redirects do not make a liar of the agent", "[http][dns][hostile]") {
  NameServer names([](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = query.reply();
    if (query.type != kA) return query.finish(reply);
    for (int i = 0; i < 1'000; ++i) reply.raw_answer(pointer_to(kQuestionName), kA, address_octets("127.0.0.1"));
    return query.tcp ? query.finish(reply) : query.truncated();
  });
  HostileServer site(leading_on(
      10, [](int n) { return "http://n" + std::to_string(n) + ".example.test/"; },
      served(kChallenge.key_authorization)));
  const Looked looked = Target(names.endpoint(), site.port()).look_http("www.example.test");
  CHECK(looked.seen.cut);
  expect_honest_failure(looked);
}

TEST_CASE("long chains at each of ten redirects do not either", "[http][dns][hostile]") {
  NameServer names([](const DnsQuery& query) -> std::optional<Bytes> {
    if (!query.tcp) return query.truncated();
    Packet reply = query.reply();
    std::string at = query.name;
    for (char link = 'e'; link < 'e' + 16; ++link) {
      const std::string next = long_name(link);
      reply.cname(at, next);
      at = next;
    }
    if (query.type == kA) reply.answer(at, kA, address_octets("127.0.0.1"));
    return query.finish(reply);
  });
  HostileServer site(leading_on(
      10, [](int n) { return "http://n" + std::to_string(n) + ".example.test/"; },
      served(kChallenge.key_authorization)));
  const Looked looked = Target(names.endpoint(), site.port()).look_http("www.example.test");
  CHECK(looked.octets <= kMaxObservation);
  CHECK(looked.dcv->outcome != Outcome::kEvidenceInvalid);
}

TEST_CASE("the longest URLs, names and body together do not either", "[http][dns][hostile]") {
  NameServer names(addresses_only({"127.0.0.1"}));
  const std::string blanks(rules::http_01_body_limit(kChallenge) - kChallenge.key_authorization.size(), ' ');
  const auto location = [](int n) {
    std::string url = "http://" + long_name(static_cast<char>('e' + n)) + "/";
    return url + std::string(kMaxUrl - url.size(), 'p');
  };
  HostileServer site(leading_on(10, location, served(kChallenge.key_authorization + blanks)));
  const Looked looked = Target(names.endpoint(), site.port()).look_http("www.example.test");
  CHECK(http_of(looked).hops.size() <= kMaxHops);
  CHECK(looked.octets <= kMaxObservation);
  CHECK(looked.dcv->outcome != Outcome::kEvidenceInvalid);
}

TEST_CASE("a site that has only IPv6 validates, from an agent that has it", "[http][tls][dns]") {
  NameServer names(addresses_only({"::1"}));
  HostileServer pages(
      [](const Victim& victim) {
        (void)victim.read_request();
        victim.send(served(kChallenge.key_authorization));
      },
      "::1");
  HostileServer handshakes(shakes_hands(TlsDeed(make_certificate(
                               validation_shape(Identifier::parse("six.example.test").value(), Digest{})))),
                           "::1");
  for (const bool has_ipv6 : {true, false}) DYNAMIC_SECTION("the agent has IPv6: " << has_ipv6) {
      const auto look = [&](std::uint16_t port, bool page) {
        Target target(names.endpoint(), port);
        target.address = "::1";
        target.has_ipv6 = has_ipv6;
        return page ? target.look_http("six.example.test") : target.look_tls("six.example.test");
      };
      for (const Looked& looked : {look(pages.port(), true), look(handshakes.port(), false)}) {
        INFO((looked.dcv->problem ? looked.dcv->problem->detail : ""));
        if (has_ipv6) {
          CHECK(looked.dcv->outcome == Outcome::kCorroborates);
        } else {
          REQUIRE(looked.dcv->problem);
          CHECK(looked.dcv->problem->code == ProblemCode::kNoIpv6Egress);
          CHECK(looked.dcv->outcome == Outcome::kCouldNotLook);
        }
      }
    }
}

TEST_CASE("a tls-alpn-01 server is judged by the certificate that it shows", "[tls]") {
  NameServer names(addresses_only({"127.0.0.1"}));
  const Identifier name = Identifier::parse("www.example.test").value();
  struct Row {
    const char* what;
    std::function<void(TlsDeed&)> change;
    std::optional<ProblemCode> code;
  };
  Digest other{};
  other.fill(1);
  const Row rows[] = {
      {"as it should be", [](TlsDeed&) {}, std::nullopt},
      {"ignores ALPN", [](TlsDeed& d) { d.alpn = TlsDeed::Alpn::kIgnores; }, ProblemCode::kAlpnNotAgreed},
      {"does not list acme-tls/1", [](TlsDeed& d) { d.alpn = TlsDeed::Alpn::kRefuses; }, ProblemCode::kTlsFailed},
      {"another digest", [&](TlsDeed& d) { d.certificate = make_certificate(validation_shape(name, other)); },
       ProblemCode::kCertificateMismatch},
      {"another name",
       [&](TlsDeed& d) {
         d.certificate = make_certificate(validation_shape(Identifier::parse("other.example.test").value(), Digest{}));
       },
       ProblemCode::kCertificateMismatch},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      TlsDeed deed(make_certificate(validation_shape(name, Digest{})));
      row.change(deed);
      HostileServer site(shakes_hands(deed));
      const Looked looked = Target(names.endpoint(), site.port()).look_tls("www.example.test");
      INFO((looked.dcv->problem ? looked.dcv->problem->detail : ""));
      if (row.code) {
        REQUIRE(looked.dcv->problem);
        CHECK(looked.dcv->problem->code == *row.code);
      } else {
        CHECK(looked.dcv->outcome == Outcome::kCorroborates);
      }
      CHECK(looked.dcv->outcome != Outcome::kEvidenceInvalid);
    }
}
