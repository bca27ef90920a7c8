// What happens to a deployment while a scenario runs: reloads of its configuration, clients and their rights, dates.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "coordinator/settings.hpp"
#include "tests/scenarios/scenario.hpp"
#include "tests/support/fake_clock.hpp"

namespace mpic::test {

// "2026-12-15" or "2026-12-15T08:00:00". Throws std::runtime_error.
[[nodiscard]] TimePoint date(const std::string& text);

// Calls `what` on `io` at that moment; at once when it has passed.
void at(FakeClock& clock, asio::io_context& io, TimePoint when, std::function<void()> what);

// client asserts ID: the asking client may speak for the Primary ID; client enforces no: in mode MONITOR alone;
// client issues-by DOMAIN: for that Issuer Domain Name alone.
void set_up_client(const Scenario::Line& line, coordinator::Deployment& deployment);

// reload after MILLISECONDS WHAT [NAME]
struct Reload {
  std::chrono::milliseconds after{0};
  std::string what;  // without, new-key (of the perspective NAME), signing-key, no-rights, nobody (is a client)
  std::string name;
};
[[nodiscard]] Reload read_reload(const Scenario::Line& line);
// The settings after it; its snapshot is another one.
[[nodiscard]] coordinator::SettingsPtr reloaded(const coordinator::Settings& before, const Reload& reload);

}  // namespace mpic::test
