// Failed attempts and rates, by a clock that the tests set.
#include "coordinator/access/credentials.hpp"
#include "coordinator/access/failures.hpp"
#include "coordinator/access/rates.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr SteadyPoint kStart{};

// How many of `asked` requests at once there is room for.
std::size_t taken(Rates& rates, const ClientRate& rate, SteadyPoint now, int asked) {
  std::size_t out = 0;
  for (int i = 0; i < asked; ++i) out += rates.spend("pipeline", rate, now).has_value() ? 1 : 0;
  return out;
}

}  // namespace

TEST_CASE("five failures in a minute are free, the sixth begins a pause, which doubles up to a minute",
          "[access][failures]") {
  Failures failures;
  for (std::size_t i = 0; i < kFreeFailures; ++i) CHECK(failures.add("a", kStart) == 0ms);
  SteadyPoint now = kStart;
  for (const milliseconds pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    CHECK(failures.pause_of("a", now) == 0ms);
    CHECK(failures.add("a", now) == pause);
    CHECK(failures.pause_of("a", now) == pause);
    CHECK(failures.pause_of("a", now + pause - 1us) == 1ms);
    CHECK(failures.pause_of("b", now) == 0ms);
    now += pause;
  }
}

TEST_CASE("who fails seldom is never slowed", "[access][failures]") {
  Failures failures;
  for (int i = 0; i < 100; ++i) CHECK(failures.add("a", kStart + 13s * i) == 0ms);
}

TEST_CASE("who was quiet for a minute after its pause begins anew", "[access][failures]") {
  struct Row {
    const char* rule;
    std::chrono::seconds after;
    milliseconds pause;
  };
  const Row rows[] = {{"at once after it", 1s, 2s}, {"a minute less a second", 60s, 2s}, {"a minute", 61s, 0s}};
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Failures failures;
      for (std::size_t i = 0; i <= kFreeFailures; ++i) failures.add("a", kStart);
      CHECK(failures.add("a", kStart + row.after) == row.pause);
    }
}

TEST_CASE("so many sources are known, and the one that was seen least recently goes", "[access][failures]") {
  Failures failures;
  for (std::size_t i = 0; i <= kFreeFailures; ++i) failures.add("first", kStart);
  for (std::size_t i = 0; i <= kFreeFailures; ++i) failures.add("second", kStart);
  for (std::size_t i = 2; i < kMaxSources; ++i) failures.add(std::to_string(i), kStart);
  CHECK(failures.sources() == kMaxSources);
  CHECK(failures.pause_of("first", kStart) == 1s);  // seen
  failures.add("one more", kStart);
  CHECK(failures.sources() == kMaxSources);
  CHECK(failures.pause_of("first", kStart) == 1s);
  CHECK(failures.pause_of("second", kStart) == 0ms);  // forgotten
}

TEST_CASE("a client asks as often as its rate says, and as many at once as its burst", "[access][rate]") {
  Rates rates;
  const ClientRate rate{.per_second = 50, .burst = 100};
  CHECK(taken(rates, rate, kStart, 150) == 100);
  CHECK(taken(rates, rate, kStart + 19ms, 150) == 0);
  CHECK(taken(rates, rate, kStart + 20ms, 150) == 1);
  CHECK(taken(rates, rate, kStart + 1020ms, 150) == 50);
  CHECK(taken(rates, rate, kStart + 1h, 150) == 100);
}

TEST_CASE("who asks too often is told when to come again, and is right to", "[access][rate]") {
  struct Row {
    ClientRate rate;
    const char* says;
    milliseconds wait;
  };
  const Row rows[] = {
      {{.per_second = 50, .burst = 2}, "this client may ask 50 times a second, 2 at once; again in 20 ms", 20ms},
      {{.per_second = 0.001, .burst = 1},
       "this client may ask 0.001 times a second, 1 at once; again in 1000000 ms",
       1'000'000ms},
      {{.per_second = 3, .burst = 1}, "this client may ask 3 times a second, 1 at once; again in 334 ms", 334ms},
      {{.per_second = 100'000, .burst = 1}, "this client may ask 100000 times a second, 1 at once; again in 1 ms", 1ms},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.says) {
      Rates rates;
      CHECK(taken(rates, row.rate, kStart, static_cast<int>(row.rate.burst)) == row.rate.burst);
      const auto refused = rates.spend("pipeline", row.rate, kStart);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ProblemCode::kOverloaded);
      CHECK(refused.error().detail == row.says);
      CHECK(rates.spend("pipeline", row.rate, kStart + row.wait));
    }
}

TEST_CASE("rates are each client's own, and follow a reload", "[access][rate]") {
  Rates rates;
  const ClientRate slow{.per_second = 1, .burst = 10};
  CHECK(taken(rates, slow, kStart, 20) == 10);
  CHECK(rates.spend("batch", slow, kStart));
  CHECK(taken(rates, {.per_second = 1'000, .burst = 10}, kStart + 5ms, 20) == 5);  // what was used up stays so
  CHECK(taken(rates, {}, kStart + 5ms, 1'000) == 1'000);                           // no limit
  CHECK(taken(rates, slow, kStart + 5ms, 20) == 10);
  CHECK(taken(rates, {.per_second = 1, .burst = 2}, kStart + 1h, 20) == 2);
}

TEST_CASE("failures are counted by an IPv4 address, or by the /64 of an IPv6 address", "[access][failures]") {
  struct Row {
    const char* source;
    std::string group;
  };
  const Row rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:db8:1:2::", "2001:db8:1:2::/64"},
      {"::1", "::/64"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"unix", "unix"},
      {"", ""},
  };
  for (const Row& row : rows) CHECK(source_group(row.source) == row.group);
  CHECK(source_group(std::string(10'000, 'x')).size() == 128);
}

TEST_CASE("an API key is shown by either header, once", "[access][keys]") {
  using Values = std::vector<std::string_view>;
  struct Row {
    const char* rule;
    Values x_api_key;
    Values authorization;
    std::string shown;
  };
  const Row rows[] = {
      {"none", {}, {}, ""},
      {"x-api-key", {"mpic_1"}, {}, "mpic_1"},
      {"blanks around it", {" mpic_1\t"}, {}, "mpic_1"},
      {"a bearer token", {}, {"Bearer mpic_1"}, "mpic_1"},
      {"the scheme in any case", {}, {"bEARER   mpic_1"}, "mpic_1"},
      {"both, the same", {"mpic_1"}, {"Bearer mpic_1"}, "mpic_1"},
      {"both, not the same: no key", {"mpic_1"}, {"Bearer mpic_2"}, "mpic_1 mpic_2"},
      {"one header twice: no key", {"mpic_1", "mpic_2"}, {}, "mpic_1 mpic_2"},
      {"another scheme: no key", {}, {"Basic bXBpYw=="}, "Basic bXBpYw=="},
      {"no scheme: as it is", {}, {"mpic_1"}, "mpic_1"},
      {"a scheme alone: no key", {}, {"Bearer"}, "Bearer"},
      {"a scheme that only begins so: no key", {}, {"Bearerx y"}, "Bearerx y"},
      {"an empty one is one that is none", {""}, {}, " "},
      {"an empty one beside a key: the key", {""}, {"Bearer mpic_1"}, "mpic_1"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(api_key_shown(row.x_api_key, row.authorization) == row.shown);
    }
  const std::string longest(100'000, 'x');
  CHECK(api_key_shown({longest, longest}, {longest}).size() == kMaxShownKey);
}
