// What servers send, from well-behaved to hostile, against the reader alone.
#include "agent/net/http_response_reader.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using agent::HttpReply;
using agent::HttpResponseReader;

namespace {

constexpr std::size_t kLimit = 100;

// Feeds `octets` in pieces of `step`, then the end of the stream.
Expected<HttpReply> read(std::string_view octets, std::size_t step = 1000000) {
  HttpResponseReader reader("192.0.2.1:80", kLimit);
  for (; !octets.empty(); octets.remove_prefix(std::min(step, octets.size()))) {
    const auto complete = reader.feed(octets.substr(0, step));
    if (!complete) return Unexpected(complete.error());
    if (*complete) return reader.take();
  }
  if (const auto ended = reader.end_of_stream(); !ended) return Unexpected(ended.error());
  return reader.take();
}

std::string with_body(const std::string& header, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + header + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("answers, in one piece and octet by octet", "[agent][http]") {
  struct Row {
    const char* what;
    std::string octets;
    unsigned status;
    std::string body;
  };
  const Row rows[] = {
      {"with a length", with_body("", "hello"), 200, "hello"},
      {"an empty body", with_body("", ""), 200, ""},
      {"until the end of the stream", "HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: v\r\n\r\n",
       200, "hello"},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"an error page", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", 404, "gone"},
      {"after interim responses",
       "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + with_body("", "ok"), 200, "ok"},
      {"identity is no coding", with_body("Content-Encoding: identity\r\n", "ok"), 200, "ok"},
      {"octets of all kinds", with_body("", std::string("\0\xff\r\n", 4)), 200, std::string("\0\xff\r\n", 4)},
      {"no more than the length", with_body("", "ok") + "HTTP/1.1 500 smuggled\r\n\r\n", 200, "ok"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1000000}}) {
        const auto reply = read(row.octets, step);
        REQUIRE(reply);
        CHECK(reply->status == row.status);
        CHECK(reply->body == row.body);
        CHECK_FALSE(reply->body_over_limit);
      }
    }
}

TEST_CASE("a redirect is complete with its header", "[agent][http]") {
  HttpResponseReader reader("192.0.2.1:80", kLimit);
  const auto complete = reader.feed(
      "HTTP/1.1 301 Moved\r\nLocation: /first\r\nLocation: /second\r\nContent-Encoding: "
      "gzip\r\nContent-Length: 99\r\n\r\n");
  REQUIRE(complete);
  CHECK(*complete);
  CHECK(reader.take().location == "/first");
}

TEST_CASE("each kind of wrong has its own problem", "[agent][http]") {
  struct Row {
    const char* what;
    std::string octets;
    ProblemCode code;
  };
  const std::string settings("\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff", 27);
  const Row rows[] = {
      {"HTTP/2 SETTINGS", settings, ProblemCode::kHttpVersion},
      {"HTTP/2 GOAWAY", std::string("\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01", 17), ProblemCode::kHttpVersion},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ProblemCode::kHttpVersion},
      {"a version of the future", "HTTP/2.0 200 OK\r\n\r\n", ProblemCode::kHttpVersion},
      {"a version of the past", "HTTP/0.9 200 OK\r\n\r\n", ProblemCode::kHttpVersion},
      {"garbage", "SSH-2.0-OpenSSH_9.2\r\n", ProblemCode::kHttpMalformed},
      {"garbage without a line", "\x01\x02\x03\x04", ProblemCode::kHttpMalformed},
      {"a page without a header", "<html>hello</html>\r\n\r\n", ProblemCode::kHttpMalformed},
      {"TLS", std::string("\x15\x03\x01\0\x02\x02\x46\r\n", 9), ProblemCode::kHttpMalformed},
      {"a status of letters", "HTTP/1.1 abc OK\r\n\r\n", ProblemCode::kHttpMalformed},
      {"a field without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", ProblemCode::kHttpMalformed},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       ProblemCode::kHttpMalformed},
      {"a chunk size of letters", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
       ProblemCode::kHttpMalformed},
      {"a header over the limit", "HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'a'), ProblemCode::kHttpHeaderTooLarge},
      {"a flood of fields",
       [] {
         std::string flood = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 2000; ++i) flood += "X-" + std::to_string(i) + ": y\r\n";
         return flood;
       }(),
       ProblemCode::kHttpHeaderTooLarge},
      {"interim responses without end",
       [] {
         std::string flood;
         for (int i = 0; i < 100; ++i) flood += "HTTP/1.1 100 Continue\r\n\r\n";
         return flood;
       }(),
       ProblemCode::kHttpMalformed},
      {"chunk extensions without end",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200000, 'x'),
       ProblemCode::kHttpMalformed},
      {"gzip", with_body("Content-Encoding: gzip\r\n", "\x1f\x8b"), ProblemCode::kHttpEncoding},
      {"gzip as a transfer coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       ProblemCode::kHttpEncoding},
      {"closed at once", "", ProblemCode::kConnectionClosed},
      {"closed in the header", "HTTP/1.1 200 OK\r\nConte", ProblemCode::kConnectionClosed},
      {"closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", ProblemCode::kConnectionClosed},
      {"closed in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
       ProblemCode::kConnectionClosed},
      {"closed before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
       ProblemCode::kConnectionClosed},
      {"closed after an interim response", "HTTP/1.1 100 Continue\r\n\r\n", ProblemCode::kConnectionClosed},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      for (const std::size_t step : {std::size_t{3}, std::size_t{1000000}}) {
        const auto reply = read(row.octets, step);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == row.code);
        CHECK(reply.error().where == "192.0.2.1:80");
        INFO(reply.error().detail);
        CHECK(reply.error().detail.size() < 300);
      }
    }
}

TEST_CASE("a body over the limit stops the reading, with what was read", "[agent][http]") {
  struct Row {
    const char* what;
    std::string octets;
  };
  const Row rows[] = {
      {"by its length", "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + std::string(500, 'x')},
      {"without end", "HTTP/1.1 200 OK\r\n\r\n" + std::string(500, 'x')},
      {"in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'x')},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      const auto reply = read(row.octets, 33);
      REQUIRE(reply);
      CHECK(reply->body_over_limit);
      CHECK(reply->body.size() == kLimit + 1);
    }
  SECTION("exactly the limit is within") {
    const auto reply = read(with_body("", std::string(kLimit, 'x')));
    REQUIRE(reply);
    CHECK_FALSE(reply->body_over_limit);
    CHECK(reply->body.size() == kLimit);
  }
}

TEST_CASE("an error status stands, even if its page does not", "[agent][http]") {
  CHECK(read("HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\nabc").value().status == 404);
  CHECK(read("HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b").value().status == 500);
}
