// Lines for a SIEM: how they are written, and what becomes of their file.
#include "common/telemetry/event_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "common/telemetry/event_kinds.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::telemetry;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

const TimePoint kWhen = TimePoint(std::chrono::sys_days(2026y / 11 / 25)) + 10h + 11min + 12s + 34ms;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "mpic-events-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path file(const char* name = "events.jsonl") const { return path_ / name; }

 private:
  fs::path path_;
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Event event(std::string what, std::vector<std::pair<std::string, EventValue>> more = {}) {
  return {kWhen, event_kind::kStarted, "mpic@host", std::move(what), std::move(more)};
}

bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

}  // namespace

TEST_CASE("an event is one JSON object, its first members in a fixed order", "[events]") {
  const std::string line = to_json(event("it started", {{"text", std::string("a")},
                                                        {"number", std::int64_t{-7}},
                                                        {"truth", true},
                                                        {"lie", false},
                                                        {"texts", std::vector<std::string>{"x", "y"}},
                                                        {"none", std::vector<std::string>{}}}),
                                   "mpic-coordinator", "host1");
  CHECK(line == R"({"at":"2026-11-25T10:11:12.034Z","kind":"started","program":"mpic-coordinator","host":"host1",)"
                R"("who":"mpic@host","what":"it started","text":"a","number":-7,"truth":true,"lie":false,)"
                R"("texts":["x","y"],"none":[]})");
}

TEST_CASE("whatever comes from outside, a line stays one line of JSON", "[events]") {
  const std::string hostile[] = {
      "two\nlines",
      "\r\n{\"kind\":\"decision\"}",
      "\"quoted\"",
      "back\\slash",
      std::string("nul\0octet", 9),
      "\x1b[2Jcleared",
      "\xff\xfe",
      "\xed\xa0\x80",
      "\xc0\xaf",
      "caf\xc3\xa9",
      "\xe2\x80\xae backwards",
      std::string(100'000, 'x'),
      "\xf4\x90\x80\x80",
  };
  for (const std::string& text : hostile) {
    const std::string line = to_json(event(text, {{"member", text}, {"list", std::vector<std::string>(1'000, text)}}),
                                     "mpic-agent", "host1");
    CHECK(line.find_first_of("\r\n") == std::string::npos);
    CHECK(line.size() < 65 * 6 * kMaxEventText);
    CHECK(is_utf8(line));
    boost::json::error_code error;
    const auto read = boost::json::parse(line, error);
    REQUIRE_FALSE(error);
    CHECK(read.as_object().size() == 8);
    CHECK(read.as_object().at("kind").as_string() == "started");
    CHECK(read.as_object().at("list").as_array().size() == kMaxEventTexts + 1);  // and a mark
  }
}

TEST_CASE("kinds are told apart", "[events]") {
  const std::set<std::string_view> kinds(event_kind::kAll.begin(), event_kind::kAll.end());
  CHECK(kinds.size() == event_kind::kAll.size());
}

TEST_CASE("lines are written in order, and all of them when it ends", "[events]") {
  const Folder folder;
  {
    const auto log = open_event_log({.file = folder.file(), .program = "mpic-agent"});
    CHECK(log->is_on());
    for (int i = 0; i < 1'000; ++i) log->write(event("", {{"number", static_cast<std::int64_t>(i)}}));
  }
  const auto lines = lines_of(folder.file());
  REQUIRE(lines.size() == 1'000);
  for (int i = 0; i < 1'000; ++i) {
    CHECK_THAT(lines[static_cast<std::size_t>(i)], Catch::EndsWith("\"number\":" + std::to_string(i) + "}"));
  }
  struct stat status {};
  REQUIRE(::stat(folder.file().c_str(), &status) == 0);
  CHECK((status.st_mode & S_IRWXO) == 0);  // for its group at most
}

TEST_CASE("a file that was there is gone on with", "[events]") {
  const Folder folder;
  std::ofstream(folder.file()) << "earlier\n";
  open_event_log({.file = folder.file(), .program = "mpic-agent"})->write(event("later"));
  CHECK(lines_of(folder.file()).size() == 2);
}

TEST_CASE("a file that was moved is opened anew, and so it is when that is asked for", "[events]") {
  const Folder folder;
  const auto log = open_event_log({.file = folder.file(), .program = "mpic-agent"});
  log->write(event("one"));
  REQUIRE(soon([&] { return lines_of(folder.file()).size() == 1; }));
  fs::rename(folder.file(), folder.file("events.1"));
  SECTION("by itself, at the next line") {}
  SECTION("when it is told to") {
    log->reopen();
    CHECK(soon([&] { return !fs::exists(folder.file()) || lines_of(folder.file()).empty(); }));
  }
  log->write(event("two"));
  CHECK(soon([&] { return lines_of(folder.file()).size() == 1; }));
  CHECK(lines_of(folder.file("events.1")).size() == 1);
  fs::remove(folder.file());
  log->write(event("three"));
  CHECK(soon([&] { return lines_of(folder.file()).size() == 1; }));
}

TEST_CASE("a file that cannot be opened is said with its reason", "[events]") {
  const Folder folder;
  CHECK_THROWS_WITH(open_event_log({.file = folder.file("no/such/folder"), .program = "mpic-agent"}),
                    Catch::Contains("no/such/folder") && Catch::Contains("No such file"));
}

TEST_CASE("lines that could not be written are counted, and told as soon as one can be", "[events]") {
  const Folder folder;
  const auto log = open_event_log({.file = folder.file(), .program = "mpic-agent"});
  log->write(event("one"));
  REQUIRE(soon([&] { return lines_of(folder.file()).size() == 1; }));
  fs::rename(folder.file(), folder.file("events.1"));
  fs::create_directory(folder.file());  // nothing can be written there
  log->write(event("two"));
  log->write(event("three"));
  REQUIRE(soon([&] { return log->lost() == 2; }));
  fs::remove(folder.file());
  log->write(event("four"));
  REQUIRE(soon([&] { return fs::is_regular_file(folder.file()) && lines_of(folder.file()).size() == 2; }));
  const auto lines = lines_of(folder.file());
  CHECK_THAT(lines[0], Catch::Contains("\"kind\":\"events_lost\"") && Catch::EndsWith("\"lines\":2}"));
  CHECK_THAT(lines[1], Catch::Contains("\"what\":\"four\""));
  CHECK(log->lost() == 2);
}

TEST_CASE("more lines than may wait are lost, and whoever writes them does not wait", "[events]") {
  const Folder folder;
  std::signal(SIGPIPE, SIG_IGN);  // as the programs do
  REQUIRE(::mkfifo(folder.file().c_str(), 0600) == 0);
  const int reader = ::open(folder.file().c_str(), O_RDONLY | O_NONBLOCK);  // that does not read
  REQUIRE(reader >= 0);
  auto log = open_event_log({.file = folder.file(), .program = "mpic-agent", .most_waiting = 100});
  const std::string text(2'000, 'x');
  for (int i = 0; i < 1'000; ++i) log->write(event(text));
  CHECK(log->lost() >= 700);
  ::close(reader);
}

TEST_CASE("who has no events is not asked for them", "[events]") {
  NoEvents none;
  none.write(event("x"));
  CHECK_FALSE(none.is_on());
  CHECK(none.lost() == 0);
}
