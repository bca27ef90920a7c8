// The section `planning`: what is taken, and what is refused with which words.
#include "coordinator/config_planning.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

// A deployment of six remotes, and a folder with secrets.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("mpic-planning-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
    write("good", std::string(64, 'a') + "\n");
    write("least", std::string(32, 'b'));
    write("short", std::string(31, 'c') + "\r\n\n");
    write("long", std::string(4'097, 'd'));
    write("empty", "");
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] Planning load(const std::string& keys) const {
    write("coordinator.yaml", "planning: {" + keys + "}\n");
    Deployment deployment;
    for (const char* id : {"primary", "shadow", "r1", "r2", "r3", "r4", "r5", "r6"}) {
      PerspectiveEntry entry{.where = {.id = PerspectiveId::parse(id).value()}};
      if (id[0] == 'p') entry.where.role = Role::kPrimary;
      if (id[0] == 's') entry.where.role = Role::kShadow;
      deployment.perspectives.push_back(std::move(entry));
    }
    load_planning(config::YamlMap::load(path_ / "coordinator.yaml").map("planning"), deployment);
    return deployment.planning;
  }
  [[nodiscard]] std::string error(const std::string& keys) const {
    try {
      (void)load(keys);
    } catch (const config::ConfigError& e) {
      return e.what();
    }
    return "";
  }

 private:
  void write(const char* file, const std::string& text) const { std::ofstream(path_ / file) << text; }
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("planning as it is configured", "[config][planning]") {
  const Folder folder;
  const Planning all = folder.load("remotes: 5, cohorts: 1, secret: good, separate_caa: true, parallel: true");
  CHECK(all.remotes == 5);
  CHECK(all.cohorts == 1);
  CHECK(all.secret == std::string(64, 'a'));  // without the end of its line
  CHECK(all.separate_caa);
  CHECK(all.parallel);

  const Planning nothing = folder.load("");
  CHECK(nothing.remotes == 0);
  CHECK(nothing.cohorts == 1);
  CHECK(nothing.secret.empty());
  CHECK_FALSE(nothing.separate_caa);
  CHECK_FALSE(nothing.parallel);

  CHECK(folder.load("remotes: 6").remotes == 6);  // all: there is nothing to choose
  CHECK(folder.load("cohorts: 8, secret: least").secret.size() == 32);
}

TEST_CASE("planning that is refused", "[config][planning]") {
  const Folder folder;
  struct Row {
    const char* rule;
    const char* keys;
    const char* says;
  };
  const Row rows[] = {
      {"more than there are, the Primary and shadows apart", "remotes: 7", "7 are to be asked, and 6 remotes are"},
      {"none", "remotes: 0", "planning.remotes"},
      {"no cohort", "cohorts: 0, secret: good", "planning.cohorts"},
      {"nine cohorts", "cohorts: 9, secret: good", "planning.cohorts"},
      {"a choice that anybody could reckon", "remotes: 5", "openssl rand -hex 32"},
      {"cohorts that anybody could reckon", "cohorts: 2", "openssl rand -hex 32"},
      {"a short secret, line ends not counted", "remotes: 5, secret: short", "holds 31 octets; accepted here: 32 to"},
      {"an empty secret", "remotes: 5, secret: empty", "holds 0 octets"},
      {"a secret that is a book", "remotes: 5, secret: long", "holds 4097 octets"},
      {"a secret that is not there", "remotes: 5, secret: none", "planning.secret"},
      {"a bad secret although none is needed", "secret: short", "holds 31 octets"},
      {"a misspelt key", "cohort: 2", "did you mean \"cohorts\"?"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK_THAT(folder.error(row.keys), Catch::Matchers::Contains(row.says));
    }
}

}  // namespace mpic::coordinator
