// `mpic keys api`: the whole tool but its main(), and the files that it leaves.
#include "cli/api_keys.hpp"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "common/async/clock.hpp"
#include "coordinator/access/api_keys.hpp"
#include "tests/support/cli_run.hpp"

namespace {

using namespace mpic;
using namespace mpic::cli;

std::string content_of(const fs::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

struct KeysFile {
  Folder folder;
  fs::path path = folder.path() / "api-keys.yaml";

  [[nodiscard]] Result run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"keys", "api"});
    arguments.insert(arguments.end(), {"--keys", path.string()});
    return mpic_run(arguments);
  }
  [[nodiscard]] Result create(const std::string& client, const std::string& name) const {
    return run({"create", "--client", client, "--name", name});
  }
  [[nodiscard]] std::vector<coordinator::ApiKey> keys() const { return coordinator::load_api_keys(path); }
};

// On a day that is fixed.
std::string list_at(const KeysFile& file, std::chrono::sys_days day) {
  std::ostringstream out;
  Surroundings around{out, out, Style{}, ""};
  list_api_keys(file.path, day, around);
  return out.str();
}

}  // namespace

TEST_CASE("cli: a key is made, told once, and kept by its hash", "[cli][keys][access]") {
  const KeysFile file;
  const Result made = file.create("pipeline", "ejbca-prod");
  REQUIRE(made.status == 0);
  REQUIRE(made.out.size() == 79);  // the key and a line feed
  const std::string text = made.out.substr(0, 78);
  const auto keys = file.keys();
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].id == coordinator::api_key_id(text));
  CHECK(keys[0].client == "pipeline");
  CHECK(keys[0].name == "ejbca-prod");
  CHECK(coordinator::is_same(keys[0], text));
  REQUIRE(keys[0].expires);
  CHECK(*keys[0].expires - keys[0].created ==
        std::chrono::days(366));  // whole days, what is left of today not among them
  struct stat status {};
  REQUIRE(::stat(file.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK_THAT(content_of(file.path), !Catch::Contains(text.substr(14)));
  CHECK(std::distance(fs::directory_iterator(file.folder.path()), {}) == 1);  // nothing is left beside it
}

TEST_CASE("cli: what to do with a key is told beside it, without it", "[cli][keys][access]") {
  const KeysFile file;
  std::ostringstream out;
  std::ostringstream notes;
  Surroundings around{out, notes, Style{}, ""};
  SystemRandom random;
  const TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + std::chrono::hours(13);
  create_api_key(file.path, {.client = "pipeline", .name = "nightly", .days = 30}, random, now, around);
  const std::string id = file.keys().at(0).id;
  CHECK_THAT(notes.str(),
             Catch::StartsWith("API key " + id + " (nightly) of pipeline, good until 2026-12-26 00:00 UTC.") &&
                 Catch::Contains("SIGHUP") && !Catch::Contains(out.str().substr(14, 64)));
}

TEST_CASE("cli: a key may have no end", "[cli][keys][access]") {
  const KeysFile file;
  CHECK(file.run({"create", "--client", "a", "--name", "b", "--days", "0"}).status == 0);
  CHECK_FALSE(file.keys().at(0).expires);
}

TEST_CASE("cli: keys are listed with their state, never themselves", "[cli][keys][access]") {
  const KeysFile file;
  const std::string text = file.create("pipeline", "ejbca-prod").out;
  REQUIRE(file.run({"create", "--client", "batch", "--name", "for-ever", "--days", "0"}).status == 0);
  const auto keys = file.keys();
  const auto end = std::chrono::floor<std::chrono::days>(*keys[0].expires);
  const std::string before = list_at(file, end - std::chrono::days(1));
  CHECK_THAT(before, Catch::Contains(keys[0].id) && Catch::Contains("ejbca-prod") && Catch::Contains("never") &&
                         !Catch::Contains("expired") && !Catch::Contains(text.substr(14, 64)));
  CHECK_THAT(list_at(file, end), Catch::Contains("expired"));
  const Result listed = file.run({"list"});
  CHECK(listed.status == 0);
  CHECK_THAT(listed.out, Catch::StartsWith("ID ") && Catch::Contains("for-ever"));
}

TEST_CASE("cli: keys are revoked by their ids or names", "[cli][keys][access]") {
  const KeysFile file;
  for (const char* client : {"a", "b"}) REQUIRE(file.create(client, "same").status == 0);
  REQUIRE(file.create("a", "other").status == 0);
  const std::string id = file.keys().at(0).id;
  const auto ids = [&] {
    std::vector<std::string> out;
    for (const auto& key : file.keys()) out.push_back(key.client + "/" + key.name);
    return out;
  };
  const Result unsure = file.run({"revoke", "same"});
  CHECK(unsure.status == 64);
  CHECK_THAT(unsure.errors, Catch::Contains(id + " of a, ") && Catch::Contains(" of b have the name \"same\""));
  CHECK(file.keys().size() == 3);
  CHECK(file.run({"revoke", "nobody"}).status == 64);
  CHECK(file.run({"revoke", id}).status == 0);
  CHECK(ids() == std::vector<std::string>{"b/same", "a/other"});
  const Result revoked = file.run({"revoke", "same"});
  CHECK(revoked.status == 0);
  CHECK(revoked.out.empty());
  CHECK(file.run({"revoke", "other"}).status == 0);
  CHECK(file.keys().empty());
  CHECK(file.run({"list"}).status == 0);
}

TEST_CASE("cli: keys that cannot be are refused, and nothing is written", "[cli][keys][access]") {
  const KeysFile file;
  REQUIRE(file.create("pipeline", "ejbca-prod").status == 0);
  const std::string before = content_of(file.path);
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"create"},
      {"create", "--client", "a"},
      {"create", "--client", "a b", "--name", "c"},
      {"create", "--client", "", "--name", "c"},
      {"create", "--client", "a", "--name", std::string(65, 'n')},
      {"create", "--client", "a", "--name", "\x1b[2J"},
      {"create", "--client", "a", "--name", "c", "--days", "-1"},
      {"create", "--client", "a", "--name", "c", "--days", "3651"},
      {"create", "--client", "a", "--name", "c", "--days", "soon"},
      {"create", "--client", "pipeline", "--name", "ejbca-prod"},  // there is one
      {"revoke"},
  };
  for (const auto& arguments : wrong) {
    const Result result = file.run(arguments);
    INFO(result.errors);
    CHECK(result.status == 64);
    CHECK(result.out.empty());
    CHECK_FALSE(result.errors.empty());
    CHECK_THAT(result.errors, !Catch::Contains("\x1b"));
  }
  CHECK(content_of(file.path) == before);
}

TEST_CASE("cli: a file of keys that cannot be read is left as it is", "[cli][keys][access]") {
  const KeysFile file;
  for (const char* text : {"keys: [", "", "keys: [{id: x}]", "key: []", "\x01\x02"}) {
    std::ofstream(file.path) << text;
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"create", "--client", "a", "--name", "b"}, {"revoke", "b"}, {"list"}}) {
      const Result result = file.run(arguments);
      INFO(text);
      CHECK(result.status == 64);
      CHECK(result.out.empty());
      CHECK_THAT(result.errors, Catch::Contains("api-keys.yaml"));
    }
    CHECK(content_of(file.path) == text);
  }
}

TEST_CASE("cli: a folder that is not there is said so", "[cli][keys][access]") {
  KeysFile file;
  file.path = file.folder.path() / "nowhere" / "api-keys.yaml";
  const Result result = file.create("a", "b");
  CHECK(result.status == 73);
  CHECK(result.out.empty());
  CHECK_THAT(result.errors, Catch::Contains("nowhere"));
}

TEST_CASE("cli: keys that are made at once are all kept", "[cli][keys][access]") {
  const KeysFile file;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&file, i] {
      std::ostringstream out;
      Surroundings around{out, out, Style{}, ""};
      SystemRandom random;
      create_api_key(file.path, {.client = "a", .name = std::to_string(i)}, random, SystemClock().now(), around);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(file.keys().size() == 8);
}

TEST_CASE("cli: help on keys has examples", "[cli][keys][access]") {
  for (const char* command : {"create", "list", "revoke"}) {
    const Result help = mpic_run({"keys", "api", command, "--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.out, Catch::Contains(std::string("mpic keys api ") + command + " --keys"));
  }
}
