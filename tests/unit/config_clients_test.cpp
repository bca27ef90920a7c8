// The section `clients`: what is taken, and what is refused with which words.
#include "coordinator/config_clients.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

// `keys`: of the file of API keys; none: there is no such file.
std::vector<ClientEntry> load(const std::string& clients, const std::optional<std::string>& keys = {}) {
  const auto file = std::filesystem::temp_directory_path() / ("mpic-clients-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << "clients: [" << clients << "]\n";
  auto root = config::YamlMap::load(file);
  std::filesystem::remove(file);
  Deployment deployment = test::worldwide();
  deployment.clients.clear();
  std::filesystem::path of_keys;
  if (keys) {
    of_keys = file.string() + ".keys";
    std::ofstream(of_keys) << *keys;
  }
  load_clients(root, of_keys, deployment);
  return deployment.clients;
}

std::string error(const std::string& clients, const std::optional<std::string>& keys = {}) {
  try {
    (void)load(clients, keys);
  } catch (const config::ConfigError& e) {
    return e.what();
  }
  return "";
}

std::string asserting(const std::string& keys) {
  return "{name: ca, san: ca.example, asserted_primary: {" + keys + "}}";
}

std::string key_of(const std::string& client, const std::string& id, const std::string& name) {
  return "  - {id: '" + id + "', client: " + client + ", name: " + name + ", sha256: '" + std::string(64, '0') +
         "', created: 2026-11-25}\n";
}

std::string with_rights(const std::string& rights) { return "{name: a, san: a.example, rights: {" + rights + "}}"; }
std::string with_rate(const std::string& rate) { return "{name: a, san: a.example, rate: {" + rate + "}}"; }

constexpr const char* kParis = "place: {name: Paris, latitude: 48.86, longitude: 2.35}";

}  // namespace

TEST_CASE("clients and their rights", "[config][clients]") {
  const auto clients = load(
      "{name: pipeline, san: pipeline.example}, "
      "{name: audit, san: audit.example, open_requests: 5, reads_all_records: true}");
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].open_requests == 0);
  CHECK_FALSE(clients[0].reads_all_records);
  CHECK_FALSE(clients[0].asserted_primary);
  CHECK(clients[1].name == "audit");
  CHECK(clients[1].san == "audit.example");
  CHECK(clients[1].open_requests == 5);
  CHECK(clients[1].reads_all_records);
}

TEST_CASE("a Primary that a client speaks for", "[config][clients]") {
  const auto here = load(asserting(std::string("id: theirs, rir: RIPE, validates_dnssec: true, ") + kParis));
  REQUIRE(here.front().asserted_primary);
  const DeployedPerspective& primary = here.front().asserted_primary->where;
  CHECK(primary.id.text() == "theirs");
  CHECK(primary.role == Role::kPrimary);
  CHECK(primary.rir == Rir::kRipe);
  CHECK(primary.place.name == "Paris");
  CHECK(primary.resolver_place.name == "Paris");
  CHECK(primary.resolver_rir == Rir::kRipe);
}

TEST_CASE("clients that are refused", "[config][clients]") {
  struct Row {
    const char* rule;
    std::string clients;
    const char* says;
  };
  const std::string theirs = "id: theirs, rir: RIPE, validates_dnssec: true, ";
  const Row rows[] = {
      {"none", "", "at least one client is needed"},
      {"one SAN for two", "{name: a, san: x}, {name: b, san: x}", "another client has the same SAN"},
      {"one name for two", "{name: a, san: x}, {name: a, san: y}", "another client has the same name"},
      {"a name with a line feed", R"({name: "a\nb", san: x})", "printable ASCII without blanks"},
      {"a name that is too long", "{name: " + std::string(65, 'a') + ", san: x}", "1 to 64 octets"},
      {"no room at all", "{name: a, san: x, open_requests: 0}", "open_requests"},
      {"a Primary without a place", asserting("id: theirs, rir: RIPE, validates_dnssec: true"), "place"},
      {"without the statement on DNSSEC", asserting(std::string("id: theirs, rir: RIPE, ") + kParis), "BR 4.2.2.2.1"},
      {"with another statement", asserting(std::string("id: theirs, rir: RIPE, validates_dnssec: false, ") + kParis),
       "BR 4.2.2.2.1"},
      {"by the id of a perspective that is observed",
       asserting(std::string("id: primary, rir: RIPE, validates_dnssec: true, ") + kParis),
       "\"primary\" is the id of a configured perspective"},
      {"too near to a remote", asserting(theirs + "place: {name: Belfast, latitude: 54.60, longitude: -5.93}"),
       "theirs and dub are 140"},
      {"with its resolver too near to a remote's",
       asserting(theirs + kParis + ", resolver_place: {name: Belfast, latitude: 54.60, longitude: -5.93}"),
       "the resolvers of theirs and dub are 140"},
      {"with its resolver in another region", asserting(theirs + kParis + ", resolver_rir: ARIN"),
       "its resolver is in the region of ARIN"},
      {"of an unknown region", asserting(std::string("id: theirs, rir: EU, validates_dnssec: true, ") + kParis),
       "is no RIR"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_THAT(error(row.clients), Catch::Matchers::Contains(row.says));
    }
}

TEST_CASE("a Primary of the caller's may stand beside the configured one: only one of them is asked",
          "[config][clients]") {
  CHECK(error(asserting("id: theirs, rir: RIPE, validates_dnssec: true, place: {name: Mainz, latitude: 50.0, "
                        "longitude: 8.27}")) == "");
}

TEST_CASE("a client is told by its certificate, its API keys, or either", "[config][clients][access]") {
  const auto clients = load(
      "{name: a, san: a.example}, {name: b}, {name: c, san: c.example}",
      "keys:\n" + key_of("b", "00000001", "one") + key_of("c", "00000002", "one") + key_of("b", "00000003", "two"));
  REQUIRE(clients.size() == 3);
  CHECK(clients[0].api_keys.empty());
  CHECK(clients[1].san.empty());
  REQUIRE(clients[1].api_keys.size() == 2);
  CHECK(clients[1].api_keys[1].id == "00000003");
  REQUIRE(clients[2].api_keys.size() == 1);
  CHECK(clients[2].api_keys[0].client == "c");
}

TEST_CASE("rights and rates of clients", "[config][clients][access]") {
  const auto clients = load(
      "{name: a, san: a.example, rights: {methods: [acme-dns-01, dns-persistent], issuer_domains: [CA.example], "
      "modes: [monitor]}, rate: {per_second: 0.5}}, {name: b, san: b.example, rate: {per_second: 50, burst: 100}}, "
      "{name: c, san: c.example, rights: {modes: [enforce, monitor]}}");
  REQUIRE(clients.size() == 3);
  CHECK(clients[0].rights.methods == std::vector{DcvMethod::kAcmeDns01, DcvMethod::kDnsPersistent});
  CHECK(clients[0].rights.issuer_domains == std::vector<std::string>{"ca.example"});
  CHECK_FALSE(clients[0].rights.enforce);
  CHECK(clients[0].rights.monitor);
  CHECK(clients[0].rate == ClientRate{.per_second = 0.5, .burst = 1});
  CHECK(clients[1].rights == ClientRights{});
  CHECK(clients[1].rate == ClientRate{.per_second = 50, .burst = 100});
  CHECK(clients[2].rights == ClientRights{});
  CHECK(clients[2].rate == ClientRate{});
}

TEST_CASE("keys, rights and rates that are refused", "[config][clients][access]") {
  struct Row {
    const char* rule;
    std::string clients;
    std::optional<std::string> keys;
    const char* says;
  };
  const std::string two = "keys:\n" + key_of("a", "00000001", "one") + key_of("nobody", "00000002", "two");
  const Row rows[] = {
      {"a client that can show nothing", "{name: a}", {}, "client a has no API key either"},
      {"nor with keys of others", "{name: a, san: a.example}, {name: b}", "keys:\n" + key_of("a", "00000001", "one"),
       "clients[1].san: is missing, and client b has no API key either"},
      {"an empty SAN", "{name: a, san: ''}", "keys:\n" + key_of("a", "00000001", "one"), "san"},
      {"a key of nobody, by its line", "{name: a}", two, ".keys:3: keys[1].client: no client \"nobody\" is configured"},
      {"a file of keys that is none", "{name: a, san: a.example}", "kyes: []", "kyes: unknown key"},
      {"a method that is none", with_rights("methods: [http-01]"), {}, "accepted here: dns-change, acme-dns-01"},
      {"no method at all", with_rights("methods: []"), {}, "leave it out where there is no limit"},
      {"an issuer that is no name", with_rights("issuer_domains: ['ca example']"), {}, "rights.issuer_domains"},
      {"no issuer at all", with_rights("issuer_domains: []"), {}, "leave it out where there is no limit"},
      {"a mode that is none", with_rights("modes: [trial]"), {}, "accepted here: enforce, monitor"},
      {"no mode at all", with_rights("modes: []"), {}, "leave it out where there is no limit"},
      {"a right that is none", with_rights("method: [acme-dns-01]"), {}, "did you mean \"methods\"?"},
      {"a rate without a number", with_rate("burst: 5"), {}, "per_second"},
      {"a rate of nothing", with_rate("per_second: 0"), {}, "per_second"},
      {"a rate below nothing", with_rate("per_second: -1"), {}, "per_second"},
      {"a burst of nothing", with_rate("per_second: 1, burst: 0"), {}, "burst"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_THAT(error(row.clients, row.keys), Catch::Matchers::Contains(row.says));
    }
}
