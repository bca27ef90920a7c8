// What an agent tells a SIEM of itself (docs/events.md). What it sees goes to its coordinator, never here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/config.hpp"
#include "common/async/clock.hpp"
#include "common/telemetry/event_log.hpp"

namespace mpic::agent {

// As `config` says. Throws std::runtime_error when the file cannot be opened.
[[nodiscard]] std::unique_ptr<telemetry::EventLog> open_events(const AgentConfig& config);

// Safe from any thread.
class AgentEvents {
 public:
  // Both outlive it.
  AgentEvents(telemetry::EventLog& log, const Clock& clock, const AgentIdentity& me);

  void started(const std::string& file, const std::string& key_id);
  void stopped(int signal);
  void key_changed(const std::string& before, const std::string& after);
  void configuration_changed(const std::string& file, std::vector<std::string> details);
  void configuration_refused(const std::string& file, const std::string& reason);
  void handshakes_failed(std::size_t count, const std::string& last);
  // `fault`: of the resolver; empty: it is good again.
  void resolver(const std::string& fault);
  [[nodiscard]] telemetry::EventLog& log() { return log_; }

 private:
  void write(std::string_view kind, std::string what, std::vector<std::pair<std::string, telemetry::EventValue>> more);

  telemetry::EventLog& log_;
  const Clock& clock_;
  const std::string perspective_;
  const std::string who_;
};

}  // namespace mpic::agent
