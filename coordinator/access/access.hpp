// Who asks, by what it shows, and whether it may: the same for gRPC and REST (BR 5.4.1 (3): access, good and bad).
//
// A client shows a certificate whose SAN is configured, or an API key (api_keys.hpp). What is wrong is for the log and
// the operator; the one who asks is told nothing but that it is not known, or has no right.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/async/clock.hpp"
#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

// What a transport knows of a caller. Hostile, but for `sans`.
struct Credentials {
  std::vector<std::string> sans;  // of a verified certificate; empty: none was shown
  std::string api_key;            // as sent, at most 4 KiB of it; empty: none
  std::string peer;               // address and port, for people: "192.0.2.1:50344", "unix"
  std::string source;             // address alone: failures are counted by it
};

// Safe from any thread.
class Access {
 public:
  // All outlive it.
  Access(const SettingsInForce& settings, const Clock& clock, telemetry::Metrics& metrics, telemetry::EventLog& events);

  // kUnauthenticated for whoever is not known: logged, counted (mpic_denied_total{why}), an event, and the source is
  // slowed: after kFreeFailures in a minute it is kOverloaded without a look at what it shows, for a time that doubles
  // up to kLongestPause. `method`: what it wants, for people: "Corroborate", "POST /mpic". A key that is shown must be
  // good, even beside a good certificate; the two must be of the same client.
  [[nodiscard]] Expected<ClientEntry> authenticate(const Credentials& who, std::string_view method);

  // One request more of that client: kOverloaded, saying when to come again, when its `rate` is used up.
  [[nodiscard]] Expected<void> spend(const ClientEntry& client);
  // What it could not do, for a caller that found out itself (rights.hpp): logged, counted, an event.
  void refused(const ClientEntry& client, const Credentials& who, std::string_view method, const Problem& why);
};

}  // namespace mpic::coordinator
