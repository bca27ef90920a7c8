// Targets whose name servers mean harm: each ends within its bound, with a problem of its own, and an honest agent
// never looks like a liar for what a target did.
#include <sys/socket.h>

#include <thread>

#include "tests/integration/target.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

// Nothing of ours ends later than this after the time that it was given.
constexpr auto kMargin = 150ms;
constexpr const char* kName = "www.example.test";

// Records of one type for the name, over TCP when they are many.
NameServer::Answer records_of(unsigned type, std::vector<Octets> records) {
  return [type, records = std::move(records)](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = query.reply();
    if (query.type == type && query.name == kName) {
      for (const Octets& record : records) reply.raw_answer(pointer_to(kQuestionName), type, record);
    }
    Bytes octets = query.finish(reply);
    if (!query.tcp && octets.size() > 1232) return query.truncated();
    return octets;
  };
}

std::vector<Octets> many(std::size_t count, const std::function<Octets(std::size_t)>& make) {
  std::vector<Octets> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(make(i));
  return out;
}

Octets numbered_address(std::size_t number) {
  return {203, 113, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)};
}

Octets numbered_property(std::size_t number) {
  return caa_rdata(0, "issue", "ca-" + std::to_string(number) + ".example");
}

Looked caa_of(NameServer::Answer answer) {
  NameServer server(std::move(answer));
  return Target(server.endpoint(), kNoPort).look_caa(kName);
}

Looked http_of(NameServer::Answer answer) {
  NameServer server(std::move(answer));
  return Target(server.endpoint(), kNoPort).look_http(kName);
}

}  // namespace

TEST_CASE("sets of a thousand records are read whole, longer ones are cut and decide nothing", "[dns][hostile]") {
  SECTION("1,000 CAA records") {
    const Looked looked = caa_of(records_of(kCaa, many(1'000, numbered_property)));
    CHECK(looked.caa->problem->code == ProblemCode::kCaaForbids);
    CHECK(looked.octets <= kMaxObservation);
    CHECK(looked.took < 2s);
  }
  SECTION("1,000 CAA records, the last of which permits") {
    auto records = many(999, numbered_property);
    records.push_back(caa_rdata(0, "issue", "ca.example"));
    const Looked looked = caa_of(records_of(kCaa, std::move(records)));
    CHECK(looked.caa->outcome == Outcome::kCorroborates);
  }
  SECTION("more than 1,024, the last of which forbids") {
    auto records = many(1'100, [](std::size_t) { return caa_rdata(0, "issue", "ca.example"); });
    records.push_back(caa_rdata(128, "future", "x"));
    const Looked looked = caa_of(records_of(kCaa, std::move(records)));
    CHECK(looked.caa->problem->code == ProblemCode::kDnsTooManyRecords);
    CHECK(looked.seen.caa->lookups[0].records_cut);
  }
  SECTION("1,000 addresses, sixteen of which are tried at most") {
    const Looked looked = http_of(records_of(kA, many(1'000, [](std::size_t) { return address_octets("127.0.0.1"); })));
    CHECK(looked.dcv->problem->code == ProblemCode::kConnectionRefused);
    CHECK(looked.seen.dcv);
  }
  SECTION("more than 1,024 addresses") {
    const Looked looked = http_of(records_of(kA, many(1'100, numbered_address)));
    CHECK(looked.dcv->problem->code == ProblemCode::kDnsTooManyRecords);
    CHECK(std::get<HttpObservation>(looked.seen.dcv->seen).hops[0].tried.empty());
  }
  SECTION("one internal address among a thousand") {
    auto records = many(1'000, numbered_address);
    records[777] = address_octets("10.0.0.1");
    const Looked looked = http_of(records_of(kA, std::move(records)));
    CHECK(looked.dcv->problem->code == ProblemCode::kAddressForbidden);
    CHECK(std::get<HttpObservation>(looked.seen.dcv->seen).hops[0].tried.empty());
  }
}

TEST_CASE("a set too large for an observation is cut with a mark, and the agent is no liar for it", "[dns][hostile]") {
  const std::string large(65'250, 'x');
  const Looked looked = caa_of(records_of(kCaa, {caa_rdata(0, "issue", large), caa_rdata(0, "issue", "ca.example")}));
  CHECK(looked.octets <= kMaxObservation);
  CHECK(looked.seen.cut);
  CHECK(looked.caa->outcome != Outcome::kCorroborates);
  CHECK(looked.caa->outcome != Outcome::kEvidenceInvalid);
  INFO(looked.caa->problem->detail);
  CHECK(looked.caa->problem->code == ProblemCode::kDnsTooManyRecords);
}

TEST_CASE("thousands of records at each level of the climb", "[dns][hostile]") {
  const auto records = many(1'000, numbered_property);
  NameServer server([&records](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = query.reply();
    for (const Octets& record : records) reply.raw_answer(pointer_to(kQuestionName), kCaa, record);
    return query.tcp ? query.finish(reply) : query.truncated();
  });
  const Looked looked = Target(server.endpoint(), kNoPort).look_caa("a.b.c.d.e.f.g.h.i.j.k.l.example.test");
  CHECK(looked.octets <= kMaxObservation);
  CHECK(looked.seen.cut);
  CHECK(looked.caa->outcome != Outcome::kCorroborates);
  CHECK(looked.caa->outcome != Outcome::kEvidenceInvalid);
  CHECK(looked.took < 3s + kMargin);
}

TEST_CASE("records of any octets", "[dns][hostile]") {
  struct Row {
    const char* what;
    unsigned type;
    Octets record;
    ProblemCode code;
  };
  const std::string any("\0\xff\xc3\x28\x1b[2J\"\\\n", 11);
  const Row rows[] = {
      {"an address of no octets", kA, {}, ProblemCode::kDnsMalformed},
      {"an address of three octets", kA, {127, 0, 0}, ProblemCode::kDnsMalformed},
      {"an address of five octets", kA, {127, 0, 0, 1, 1}, ProblemCode::kDnsMalformed},
      {"an IPv6 address as A", kA, address_octets("::1"), ProblemCode::kDnsMalformed},
      {"an IPv4 address as AAAA", kAaaa, {127, 0, 0, 1}, ProblemCode::kDnsMalformed},
      {"an IPv6 address of 17 octets", kAaaa, Octets(17, 0), ProblemCode::kDnsMalformed},
      {"CAA of no octets", kCaa, {}, ProblemCode::kDnsMalformed},
      {"CAA of one octet", kCaa, {0}, ProblemCode::kDnsMalformed},
      {"CAA with an empty tag", kCaa, {0, 0, 'x'}, ProblemCode::kDnsMalformed},
      {"CAA with a tag that is longer than the record", kCaa, {0, 200, 'i', 's'}, ProblemCode::kDnsMalformed},
      {"CAA with a value of any octets", kCaa, caa_rdata(0, "issue", any), ProblemCode::kCaaForbids},
      {"CAA with a value of 255 octets", kCaa, caa_rdata(0, "issue", std::string(255, '\0')), ProblemCode::kCaaForbids},
      {"CAA with a tag of any octets", kCaa, caa_rdata(128, any, "ca.example"), ProblemCode::kCaaCriticalUnknown},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      const auto answer = records_of(row.type, {row.record});
      const Looked looked = row.type == kCaa ? caa_of(answer) : http_of(answer);
      const rules::Judgement& judgement = row.type == kCaa ? *looked.caa : *looked.dcv;
      REQUIRE(judgement.problem);
      INFO(judgement.problem->detail);
      CHECK(judgement.problem->code == row.code);
      CHECK(judgement.outcome != Outcome::kEvidenceInvalid);
      CHECK(is_utf8(judgement.problem->detail));
      CHECK(judgement.problem->detail.find('\x1b') == std::string::npos);
      CHECK(looked.took < 1s);
    }
}

TEST_CASE("chains of CNAMEs", "[dns][hostile]") {
  const auto chain = [](std::size_t length, bool closed) -> NameServer::Answer {
    return [=](const DnsQuery& query) -> std::optional<Bytes> {
      Packet reply = query.reply();
      std::string at = query.name;
      for (std::size_t i = 0; i < length; ++i) {
        const std::string next = closed && i + 1 == length ? query.name : "c" + std::to_string(i) + ".example.test";
        reply.cname(at, next);
        at = next;
      }
      if (query.type == kA) reply.answer(at, kA, address_octets("127.0.0.1"));
      const Bytes octets = query.finish(reply);
      return !query.tcp && octets.size() > 1232 ? query.truncated() : octets;
    };
  };
  CHECK(http_of(chain(kMaxCnames, false)).dcv->problem->code == ProblemCode::kConnectionRefused);  // so far, and on
  CHECK(http_of(chain(kMaxCnames + 1, false)).dcv->problem->code == ProblemCode::kDnsMalformed);
  CHECK(http_of(chain(500, false)).dcv->problem->code == ProblemCode::kDnsMalformed);
  CHECK(http_of(chain(2, true)).dcv->problem->code == ProblemCode::kDnsMalformed);
  CHECK(http_of(chain(1, true)).dcv->problem->code == ProblemCode::kDnsMalformed);
  CHECK(caa_of(chain(kMaxCnames + 1, false)).caa->problem->code == ProblemCode::kDnsMalformed);
}

TEST_CASE("what comes over TCP ends with the time given", "[dns][hostile]") {
  using Raw = NameServer::RawTcp;
  const auto put = [](int socket, std::string_view octets) {
    send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
  };
  struct Row {
    const char* what;
    Raw raw;
  };
  const Row rows[] = {
      {"nothing", [](int) {}},
      {"a length, and nothing after it", [=](int socket) { put(socket, "\xff\xff"); }},
      {"an empty message", [=](int socket) { put(socket, std::string_view("\0\0", 2)); }},
      {"a short message", [=](int socket) { put(socket, std::string_view("\0\3abc", 5)); }},
      {"an octet now and then",
       [=](int socket) {
         for (int i = 0; i < 12; ++i) {
           put(socket, "\xff");
           std::this_thread::sleep_for(100ms);
         }
       }},
      {"the end in the middle",
       [=](int socket) {
         put(socket, std::string_view("\x10\x00middle", 8));
         shutdown(socket, SHUT_RDWR);
       }},
      {"octets without end",
       [=](int socket) {
         const std::string octets(10'000, '\xfe');
         for (int i = 0; i < 100; ++i) put(socket, octets);
       }},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      NameServer server([](const DnsQuery& query) { return std::optional(query.truncated()); });
      server.over_tcp(row.raw);
      Target target(server.endpoint(), kNoPort);
      target.budget = 1s;
      const Looked looked = target.look_caa(kName);
      REQUIRE(looked.caa->problem);
      INFO(to_string(looked.caa->problem->code) << ": " << looked.caa->problem->detail);
      // Who closes a connection is the perspective's own resolver, so that is no fault of the target's.
      CHECK((looked.caa->outcome == Outcome::kCouldNotLook || looked.caa->outcome == Outcome::kUnreachable));
      CHECK(looked.took < 1s + kMargin);
    }
}

TEST_CASE("a name that rebinds is resolved anew at each hop, and what was checked is what is dialled",
          "[dns][hostile]") {
  HostileServer site([](const Victim& victim) {
    const std::string request = victim.read_request();
    if (request.starts_with("GET /.well-known/")) {
      victim.send("HTTP/1.1 302 Found\r\nLocation: /inside\r\nContent-Length: 0\r\n\r\n");
    } else {
      victim.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
    }
  });
  std::atomic<int> lookups = 0;
  NameServer server([&lookups](const DnsQuery& query) -> std::optional<Bytes> {
    Packet reply = query.reply();
    if (query.type == kA) {
      reply.raw_answer(pointer_to(kQuestionName), kA, address_octets(++lookups == 1 ? "127.0.0.1" : "127.0.0.2"), 0);
    }
    return query.finish(reply);
  });
  const Looked looked = Target(server.endpoint(), site.port()).look_http("rebind.example.test");
  CHECK(looked.dcv->problem->code == ProblemCode::kAddressForbidden);
  const auto& seen = std::get<HttpObservation>(looked.seen.dcv->seen);
  REQUIRE(seen.hops.size() == 2);
  CHECK(seen.hops[0].tried[0].address.text() == "127.0.0.1");
  CHECK(seen.hops[1].tried.empty());
  CHECK(site.connections() == 1);
  CHECK(lookups == 2);  // one for each hop: none between check and dialling
}

TEST_CASE("names whose servers never answer end with the time given", "[dns][hostile]") {
  NameServer server([](const DnsQuery&) { return std::nullopt; });
  Target target(server.endpoint(), kNoPort);
  target.budget = 700ms;
  const Looked caa = target.look_caa("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.example.test");
  CHECK(caa.caa->problem->code == ProblemCode::kDnsTimeout);
  CHECK(caa.took < 700ms + kMargin);
  const Looked http = target.look_http(kName);
  CHECK(http.dcv->problem->code == ProblemCode::kDnsTimeout);
  CHECK(http.took < 700ms + kMargin);
}
