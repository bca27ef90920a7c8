// HTTP/1.1 as the coordinator serves it: what handlers see of a request, and what they answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "coordinator/access/access.hpp"

namespace mpic::coordinator {

namespace asio = boost::asio;

struct HttpRequest {
  std::string method;        // "POST"
  std::string path;          // of the target, without the query; as sent
  std::string query;         // as sent
  std::string content_type;  // media type alone, lower case; empty: none
  std::string body;
  Credentials who;
};

struct HttpReply {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;                                // of 405
  std::optional<std::chrono::seconds> retry_after;  // of 429 and 503
  HttpReply() = default;  // no aggregate: g++ 12 destroys those twice in a co_await expression (docs/toolchain.md)
  HttpReply(unsigned code, std::string text) : status(code), body(std::move(text)) {}
};

// {"error": "not-found", "message": "..."}; `error` by the status.
[[nodiscard]] HttpReply http_error(unsigned status, std::string_view message);

// Runs on a thread of the server's. The request is dropped when the frame ends.
using HttpHandler = std::function<asio::awaitable<HttpReply>(HttpRequest)>;

// Each has its status: what is over it is answered and the connection closed. A handler ends by its own deadline.
struct HttpLimits {
  std::size_t header_octets = 16 * 1024;      // 431
  std::size_t body_octets = 64 * 1024;        // 413
  std::chrono::milliseconds request{10'000};  // from its first octet to its last: 408
  std::chrono::milliseconds idle{75'000};     // between requests, and of a handshake `request`: closed without a word
  std::size_t connections = 1'000;            // in all: 503
  std::size_t connections_of_one = 200;       // of one source address: 503
};

}  // namespace mpic::coordinator
