// Plain HTTP for operators on a loopback address: /livez, /readyz, /metrics. Anything else is 404, anything but GET and
// HEAD 405. Small, bounded (8 KiB of request, 5 s, 16 connections), and never reachable from outside: another address
// than a loopback one is refused at start.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/config/yaml.hpp"
#include "common/telemetry/metrics.hpp"

namespace mpic::telemetry {

struct Readiness {
  bool ready = false;
  std::string detail;  // one line per thing that is missing
  Readiness(bool r, std::string d) : ready(r), detail(std::move(d)) {}
};

class AdminServer {
 public:
  // Starts its own thread. Throws config::ConfigError when the address is not loopback or cannot be bound.
  AdminServer(const config::Endpoint& listen, Metrics& metrics, std::function<Readiness()> readiness);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mpic::telemetry
