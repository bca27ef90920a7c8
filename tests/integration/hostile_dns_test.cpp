// AresDnsClient against resolvers that are silent, slow, forged or wrong.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <set>

#include "common/async/gather.hpp"
#include "common/rules/dns_message.hpp"
#include "tests/integration/system.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_resolver.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

agent::AresOptions options_for(const FakeResolver& resolver, std::chrono::milliseconds try_timeout = 3s) {
  agent::AresOptions options(resolver.endpoint());
  options.try_timeout = try_timeout;
  return options;
}

struct Timed {
  DnsLookup seen;
  std::chrono::milliseconds took;
};

Timed look_up(agent::AresOptions options, std::chrono::milliseconds budget) {
  RealTools tools(std::move(options));
  const auto start = std::chrono::steady_clock::now();
  DnsLookup seen = tools.run(tools.dns.lookup("www.example.com", RecordType::kA, tools.in(budget)));
  return {std::move(seen),
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start)};
}

std::optional<Bytes> silence(const Bytes&, int) { return std::nullopt; }

}  // namespace

TEST_CASE("a silent resolver ends at the deadline", "[dns][hostile]") {
  FakeResolver resolver(silence);
  const Timed timed = look_up(options_for(resolver), 600ms);
  CHECK(timed.seen.status == DnsStatus::kTimeout);
  CHECK(rules::problem_of(timed.seen)->code == ProblemCode::kDnsTimeout);
  CHECK(timed.took >= 590ms);
  CHECK(timed.took < 750ms);
}

TEST_CASE("a silent resolver is asked twice, the second time with more patience", "[dns][hostile]") {
  FakeResolver resolver(silence);
  const Timed timed = look_up(options_for(resolver, 200ms), 5s);
  CHECK(timed.seen.status == DnsStatus::kTimeout);
  CHECK(timed.seen.tries == 2);
  CHECK(resolver.queries() == 2);
  CHECK(timed.took >= 590ms);
  CHECK(timed.took < 1s);
}

TEST_CASE("a lost datagram is asked for again", "[dns][hostile]") {
  FakeResolver resolver([](const Bytes& query, int number) -> std::optional<Bytes> {
    if (number == 1) return std::nullopt;
    return empty_reply_to(query);
  });
  const Timed timed = look_up(options_for(resolver, 200ms), 5s);
  CHECK(timed.seen.status == DnsStatus::kAnswered);
  CHECK(timed.seen.tries == 2);
}

TEST_CASE("an error is no reason to ask again", "[dns][hostile]") {
  for (const std::uint8_t rcode : {2, 4, 5}) {
    FakeResolver resolver([rcode](const Bytes& query, int) {
      Bytes reply = empty_reply_to(query);
      reply[3] |= rcode;
      return std::optional(reply);
    });
    const Timed timed = look_up(options_for(resolver), 5s);
    CHECK(timed.seen.status == DnsStatus::kAnswered);
    CHECK(timed.seen.rcode == rcode);
    CHECK(resolver.queries() == 1);
  }
}

TEST_CASE("what a query looks like", "[dns]") {
  Bytes query;
  FakeResolver resolver([&query](const Bytes& q, int) {
    query = q;
    return std::optional(empty_reply_to(q));
  });
  CHECK(look_up(options_for(resolver), 5s).seen.status == DnsStatus::kAnswered);
  REQUIRE(query.size() == 12 + 17 + 4 + 11);
  CHECK((query[2] & 0x01) != 0);  // RD
  CHECK((query[3] & 0x20) != 0);  // AD
  CHECK((query[3] & 0x10) == 0);  // no CD
  CHECK(query[11] == 1);          // one additional record: OPT
  CHECK(query[query.size() - 9] == 41);
  CHECK((query[query.size() - 8] << 8 | query[query.size() - 7]) == 1232);
}

TEST_CASE("ids, spellings and source ports differ from query to query", "[dns]") {
  std::mutex mutex;
  std::set<Bytes> ids;
  std::set<Bytes> spellings;
  FakeResolver resolver([&](const Bytes& query, int) {
    const std::lock_guard lock(mutex);
    ids.insert(Bytes(query.begin(), query.begin() + 2));
    spellings.insert(Bytes(query.begin() + 12, query.begin() + 29));
    return std::optional(empty_reply_to(query));
  });
  for (int i = 0; i < 20; ++i) look_up(options_for(resolver), 5s);
  CHECK(ids.size() > 17);
  CHECK(spellings.size() > 17);
}

TEST_CASE("a resolver on this host is asked for names as they are written, for it hands the spelling on", "[dns]") {
  std::mutex mutex;
  std::set<Bytes> spellings;
  FakeResolver resolver([&](const Bytes& query, int) {
    const std::lock_guard lock(mutex);
    spellings.insert(Bytes(query.begin() + 12, query.begin() + 29));
    return std::optional(empty_reply_to(query));
  });
  agent::AresOptions options = options_for(resolver);
  options.on_this_host = true;
  for (int i = 0; i < 5; ++i) look_up(options, 5s);
  REQUIRE(spellings.size() == 1);
  CHECK(std::none_of(spellings.begin()->begin(), spellings.begin()->end(),
                     [](std::uint8_t c) { return c >= 'A' && c <= 'Z'; }));
}

TEST_CASE("forged replies", "[dns][hostile]") {
  SECTION("the name in another spelling: not an answer to this query") {
    FakeResolver resolver([](const Bytes& query, int) {
      Bytes reply = empty_reply_to(query);
      reply[13] ^= 0x20;
      return std::optional(reply);
    });
    CHECK(look_up(options_for(resolver), 1s).seen.status == DnsStatus::kMalformed);
  }
  SECTION("another id: waited past") {
    FakeResolver resolver([](const Bytes& query, int) {
      Bytes reply = empty_reply_to(query);
      reply[0] ^= 1;
      return std::optional(reply);
    });
    CHECK(look_up(options_for(resolver), 400ms).seen.status == DnsStatus::kTimeout);
  }
  SECTION("another name: waited past") {
    FakeResolver resolver([](const Bytes& query, int) {
      Bytes reply = empty_reply_to(query);
      reply[13] = 'x';
      return std::optional(reply);
    });
    CHECK(look_up(options_for(resolver), 400ms).seen.status == DnsStatus::kTimeout);
  }
  SECTION("octets at random: no answer") {
    FakeResolver resolver(
        [](const Bytes& query, int) { return std::optional(Bytes(query.begin(), query.begin() + 2)); });
    CHECK(look_up(options_for(resolver), 400ms).seen.status != DnsStatus::kAnswered);
  }
}

TEST_CASE("truncated, and nobody there over TCP", "[dns][hostile]") {
  FakeResolver resolver([](const Bytes& query, int) {
    Bytes reply = empty_reply_to(query);
    reply[2] |= 0x02;
    return std::optional(reply);
  });
  const Timed timed = look_up(options_for(resolver, 200ms), 2s);
  CHECK(timed.seen.status != DnsStatus::kAnswered);
  CHECK(timed.seen.over_tcp);
  CHECK(timed.took < 2100ms);
}

TEST_CASE("lookups that wait for a channel end at the deadline too", "[dns][hostile]") {
  FakeResolver resolver(silence);
  agent::AresOptions options = options_for(resolver);
  options.max_channels = 1;
  RealTools tools(options);
  const auto many = [&tools]() -> asio::awaitable<std::vector<DnsLookup>> {
    std::vector<asio::awaitable<DnsLookup>> work;
    for (int i = 0; i < 5; ++i) {
      work.push_back(tools.dns.lookup("n" + std::to_string(i) + ".example", RecordType::kA, tools.in(300ms)));
    }
    co_return co_await gather(std::move(work));
  };
  const auto start = std::chrono::steady_clock::now();
  for (const DnsLookup& lookup : tools.run(many())) CHECK(lookup.status == DnsStatus::kTimeout);
  CHECK(std::chrono::steady_clock::now() - start < 600ms);
}

TEST_CASE("a cancelled lookup ends at once and leaves the client usable", "[dns][hostile]") {
  FakeResolver resolver([](const Bytes& query, int number) -> std::optional<Bytes> {
    if (number == 1) return std::nullopt;
    return empty_reply_to(query);
  });
  RealTools tools(options_for(resolver));
  asio::cancellation_signal signal;
  bool ended = false;
  const auto start = std::chrono::steady_clock::now();
  asio::co_spawn(tools.context, tools.dns.lookup("www.example", RecordType::kA, tools.in(20s)),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, DnsLookup) { ended = true; }));
  asio::steady_timer timer(tools.context, 100ms);
  timer.async_wait([&](boost::system::error_code) { signal.emit(asio::cancellation_type::terminal); });
  tools.context.run();
  CHECK(ended);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
  CHECK(tools.run(tools.dns.lookup("www.example", RecordType::kA, tools.in(5s))).status == DnsStatus::kAnswered);
}

TEST_CASE("an address that is no resolver's is refused at start", "[dns]") {
  CHECK_THROWS_AS(RealTools(agent::AresOptions("not an address")), std::runtime_error);
}
