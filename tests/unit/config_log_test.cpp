// What coordinator.yaml says of the log: what is taken, and what is refused with which words.
#include "coordinator/config_log.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/config/events.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

config::YamlMap yaml(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / ("mpic-log-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << text << '\n';
  auto root = config::YamlMap::load(file);
  std::filesystem::remove(file);
  return root;
}

Retention retention(const std::string& keys) {
  auto root = yaml("store: {" + keys + "}");
  auto store = root.map("store");
  return load_retention(store);
}

template <class Load>
std::string error(Load&& load) {
  try {
    (void)load();
  } catch (const config::ConfigError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("bodies are kept for ever, unless it is said for how long", "[config][retention]") {
  CHECK(retention("") == Retention{});
  CHECK(retention("keep_days: 0").keep == std::chrono::days(0));
  CHECK(retention("keep_days: 1200").keep == std::chrono::days(1200));
  CHECK_FALSE(retention("keep_days: 1200").below_floor_accepted);
  CHECK(retention("keep_days: 1, below_floor: accepted").below_floor_accepted);
  CHECK(retention("caa_reuse: true").caa_is_reused);
}

TEST_CASE("what a time to keep must not be", "[config][retention]") {
  const std::pair<const char*, const char*> rows[] = {
      {"keep_days: -1", "store.keep_days: \"-1\"; a whole number from 0 to 36500 is accepted"},
      {"keep_days: 40000", "store.keep_days"},
      {"keep_days: for ever", "store.keep_days"},
      {"below_floor: true", "store.below_floor: \"accepted\" is accepted, and nothing else"},
      {"below_floor: Accepted", "store.below_floor"},
      {"caa_reuse: often", "store.caa_reuse"},
  };
  for (const auto& [keys, says] : rows) {
    DYNAMIC_SECTION(keys) {
      CHECK_THAT(error([&] { return retention(keys); }), Catch::Contains(says));
    }
  }
}

TEST_CASE("a log has a name that its checkpoints can carry", "[config]") {
  const auto origin = [](const std::string& text) {
    auto root = yaml("log_origin: " + text);
    return load_log_origin(root);
  };
  CHECK(origin("mpic.ca.example/2026") == "mpic.ca.example/2026");
  for (const char* bad : {"'two words'", "a+b", "'caf\xc3\xa9'", "\"a\\tb\""}) {
    DYNAMIC_SECTION(bad) {
      CHECK_THAT(error([&] { return origin(bad); }), Catch::Contains("log_origin: 1 to 255 octets of printable ASCII"));
    }
  }
}

TEST_CASE("without a checkpoint key it is said how one is made", "[config]") {
  CHECK_THAT(error([] {
               auto root = yaml("log_origin: x");
               return load_checkpoint_key(root);
             }),
             Catch::Contains("checkpoint_key: missing, but required") &&
                 Catch::Contains("openssl genpkey -algorithm ed25519 -out checkpoint-key.pem") &&
                 Catch::Contains("mpic keys vkey --name"));
  CHECK_THAT(error([] {
               auto root = yaml("checkpoint_key: no-such.pem");
               return load_checkpoint_key(root);
             }),
             Catch::Contains("no-such.pem"));
}

TEST_CASE("events go to a file beside the configuration, to standard output, or nowhere", "[config][events]") {
  auto none = yaml("log_origin: x");
  CHECK(config::events_file(none).empty());
  auto standard = yaml("events: '-'");
  CHECK(config::events_file(standard) == "-");
  auto file = yaml("events: events.jsonl");
  CHECK(config::events_file(file).filename() == "events.jsonl");
  CHECK(config::events_file(file).has_parent_path());
}

TEST_CASE("a deployment knows whether it keeps records for long enough", "[retention]") {
  const TimePoint day(std::chrono::sys_days(2026y / 11 / 25));
  Deployment deployment = test::worldwide();
  CHECK_FALSE(deployment.below_floor_at(day));
  deployment.retention.keep = std::chrono::days(1130);
  CHECK_FALSE(deployment.below_floor_at(day));
  deployment.retention.keep = std::chrono::days(1129);
  REQUIRE(deployment.below_floor_at(day));
  CHECK(*deployment.below_floor_at(day) ==
        "store.keep_days is 1129, and records must be kept for 1130 days (BR 5.4.3, 5.5.2): 200 of reuse and 200 of "
        "validity (BR 4.2.1, 6.3.2), and 730 after the certificate's end");
  deployment.profiles.push_back(Profile::kSmime);
  deployment.retention.keep = std::chrono::days(1200);
  CHECK_THAT(*deployment.below_floor_at(day), Catch::Contains("1953 days"));
  deployment.profiles = {Profile::kCustom};
  deployment.retention.keep = std::chrono::days(1);
  CHECK_FALSE(deployment.below_floor_at(day));
}
