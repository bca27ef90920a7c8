#include "common/config/yaml.hpp"

#include <unistd.h>

#include <fstream>

#include "common/config/suggestion.hpp"
#include "common/domain/problem.hpp"
#include "tests/support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace mpic::config;

// A file "agent.yaml" in a folder of its own.
class YamlFile {
 public:
  explicit YamlFile(const std::string& content) {
    std::string name = (fs::temp_directory_path() / "mpic-yaml-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::ofstream(path(), std::ios::binary) << content;
  }
  ~YamlFile() { fs::remove_all(folder_); }
  YamlFile(const YamlFile&) = delete;
  YamlFile& operator=(const YamlFile&) = delete;
  [[nodiscard]] fs::path path() const { return folder_ / "agent.yaml"; }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

using Reader = void (*)(YamlMap);

// The error without the folder's name; empty when there was none.
std::string error_of(const std::string& content, Reader read) {
  const YamlFile file(content);
  try {
    read(YamlMap::load(file.path()));
  } catch (const ConfigError& error) {
    std::string text = error.what();
    const std::string prefix = file.folder().string() + "/";
    REQUIRE(text.starts_with(prefix));
    return text.substr(prefix.size());
  }
  return "";
}

void read_agent(YamlMap map) {
  (void)map.text("perspective");
  YamlMap tls = map.map("tls");
  (void)tls.path("certificate");
  (void)tls.texts("clients");
  tls.finish();
  (void)map.integer("threads", 1, 1, 64);
  (void)map.boolean("lab", false);
  (void)map.entries("ports");
  for (YamlMap item : map.maps("keys")) {
    (void)item.number("weight", 0, 1);
    item.finish();
  }
  if (map.has("listen")) (void)endpoint(map, "listen");
  map.finish();
}

}  // namespace

TEST_CASE("YAML: every error says where, what is wrong and what is accepted", "[config]") {
  struct Row {
    const char* name;
    const char* content;
    const char* error;
  };
  const Row rows[] = {
      {"an empty file", "", "agent.yaml: empty; a mapping is accepted (key: value)"},
      {"only a comment", "# nothing\n", "agent.yaml: empty; a mapping is accepted (key: value)"},
      {"a sequence", "- a\n", "agent.yaml:1: a sequence; a mapping is accepted (key: value)"},
      {"two documents", "perspective: a\n---\nperspective: b\n", "agent.yaml:3: 2 documents; one is accepted"},
      {"a missing key", "perspective: a\n", "agent.yaml:1: tls: missing, but required"},
      {"a missing key in a mapping", "perspective: a\ntls:\n  clients: [b]\n",
       "agent.yaml:3: tls.certificate: missing, but required"},
      {"a required key misspelt", "perspective: a\ntls:\n  clients: [b]\n  certifcate: c.pem\n",
       "agent.yaml:4: tls.certificate: missing, but required; is it meant by \"certifcate\" here?"},
      {"an empty value", "perspective:\n", "agent.yaml:1: perspective: empty; text is accepted"},
      {"an empty text", "perspective: \"\"\n", "agent.yaml:1: perspective: empty; text is accepted"},
      {"a mapping for a text", "perspective: {a: b}\n", "agent.yaml:1: perspective: a mapping; text is accepted"},
      {"a text for a mapping", "perspective: a\ntls: yes\n",
       "agent.yaml:2: tls: a single value; a mapping is accepted"},
      {"an empty mapping value", "perspective: a\ntls:\n", "agent.yaml:2: tls: empty; a mapping is accepted"},
      {"an unknown key", "perspective: a\ntls: {certificate: c}\ncolour: red\n",
       "agent.yaml:3: colour: unknown key; accepted here: keys, lab, listen, perspective, ports, threads, "
       "tls"},
      {"an unknown key near an accepted one", "perspective: a\ntls: {certificate: c}\ntreads: 2\n",
       "agent.yaml:3: treads: unknown key; did you mean \"threads\"? Accepted here: keys, lab, listen, "
       "perspective, ports, threads, tls"},
      {"an unknown key in a mapping", "perspective: a\ntls:\n  certificate: c\n  password: d\n",
       "agent.yaml:4: tls.password: unknown key; accepted here: certificate, clients"},
      {"a key twice", "perspective: a\nperspective: b\n", "agent.yaml:2: perspective: given twice; once is accepted"},
      {"a key that is a sequence", "[a, b]: c\n", "agent.yaml:1: a key is a sequence; a word is accepted"},
      {"no number", "perspective: a\ntls: {certificate: c}\nthreads: four\n",
       "agent.yaml:3: threads: \"four\"; a whole number from 1 to 64 is accepted"},
      {"a number with a rest", "perspective: a\ntls: {certificate: c}\nthreads: 4 threads\n",
       "agent.yaml:3: threads: \"4 threads\"; a whole number from 1 to 64 is accepted"},
      {"a number too large", "perspective: a\ntls: {certificate: c}\nthreads: 65\n",
       "agent.yaml:3: threads: \"65\"; a whole number from 1 to 64 is accepted"},
      {"a number beyond 64 bits", "perspective: a\ntls: {certificate: c}\nthreads: 99999999999999999999\n",
       "agent.yaml:3: threads: \"99999999999999999999\"; a whole number from 1 to 64 is accepted"},
      {"yes for true", "perspective: a\ntls: {certificate: c}\nlab: yes\n",
       "agent.yaml:3: lab: \"yes\"; true or false is accepted"},
      {"a text for a sequence", "perspective: a\ntls:\n  certificate: c\n  clients: d\n",
       "agent.yaml:4: tls.clients: a single value; a sequence of texts is accepted"},
      {"a mapping in a sequence of texts", "perspective: a\ntls:\n  certificate: c\n  clients:\n    - d\n    - e: f\n",
       "agent.yaml:6: tls.clients[1]: a mapping; text is accepted"},
      {"a text in a sequence of mappings", "perspective: a\ntls: {certificate: c}\nkeys:\n- weight: 1\n- 2\n",
       "agent.yaml:5: keys[1]: a single value; a mapping is accepted"},
      {"a number in a sequence of mappings", "perspective: a\ntls: {certificate: c}\nkeys:\n- weight: 1.5\n",
       "agent.yaml:4: keys[0].weight: \"1.5\"; a number from 0 to 1 is accepted"},
      {"no number at all", "perspective: a\ntls: {certificate: c}\nkeys:\n- weight: nan\n",
       "agent.yaml:4: keys[0].weight: \"nan\"; a number from 0 to 1 is accepted"},
      {"an unknown key in a sequence", "perspective: a\ntls: {certificate: c}\nkeys:\n- {weight: 1, a: b}\n",
       "agent.yaml:4: keys[0].a: unknown key; accepted here: weight"},
      {"an entry without value", "perspective: a\ntls: {certificate: c}\nports: {80: }\n",
       "agent.yaml:3: ports.80: empty; text is accepted"},
      {"an address without port", "perspective: a\ntls: {certificate: c}\nlisten: 127.0.0.1\n",
       "agent.yaml:3: listen: \"127.0.0.1\" has no port; an address and a port are accepted: 127.0.0.1:8080 "
       "or "
       "[::1]:8080"},
      {"a port out of range", "perspective: a\ntls: {certificate: c}\nlisten: 127.0.0.1:65536\n",
       "agent.yaml:3: listen: port \"65536\": a number from 1 to 65535 is accepted"},
      {"port 0 where it means nothing", "perspective: a\ntls: {certificate: c}\nlisten: 127.0.0.1:0\n",
       "agent.yaml:3: listen: port \"0\": a number from 1 to 65535 is accepted"},
      {"IPv6 without brackets", "perspective: a\ntls: {certificate: c}\nlisten: ::1:80\n",
       "agent.yaml:3: listen: \"::1:80\": brackets belong around IPv6 addresses, and only there"},
      {"IPv4 in brackets", "perspective: a\ntls: {certificate: c}\nlisten: \"[127.0.0.1]:80\"\n",
       "agent.yaml:3: listen: \"[127.0.0.1]:80\": brackets belong around IPv6 addresses, and only there"},
      {"control characters in a key", "perspective: a\ntls: {certificate: c}\n\"a\\x1b[2J\": b\n",
       "agent.yaml:3: a\\x1b[2J: unknown key; accepted here: keys, lab, listen, perspective, ports, threads, "
       "tls"},
      {"nothing wrong",
       "perspective: a\ntls: {certificate: c, clients: [d]}\nthreads: 4\nlab: true\nports: {80: 8080}\n"
       "keys: [{weight: 0.5}]\nlisten: \"[::1]:80\"\n",
       ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(error_of(row.content, read_agent) == row.error); }
  }
}

TEST_CASE("YAML: broken syntax is told with its line", "[config]") {
  const std::string error = error_of("perspective: a\ntls: [b\nthreads: 4\n", read_agent);
  CHECK(error.starts_with("agent.yaml:3: not YAML: "));
}

TEST_CASE("YAML: values are read as they stand", "[config]") {
  const YamlFile file(
      "name: nürnberg\nzero: 007\nfolder: keys/../tls.pem\nroot: /etc/tls.pem\nlist: [a, 1, true]\n"
      "ports: {80: 17380, \"443\": 17443}\nquoted: \"true\"\nhere: \"[2001:db8::1]:0\"\nplace: {latitude: "
      "-33.9}\n");
  YamlMap map = YamlMap::load(file.path());
  CHECK(map.text("name") == "nürnberg");
  CHECK(map.integer("zero", 1, 0, 10) == 7);
  CHECK(map.integer("absent", 3, 0, 10) == 3);
  CHECK(map.path("folder") == file.folder() / "tls.pem");
  CHECK(map.path_if("root") == "/etc/tls.pem");
  CHECK_FALSE(map.path_if("absent"));
  CHECK_FALSE(map.text_if("absent"));
  CHECK_FALSE(map.map_if("absent"));
  CHECK(map.texts("list") == std::vector<std::string>{"a", "1", "true"});
  CHECK(map.texts("absent").empty());
  CHECK(map.one_or_more("list") == std::vector<std::string>{"a", "1", "true"});
  CHECK(map.one_or_more("name") == std::vector<std::string>{"nürnberg"});
  CHECK(map.maps("absent").empty());
  CHECK(map.entries("ports") == std::map<std::string, std::string>{{"80", "17380"}, {"443", "17443"}});
  CHECK(map.boolean("quoted", false));
  CHECK(map.map("place").number("latitude", -90, 90) == Approx(-33.9));
  CHECK(endpoint(map, "here", true).text() == "[2001:db8::1]:0");
  CHECK_FALSE(map.has("absent too"));
  CHECK_NOTHROW(map.finish());
}

TEST_CASE("YAML: copies are the same mapping, so what a copy asked counts", "[config]") {
  const YamlFile file("a: 1\nb: 2\n");
  const YamlMap map = YamlMap::load(file.path());
  YamlMap copy = map;
  (void)copy.text("a");
  YamlMap moved = std::move(copy);
  (void)moved.text("b");
  CHECK_NOTHROW(map.finish());
}

TEST_CASE("YAML: a parser's problem becomes an error of its key, or of one item", "[config]") {
  const YamlFile file("a: 1\nlist:\n  - x\n  - y\n");
  YamlMap map = YamlMap::load(file.path());
  const auto refuse = [](const std::string&) -> mpic::Expected<int> {
    return mpic::fail(mpic::ProblemCode::kInvalidArgument, "", "no such role; primary or remote is accepted");
  };
  CHECK_THROWS_WITH(map.parsed("a", refuse),
                    Catch::EndsWith("agent.yaml:1: a: no such role; primary or remote is accepted"));
  CHECK_THROWS_WITH(map.fail("list[1]", "wrong"), Catch::EndsWith("agent.yaml:4: list[1]: wrong"));
  CHECK_THROWS_WITH(map.fail("absent", "wrong"), Catch::EndsWith("agent.yaml:1: absent: wrong"));
}

TEST_CASE("Files that cannot be read say why", "[config]") {
  const YamlFile file("a: 1\n");
  CHECK_THROWS_WITH(YamlMap::load(file.folder() / "none.yaml"), Catch::EndsWith("none.yaml: there is no such file"));
  CHECK_THROWS_WITH(YamlMap::load(file.folder()), Catch::EndsWith(": is a folder; a file is accepted"));
  std::ofstream(file.path(), std::ios::binary) << std::string(1024 * 1024 + 1, '#');
  CHECK_THROWS_WITH(read_file(file.path()), Catch::EndsWith("agent.yaml: larger than 1 MiB"));
}

TEST_CASE("The nearest accepted word is suggested, and only a near one", "[config]") {
  const std::set<std::string> accepted{"address", "certificate", "ca", "key"};
  CHECK(nearest("certifcate", accepted) == "certificate");
  CHECK(nearest("adress", accepted) == "address");
  CHECK(nearest("kye", accepted) == "key");
  CHECK_FALSE(nearest("password", accepted));
  CHECK_FALSE(nearest("", {"ab"}));
}
