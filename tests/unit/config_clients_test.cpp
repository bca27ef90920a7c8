// The section `clients`: what is taken, and what is refused with which words.
#include "coordinator/config_clients.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

std::vector<ClientEntry> load(const std::string& clients) {
  const auto file = std::filesystem::temp_directory_path() / ("mpic-clients-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << "clients: [" << clients << "]\n";
  auto root = config::YamlMap::load(file);
  std::filesystem::remove(file);
  Deployment deployment = test::worldwide();
  deployment.clients.clear();
  load_clients(root, deployment);
  return deployment.clients;
}

std::string error(const std::string& clients) {
  try {
    (void)load(clients);
  } catch (const config::ConfigError& e) {
    return e.what();
  }
  return "";
}

std::string asserting(const std::string& keys) {
  return "{name: ca, san: ca.example, asserted_primary: {" + keys + "}}";
}

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
