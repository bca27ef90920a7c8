// Found by fuzzing: an answer that breaks off inside a broken header was HTTP_MALFORMED (contradicts) or
// CONNECTION_CLOSED (could not look), by how its octets happened to arrive.
#include "agent/net/http_response_reader.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;

namespace {

ProblemCode problem_of(std::string_view stream, std::size_t step) {
  agent::HttpResponseReader reader("192.0.2.1:80", 100);
  for (; !stream.empty(); stream.remove_prefix(std::min(step, stream.size()))) {
    if (const auto complete = reader.feed(stream.substr(0, step)); !complete) return complete.error().code;
  }
  const auto ended = reader.end_of_stream();
  REQUIRE_FALSE(ended);
  return ended.error().code;
}

}  // namespace

TEST_CASE("what is wrong with a header does not depend on its pieces", "[regression][http]") {
  struct Row {
    const char* what;
    std::string stream;
    ProblemCode code;
  };
  const Row rows[] = {
      {"lines without CR", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n", ProblemCode::kHttpMalformed},
      {"a field without a colon", "HTTP/1.1 200 OK\r\nServer: x\r\nnonsense\r\nA: b\r\n", ProblemCode::kHttpMalformed},
      {"the same over the limit", "HTTP/1.1 200 OK\r\nnonsense\r\nX: " + std::string(20'000, 'a'),
       ProblemCode::kHttpMalformed},
      {"another version", "HTTP/3.1 200 OK\r\nServer: x\r\n", ProblemCode::kHttpVersion},
      {"after an interim response", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nnonsense\r\nA: b\r\n",
       ProblemCode::kHttpMalformed},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ProblemCode::kHttpVersion},
      {"an SSH server", "SSH-2.0-OpenSSH_9.2\r\n", ProblemCode::kHttpMalformed},
      {"nothing but its end", "HTTP/1.1 200 OK\r\nServer: x\r\n", ProblemCode::kConnectionClosed},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
        CHECK(problem_of(row.stream, step) == row.code);
      }
    }
}

// Found by fuzzing: with assertions compiled in, a server could end the agent by sending an empty chunked body so.
TEST_CASE("an empty chunked body may come octet by octet", "[regression][http]") {
  agent::HttpResponseReader reader("192.0.2.1:80", 100);
  const std::string stream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const auto complete = reader.feed(stream.substr(i, 1));
    REQUIRE(complete);
    CHECK(*complete == (i + 1 == stream.size()));
  }
  CHECK(reader.take().body.empty());
}
