// Who is let in, and what is told of whom is not.
#include "coordinator/access/access.hpp"

#include "common/telemetry/event_kinds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/hand_set_clock.hpp"
#include "tests/support/kept_events.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;

const TimePoint kNow{std::chrono::sys_days(2026y / 11 / 25)};

std::string key_text(const std::string& id, char secret = 'a') { return "mpic_" + id + "_" + std::string(64, secret); }

ApiKey key_of(const std::string& client, const std::string& id, std::optional<TimePoint> expires = {}) {
  ApiKey key;
  key.id = id;
  key.client = client;
  key.name = "machine-" + id;
  key.sha256 = api_key_hash(key_text(id));
  key.created = kNow;
  key.expires = expires;
  return key;
}

// pipeline: a certificate and a key; batch: a certificate; robot: keys alone, the second one until noon.
std::vector<ClientEntry> everybody() {
  std::vector<ClientEntry> out = {{.name = "pipeline", .san = "pipeline.example"},
                                  {.name = "batch", .san = "batch.example"},
                                  {.name = "robot", .san = ""}};
  out[0].api_keys = {key_of("pipeline", "00000001")};
  out[2].api_keys = {key_of("robot", "00000002"), key_of("robot", "00000003", kNow + 12h)};
  out[0].rate = {.per_second = 10, .burst = 2};
  return out;
}

SettingsPtr settings(std::vector<ClientEntry> clients) {
  static const evidence::SigningKey key = evidence::SigningKey::generate();
  Settings out{test::worldwide(), Digest{}, key, {}, {}, {}};
  out.deployment.clients = std::move(clients);
  return std::make_shared<const Settings>(std::move(out));
}

struct Door {
  test::HandSetClock clock{kNow};
  SettingsInForce in_force{settings(everybody())};
  telemetry::Metrics metrics;
  test::KeptEvents events;
  Access access{in_force, clock, metrics, events};

  [[nodiscard]] std::string ask(const std::vector<std::string>& sans, const std::string& key,
                                const std::string& source = "192.0.2.1") {
    const Credentials who{sans, key, source + ":50344", source};
    const auto client = access.authenticate(who, "Corroborate");
    if (client) return client->name;
    return std::string(to_string(client.error().code)) + ": " + client.error().detail;
  }
  [[nodiscard]] bool counted(const std::string& why, int times) const {
    return metrics.text().find("mpic_denied_total{why=\"" + why + "\"} " + std::to_string(times) + "\n") !=
           std::string::npos;
  }
};

constexpr const char* kNotKnown = "UNAUTHENTICATED: who asks is not known here";

}  // namespace

TEST_CASE("who asks is told by its certificate, its API key, or both", "[access]") {
  using Sans = std::vector<std::string>;
  struct Row {
    const char* rule;
    Sans sans;
    std::string key;
    std::string client;
    const char* why;  // for the metric and the event
    const char* what;
  };
  const Row rows[] = {
      {"a certificate", {"pipeline.example"}, "", "pipeline", "", ""},
      {"a certificate with another name before", {"other.example", "batch.example"}, "", "batch", "", ""},
      {"a key", {}, key_text("00000002"), "robot", "", ""},
      {"both, of one client", {"pipeline.example"}, key_text("00000001"), "pipeline", "", ""},
      {"a key beside a certificate of nobody", {"mesh.example"}, key_text("00000002"), "robot", "", ""},
      {"a key that ends later", {}, key_text("00000003"), "robot", "", ""},
      {"nothing", {}, "", kNotKnown, "nothing_shown", "neither a certificate nor an API key was shown"},
      {"a certificate of nobody",
       {"x.example"},
       "",
       kNotKnown,
       "certificate",
       "no client with this certificate is configured"},
      {"a certificate with an empty name",
       {""},
       "",
       kNotKnown,
       "certificate",
       "no client with this certificate is configured"},
      {"no key", {}, "password", kNotKnown, "no_key", "what was shown as an API key is none"},
      {"no key, beside a good certificate",
       {"pipeline.example"},
       "password",
       kNotKnown,
       "no_key",
       "what was shown as an API key is none"},
      {"a key of nobody", {}, key_text("00000009"), kNotKnown, "unknown_key", "there is no API key with this id"},
      {"another secret",
       {},
       key_text("00000002", 'b'),
       kNotKnown,
       "wrong_key",
       "the API key with this id is another one"},
      {"a key and a certificate of two",
       {"batch.example"},
       key_text("00000002"),
       kNotKnown,
       "two_clients",
       "the certificate is batch's, the API key robot's"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Door door;
      CHECK(door.ask(row.sans, row.key) == row.client);
      const auto events = door.events.all();
      REQUIRE(events.size() == (*row.why == '\0' ? 0 : 1));
      if (events.empty()) continue;
      CHECK(door.counted(row.why, 1));
      CHECK(events[0].kind == telemetry::event_kind::kAccessDenied);
      CHECK(events[0].who == "192.0.2.1:50344");
      CHECK(events[0].what == row.what);
      CHECK(test::member(events[0], "why") == row.why);
      CHECK(test::member(events[0], "method") == "Corroborate");
      CHECK(test::member(events[0], "address") == "192.0.2.1:50344");
      CHECK(test::member(events[0], "api_key") == api_key_id(row.key).value_or(""));
      if (row.key.empty()) continue;
      CHECK_THAT(telemetry::to_json(events[0], "test", "test"), !Catch::Contains(row.key.substr(row.key.size() - 8)));
    }
}

TEST_CASE("a key is none from its end on, and the log says whose it was", "[access]") {
  Door door;
  door.clock.pass(12h - 1ms);
  CHECK(door.ask({}, key_text("00000003")) == "robot");
  door.clock.pass(1ms);
  CHECK(door.ask({}, key_text("00000003")) == kNotKnown);
  CHECK(door.counted("expired_key", 1));
  CHECK(test::member(door.events.all().at(0), "client") == "robot");
  CHECK(door.ask({}, key_text("00000002")) == "robot");
}

TEST_CASE("a reload makes and takes away keys and clients, for messages of open streams too", "[access]") {
  Door door;
  const Credentials robot{{}, key_text("00000002"), "unix", "unix"};
  REQUIRE(door.access.authenticate(robot, "CorroborateMany"));
  CHECK(door.access.authenticate_again(robot, "CorroborateMany")->name == "robot");
  auto next = everybody();
  next[2].api_keys = {key_of("robot", "00000004")};
  door.in_force.replace(settings(next));
  CHECK(door.access.authenticate_again(robot, "CorroborateMany").error().code == ProblemCode::kUnauthenticated);
  CHECK(door.counted("unknown_key", 1));
  CHECK(door.ask({}, key_text("00000004")) == "robot");
  next.pop_back();
  door.in_force.replace(settings(next));
  CHECK(door.ask({}, key_text("00000004")) == kNotKnown);
}

TEST_CASE("what a reload replaced is not kept", "[access][reload]") {
  Door door;
  CHECK(door.ask({"batch.example"}, "") == "batch");
  const std::weak_ptr<const Settings> before = door.in_force.get();
  door.in_force.replace(settings(everybody()));
  CHECK(before.expired());
}

TEST_CASE("who is let in has no keys about it", "[access]") {
  Door door;
  const auto client = door.access.authenticate({{"pipeline.example"}, "", "unix", "unix"}, "Watch");
  REQUIRE(client);
  CHECK(client->api_keys.empty());
  CHECK(client->rate.burst == 2);
}

TEST_CASE("failed attempts slow their source, and nobody else", "[access][failures]") {
  Door door;
  for (std::size_t i = 0; i <= kFreeFailures; ++i) CHECK(door.ask({}, "guess") == kNotKnown);
  const auto events = door.events.all();
  REQUIRE(events.size() == kFreeFailures + 1);
  CHECK(test::member(events[kFreeFailures - 1], "pause_ms") == "");
  CHECK(test::member(events[kFreeFailures], "pause_ms") == "1000");

  const std::string slowed = "OVERLOADED: too many failed attempts from there; again in 1000 ms";
  CHECK(door.ask({}, "guess") == slowed);
  CHECK(door.ask({}, key_text("00000002")) == slowed);  // it is not looked at
  CHECK(door.ask({"x.example"}, "") == slowed);
  CHECK(door.ask({"pipeline.example"}, key_text("00000001")) == slowed);
  CHECK(door.counted("slowed", 4));
  CHECK(door.events.all().size() == events.size());  // a flood is counted, not told

  CHECK(door.ask({"pipeline.example"}, "") == "pipeline");  // it has nothing to try out
  CHECK(door.ask({}, key_text("00000002"), "192.0.2.2") == "robot");
  const Credentials open{{}, key_text("00000002"), "192.0.2.1:1", "192.0.2.1"};
  CHECK(door.access.authenticate_again(open, "CorroborateMany"));

  door.clock.pass(1s);
  CHECK(door.ask({}, key_text("00000002")) == "robot");
  CHECK(door.ask({}, "guess") == kNotKnown);  // who came in meanwhile has not made up for it
  CHECK(door.ask({}, "guess") == "OVERLOADED: too many failed attempts from there; again in 2000 ms");
}

TEST_CASE("a stream whose key is gone slows nobody", "[access][failures]") {
  Door door;
  const Credentials gone{{}, key_text("00000009"), "192.0.2.1:1", "192.0.2.1"};
  for (int i = 0; i < 20; ++i) CHECK_FALSE(door.access.authenticate_again(gone, "CorroborateMany"));
  CHECK(door.ask({}, key_text("00000002")) == "robot");
}

TEST_CASE("one IPv6 network is one source", "[access][failures]") {
  Door door;
  for (std::size_t i = 0; i <= kFreeFailures; ++i) {
    CHECK(door.ask({}, "guess", "2001:db8::" + std::to_string(i + 1)) == kNotKnown);
  }
  CHECK_THAT(door.ask({}, key_text("00000002"), "2001:db8::99"), Catch::StartsWith("OVERLOADED"));
  CHECK(door.ask({}, key_text("00000002"), "2001:db8:0:1::1") == "robot");
}

TEST_CASE("what a client asks too often is refused and counted", "[access][rate]") {
  Door door;
  const auto pipeline = door.access.authenticate({{"pipeline.example"}, "", "unix", "unix"}, "Watch");
  REQUIRE(pipeline);
  CHECK(door.access.spend(*pipeline));
  CHECK(door.access.spend(*pipeline));
  CHECK(door.access.spend(*pipeline).error().code == ProblemCode::kOverloaded);
  CHECK_THAT(door.metrics.text(), Catch::Contains("mpic_refusals_total{reason=\"rate\"} 1\n"));
  door.clock.pass(100ms);
  CHECK(door.access.spend(*pipeline));
}
