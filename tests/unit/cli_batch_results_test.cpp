#include "cli/batch/results.hpp"

#include <fstream>
#include <iterator>

#include "cli/batch/plan.hpp"
#include "cli/failure.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cli_run.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

const BatchHead kHead{"b1", "aa", "bb", 3, "2026-12-15T08:00:00Z"};

v1::CorroborateResponse response() {
  v1::CorroborateResponse out;
  out.set_verdict(v1::VERDICT_NOT_DETERMINED);
  out.set_would_be(v1::VERDICT_NOT_CORROBORATED);
  v1::CheckResult& check = *out.add_checks();
  for (const auto code :
       {v1::PROBLEM_CODE_CAA_FORBIDS, v1::PROBLEM_CODE_NOT_WAITED_FOR, v1::PROBLEM_CODE_CAA_FORBIDS}) {
    check.add_perspectives()->mutable_problem()->set_code(code);
  }
  check.add_perspectives();
  return out;
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

struct Read {
  std::optional<BatchHead> head;
  std::vector<std::size_t> lines;
};

Read read(ResultsFile& file) {
  Read out;
  out.head = file.read([](const BatchHead&) {}, [&](const LineOutcome& outcome) { out.lines.push_back(outcome.line); });
  return out;
}

std::string line_of(std::size_t line) { return answer_text(line, request_id_of("b1", line), response()); }

}  // namespace

TEST_CASE("cli: results are read as they were written", "[cli][batch]") {
  std::string text = head_text(kHead);
  REQUIRE(text.ends_with("\n"));
  text.pop_back();
  CHECK(text == R"({"batch":{"id":"b1","input_sha256":"aa","requests_sha256":"bb","lines":3,)"
                R"("started":"2026-12-15T08:00:00Z"}})");
  REQUIRE(parse_head(text));
  CHECK(*parse_head(text) == kHead);

  const auto answer = parse_result(line_of(7), "b1");
  REQUIRE(answer);
  const LineOutcome told = outcome_of(7, response());
  CHECK(answer->line == told.line);
  CHECK(answer->verdict == told.verdict);
  CHECK(answer->would_be == told.would_be);
  CHECK(answer->problems == std::vector<std::string>{"CAA_FORBIDS"});
  CHECK(answer->problems == told.problems);
  CHECK(answer->error.empty());

  const std::string refused = error_text(8, request_id_of("b1", 8), 3, "a \"name\"\n\xFF");
  CHECK(refused == "{\"line\":8,\"request_id\":\"" + request_id_of("b1", 8) +
                       "\",\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"a \\\"name\\\"\\\\x0a\\\\xff\"}}\n");
  const auto error = parse_result(refused, "b1");
  REQUIRE(error);
  CHECK(error->error == "INVALID_ARGUMENT");
}

TEST_CASE("cli: what is no line of results is refused", "[cli][batch]") {
  for (const char* text : {"", "{}", "[]", "{\"batch\":1}", "{\"batch\":{}}", "{\"batch\":{\"id\":\"b1\"}}"}) {
    INFO(text);
    CHECK_FALSE(parse_head(text));
  }
  CHECK_FALSE(parse_result(line_of(7), "b2"));  // of another batch
  const std::string id = request_id_of("b1", 7);
  for (const std::string& text : {std::string("{}"), std::string("null"), "{\"line\":7,\"request_id\":\"" + id + "\"}",
                                  "{\"line\":8,\"request_id\":\"" + id + "\",\"response\":{}}",
                                  "{\"line\":-7,\"request_id\":\"" + id + "\",\"response\":{}}",
                                  "{\"line\":7,\"request_id\":\"" + id + "\",\"error\":{}}"}) {
    INFO(text);
    CHECK_FALSE(parse_result(text, "b1"));
  }
}

TEST_CASE("cli: a file of results is resumed", "[cli][batch]") {
  const Folder folder;
  const fs::path path = folder.path() / "r.jsonl";
  const std::string whole = head_text(kHead) + line_of(3) + line_of(2);
  SECTION("a new one") {
    ResultsFile file(path);
    CHECK_FALSE(read(file).head);
    file.append(head_text(kHead));
    file.append(line_of(3));
    file.sync();
    CHECK(content(path) == head_text(kHead) + line_of(3));
  }
  SECTION("cut in the middle of a line, wherever that was") {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      write(path, whole.substr(0, size));
      ResultsFile file(path);
      const Read found = read(file);
      const std::size_t lines =
          static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<long>(size), '\n'));
      CHECK(found.head.has_value() == (lines > 0));
      CHECK(found.lines.size() == (lines == 0 ? 0 : lines - 1));
      file.append(lines == 0 ? head_text(kHead) : line_of(9));
      const std::string left = whole.substr(0, whole.rfind('\n', size == 0 ? 0 : size - 1) + 1);
      CHECK(content(path) == (lines == 0 ? head_text(kHead) : left + line_of(9)));
    }
  }
  SECTION("never one that no batch wrote, and nothing is lost of it") {
    for (const std::string& other :
         {std::string("name\na.example\n"), std::string("precious"), std::string("\n"), std::string("{}\n"),
          head_text(kHead) + "{}\n" + line_of(2), head_text(kHead) + std::string(8, '\0') + "\n"}) {
      write(path, other);
      {
        ResultsFile file(path);
        CHECK_THROWS_AS(read(file), Failure);
      }
      CHECK(content(path) == other);
    }
  }
  SECTION("never by two at a time") {
    const ResultsFile first(path);
    CHECK_THROWS_WITH(ResultsFile(path), Catch::Contains("another mpic batch is writing it"));
  }
  SECTION("or where it cannot be written") {
    CHECK_THROWS_WITH(ResultsFile(folder.path()), Catch::Contains("Is a directory"));
    CHECK_THROWS_WITH(ResultsFile(folder.path() / "none" / "r"), Catch::Contains("No such file"));
    ResultsFile full("/dev/full");
    CHECK_THROWS_WITH(full.append("x"), Catch::Contains("No space left"));
  }
}
