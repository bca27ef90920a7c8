// API keys, and the file of their hashes.
#include "coordinator/access/api_keys.hpp"

#include <fstream>
#include <set>

#include "common/config/yaml.hpp"
#include "coordinator/access/api_keys_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cli_run.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;

const std::string kId = "3fa9c0d1";
const std::string kText = "mpic_" + kId + "_" + std::string(64, 'a');
const std::string kHash = std::string(64, '0');

std::string entry(const std::string& more = "") {
  return "{id: '3fa9c0d1', client: pipeline, name: ejbca-prod, sha256: '" + kHash + "', created: 2026-11-25" + more +
         "}";
}

std::string error(const std::string& text) {
  const cli::Folder folder;
  const auto file = folder.path() / "keys.yaml";
  std::ofstream(file) << text;
  try {
    (void)load_api_keys(file);
  } catch (const config::ConfigError& e) {
    return e.what();
  }
  return "";
}

ApiKey key_named(const std::string& id, const std::string& name) {
  ApiKey key;
  key.id = id;
  key.client = "pipeline";
  key.name = name;
  key.sha256 = api_key_hash(name);
  key.created = std::chrono::sys_days(2026y / 11 / 25);
  return key;
}

}  // namespace

TEST_CASE("a key that was made is one, and no other is the same", "[access][keys]") {
  SystemRandom random;
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    const std::string text = new_api_key(random);
    ApiKey key;
    key.id = api_key_id(text).value();
    key.sha256 = api_key_hash(text);
    CHECK(is_same(key, text));
    CHECK(text.size() == 78);
    CHECK(all.insert(text).second);
    for (const std::string& other : all) CHECK(is_same(key, other) == (other == text));
  }
}

TEST_CASE("what has not the form of a key has no id", "[access][keys]") {
  CHECK(api_key_id(kText) == kId);
  const std::string rows[] = {"",
                              "mpic_",
                              kText.substr(1),
                              kText + "a",
                              kText.substr(0, kText.size() - 1),
                              "MPIC_" + kText.substr(5),
                              "mpic_3fa9c0d1-" + std::string(64, 'a'),
                              "mpic_3FA9C0D1_" + std::string(64, 'a'),
                              "mpic_3fa9c0d1_" + std::string(64, 'A'),
                              "mpic_3fa9c0d1_" + std::string(63, 'a') + '\0',
                              " " + kText,
                              std::string(100'000, 'a')};
  for (const std::string& text : rows) {
    INFO(text.substr(0, 100));
    CHECK_FALSE(api_key_id(text));
  }
}

TEST_CASE("a file of keys says again what was written to it", "[access][keys]") {
  const cli::Folder folder;
  const auto file = folder.path() / "keys.yaml";
  std::vector<ApiKey> keys = {key_named("00000000", "a"), key_named("ffffffff", R"(it's"\{#}:)")};
  keys.back().expires = std::chrono::sys_days(2027y / 11 / 26);
  for (const auto& written : {std::vector<ApiKey>{}, keys}) {
    std::ofstream(file) << api_keys_text(written);
    CHECK(load_api_keys(file) == written);
  }
}

TEST_CASE("a file of keys that is at fault is refused, with the line", "[access][keys]") {
  struct Row {
    const char* rule;
    std::string text;
    const char* says;
  };
  const Row rows[] = {
      {"no mapping", "nonsense", "keys.yaml"},
      {"another key", "key: []", "key: unknown key"},
      {"an id that is none", "keys: [{id: '3FA9C0D1', client: a, name: b}]", "eight lower-case hexadecimal digits"},
      {"no client", "keys: [{id: '3fa9c0d1', name: b}]", "client"},
      {"a name with a blank", "keys: [{id: '3fa9c0d1', client: a, name: 'b c'}]", "without blanks"},
      {"a hash that is none", "keys: [{id: '3fa9c0d1', client: a, name: b, sha256: abc}]", "64 lower-case"},
      {"a day that is none", "keys: [" + entry(", expires: 2026-02-30") + "]", "such as 2026-11-25"},
      {"a day and more", "keys: [" + entry(", expires: 2026-02-03T00") + "]", "such as 2026-11-25"},
      {"what nobody asked for", "keys: [" + entry(", key: x") + "]", "unknown key"},
      {"an id twice", "keys:\n  - " + entry() + "\n  - " + entry() + "\n", "keys.yaml:3: keys[1].id: another key has"},
      {"a name twice",
       "keys:\n  - " + entry() + "\n  - {id: '00000000', client: pipeline, name: ejbca-prod, sha256: '" + kHash +
           "', created: 2026-11-25}\n",
       "another key of this client has the same name"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_THAT(error(row.text), Catch::Contains(row.says));
    }
  CHECK(error("keys: [" + entry(", expires: 2027-11-26") + "]") == "");
}

TEST_CASE("a key in place of its hash is not told", "[access][keys]") {
  const std::string said = error("keys: [{id: '3fa9c0d1', client: a, name: b, sha256: " + kText + "}]");
  CHECK_THAT(said, Catch::Contains("sha256"));
  CHECK_THAT(said, !Catch::Contains("aaaa"));
}

TEST_CASE("a file has so many keys, and so many octets, as can be read again", "[access][keys]") {
  std::vector<ApiKey> keys(5'000, key_named("00000000", std::string(64, 'n')));
  CHECK_FALSE(fits_a_file(keys));
  keys.resize(1'000);
  CHECK(fits_a_file(keys));
}
