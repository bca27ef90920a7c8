// Plain HTTP for operators on a loopback address: /livez, /readyz, /metrics. Anything else is 404, anything
// but GET and HEAD 405. Small, bounded (8 KiB of request, 5 s, 16 connections), and never reachable from
// outside: another address than a loopback one is refused at start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/config/endpoint.hpp"

namespace mpic::telemetry {

class Metrics;

struct Readiness {
  bool ready = false;
  std::string detail;  // one line per thing that is missing
  Readiness(bool r, std::string d) : ready(r), detail(std::move(d)) {}
};

struct AdminLimits {
  std::size_t request_octets = 8 * 1024;     // a longer request is answered 431
  std::size_t connections = 16;              // one more is answered 503 at once
  std::chrono::milliseconds duration{5000};  // from accept to close; then the connection is cut
};

class AdminServer {
 public:
  // Starts its own thread, which is where `readiness` runs: it must be safe there, and quick. `metrics`
  // outlives this. Throws config::ConfigError when the address is not loopback or cannot be bound.
  AdminServer(const config::Endpoint& listen, Metrics& metrics, std::function<Readiness()> readiness,
              AdminLimits limits = {});
  ~AdminServer();  // cuts what is open
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mpic::telemetry
