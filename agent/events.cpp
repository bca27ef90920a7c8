#include "agent/events.hpp"

#include <fmt/format.h>

#include "common/domain/version.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/telemetry/host.hpp"

namespace mpic::agent {

namespace event_kind = telemetry::event_kind;

std::unique_ptr<telemetry::EventLog> open_events(const AgentConfig& config) {
  if (config.events.empty()) return std::make_unique<telemetry::NoEvents>();
  return telemetry::open_event_log({.file = config.events, .program = "mpic-agent"});
}

AgentEvents::AgentEvents(telemetry::EventLog& log, const Clock& clock, const AgentIdentity& me)
    : log_(log), clock_(clock), perspective_(me.perspective.text()), who_(telemetry::user_at_host()) {}

void AgentEvents::started(const std::string& file, const std::string& key_id) {
  write(event_kind::kStarted, fmt::format("mpic-agent {} started with {}", kSoftwareVersion, file),
        {{"file", file}, {"signing_key", key_id}, {"software_version", std::string(kSoftwareVersion)}});
}

void AgentEvents::stopped(int signal) {
  write(event_kind::kStopped, "mpic-agent stopped in order", {{"signal", static_cast<std::int64_t>(signal)}});
}

void AgentEvents::key_changed(const std::string& before, const std::string& after) {
  write(event_kind::kKeyChanged, fmt::format("evidence is signed with key {}, not with {}", after, before), {});
}

void AgentEvents::configuration_changed(const std::string& file, std::vector<std::string> details) {
  if (details.empty()) details.emplace_back("nothing is new");
  write(event_kind::kConfigurationChanged, file + " was read anew", {{"details", std::move(details)}, {"file", file}});
}

void AgentEvents::configuration_refused(const std::string& file, const std::string& reason) {
  write(event_kind::kConfigurationRefused, file + " was not taken, everything stays as it was",
        {{"details", std::vector<std::string>{reason}}, {"file", file}});
}

void AgentEvents::handshakes_failed(std::size_t count, const std::string& last) {
  write(event_kind::kHandshakeFailed, "TLS handshake failed: " + last,
        {{"handshakes", static_cast<std::int64_t>(count)}});
}

void AgentEvents::resolver(const std::string& fault) {
  if (fault.empty())
    return write(event_kind::kResolverGood, "the resolver answers, and validates as far as it is tested", {});
  write(event_kind::kResolverFault, fault, {});
}

void AgentEvents::write(std::string_view kind, std::string what,
                        std::vector<std::pair<std::string, telemetry::EventValue>> more) {
  telemetry::Event event{clock_.now(), kind, who_, std::move(what), std::move(more)};
  event.more.emplace_back("perspective", perspective_);
  log_.write(std::move(event));
}

}  // namespace mpic::agent
