#include "common/telemetry/admin_http.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <optional>

namespace mpic::telemetry {
namespace {

struct RequestLine {
  std::string_view method;
  std::string_view path;
};

// "GET /readyz?verbose HTTP/1.1"; none when it is anything else.
std::optional<RequestLine> parse_request_line(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first) return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (first == 0 || !target.starts_with('/') || target.find(' ') != std::string_view::npos) return std::nullopt;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
  return RequestLine{.method = line.substr(0, first), .path = target.substr(0, target.find('?'))};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

std::string page(std::string_view path, const AdminPages& pages) {
  if (path == "/livez") return admin_response(200, "alive\n");
  if (path == "/metrics") {
    return admin_response(200, pages.metrics(), "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
  }
  if (path == "/readyz") {
    const Readiness readiness = pages.readiness();
    if (readiness.ready) return admin_response(200, "ready\n");
    return admin_response(503, fmt::format("not ready\n{}\n", readiness.detail));
  }
  return admin_response(404, "here are /livez, /readyz and /metrics\n");
}

}  // namespace

std::string admin_response(int status, std::string_view body, std::string_view extra_header) {
  return fmt::format("HTTP/1.1 {} {}\r\n{}Content-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{}",
                     status, reason_of(status),
                     extra_header.empty() ? "Content-Type: text/plain; charset=utf-8\r\n" : extra_header, body.size(),
                     body);
}

std::string answer(std::string_view head, const AdminPages& pages) {
  const auto request = parse_request_line(head);
  if (!request) return admin_response(400, "not an HTTP/1.1 request\n");
  const bool is_head = request->method == "HEAD";
  if (request->method != "GET" && !is_head) {
    return admin_response(405, "GET and HEAD are accepted\n",
                          "Allow: GET, HEAD\r\nContent-Type: text/plain; charset=utf-8\r\n");
  }
  std::string response;
  try {
    response = page(request->path, pages);
  } catch (const std::exception& error) {
    spdlog::error("admin page {}: {}", request->path, error.what());
    response = admin_response(500, "this page failed; the log says why\n");
  }
  if (is_head) response.resize(response.find("\r\n\r\n") + 4);
  return response;
}

}  // namespace mpic::telemetry
