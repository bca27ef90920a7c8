// Who asks, by what it shows: the same for gRPC and REST (BR 5.4.1 (3): access, good and bad).
//
// A client shows a certificate whose SAN is configured, or an API key (api_keys.hpp). What is wrong is for the log and
// the operator; the one who asks is told nothing but that it is not known. What a client may ask for is told by
// rights.hpp, which corroborate() holds every request against.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/async/clock.hpp"
#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/access/credentials.hpp"
#include "coordinator/access/failures.hpp"
#include "coordinator/access/known_clients.hpp"
#include "coordinator/access/rates.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

// Safe from any thread.
class Access {
 public:
  // All outlive it.
  Access(const SettingsInForce& settings, const Clock& clock, telemetry::Metrics& metrics, telemetry::EventLog& events);

  // The client, without its API keys. kUnauthenticated for whoever is not known: logged, counted
  // (mpic_denied_total{why}), an event, and its source is slowed (failures.hpp): then it is kOverloaded, saying when to
  // come again, without a look at what it shows. A certificate that is configured is let through all the same, where no
  // key is shown: it is nothing that could be tried out, so nobody beside a client can keep it out. `method`: what it
  // wants, for people: "Corroborate", "POST /mpic". A key that is shown must be good, even beside a good certificate;
  // the two must not be of two clients.
  [[nodiscard]] Expected<ClientEntry> authenticate(const Credentials& who, std::string_view method);

  // The same for a further message of somebody who was authenticated: a stream loses its rights with the next message
  // after its client is gone, or its key is. Slows nobody, and nobody's failures count.
  [[nodiscard]] Expected<ClientEntry> authenticate_again(const Credentials& who, std::string_view method);

  // One corroboration more of that client: kOverloaded, saying when to come again, when its `rate` is used up.
  [[nodiscard]] Expected<void> spend(const ClientEntry& client);

 private:
  [[nodiscard]] std::shared_ptr<const KnownClients> known();
  [[nodiscard]] std::chrono::milliseconds pause_of(const std::string& group);
  [[nodiscard]] std::chrono::milliseconds failed(const std::string& group);
  void tell(const Denial& denial, const Credentials& who, std::string_view method, std::chrono::milliseconds pause);

  const SettingsInForce& settings_;
  const Clock& clock_;
  telemetry::EventLog& events_;
  std::array<prometheus::Counter*, kDenials> denied_{};
  prometheus::Counter& slowed_;
  prometheus::Counter& too_fast_;

  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const KnownClients> known_;
  Failures failures_;
  std::mutex rates_mutex_;  // guards rates_
  Rates rates_;
};

}  // namespace mpic::coordinator
