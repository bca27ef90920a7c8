// What the admin server answers to what: HTTP/1.1 as far as it is needed, without sockets.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/telemetry/admin_server.hpp"

namespace mpic::telemetry {

struct AdminPages {
  std::function<std::string()> metrics;
  std::function<Readiness()> readiness;
};

// Always one answer, after which the connection is closed.
[[nodiscard]] std::string admin_response(int status, std::string_view body, std::string_view extra_header = {});
// `head` is the request up to and including its empty line. A page that throws is answered 500.
[[nodiscard]] std::string answer(std::string_view head, const AdminPages& pages);

}  // namespace mpic::telemetry
