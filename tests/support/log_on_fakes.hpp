// A log in memory and in virtual time, with the parts of a coordinator that keep it.
#pragma once

#include "coordinator/log/change_log.hpp"
#include "coordinator/log/checkpoint_keeper.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/kept_events.hpp"
#include "tests/support/virtual_time.hpp"
#include "tests/support/worldwide.hpp"

namespace mpic::test {

struct LogOnFakes {
  LogOnFakes() : settings(settings_with(deployment_here())) {}

  static coordinator::Deployment deployment_here() {
    coordinator::Deployment out = worldwide();
    out.profiles = {coordinator::Profile::kCustom};  // keeps records for as long as a test says
    return out;
  }
  static coordinator::SettingsPtr settings_with(coordinator::Deployment deployment) {
    static const evidence::SigningKey key = evidence::SigningKey::generate();
    static const evidence::NoteSigner signer = evidence::NoteSigner::generate(deployment.log_origin);
    return std::make_shared<const coordinator::Settings>(
        coordinator::Settings{std::move(deployment), Digest{}, key, {}, {}, {}, {}, {}, signer});
  }
  void keep_days(int days) {
    coordinator::Deployment next = settings.get()->deployment;
    next.retention.keep = std::chrono::days(days);
    settings.replace(settings_with(std::move(next)));
  }

  [[nodiscard]] const evidence::NoteVerifier& log_key() const { return settings.get()->checkpoint_key->verifier(); }
  coordinator::CheckpointKeeper keeper() { return coordinator::CheckpointKeeper(parts()); }
  coordinator::CheckpointKeeper::Parts parts() { return {store, settings, time.clock, checkpoints, metrics, events}; }

  // A leaf, as some request's record, decided now.
  std::uint64_t record(const std::string& id) {
    coordinator::StoredRecord record;
    record.record_id = id;
    record.body = "body of " + id;
    record.statement = "statement of " + id;
    record.received = time.clock.now();
    record.decided = time.clock.now();
    return time.run(store.append(std::move(record))).value();
  }
  void pass(std::chrono::milliseconds duration) {
    time.run([](FakeClock& clock, std::chrono::milliseconds span) -> asio::awaitable<bool> {
      const auto timer = clock.make_timer(co_await asio::this_coro::executor);
      co_return co_await timer->wait_until(clock.steady_now() + span);
    }(time.clock, duration));
  }

  VirtualTime time;
  FakeStore store;
  coordinator::SettingsInForce settings;
  coordinator::Checkpoints checkpoints{time.clock};
  telemetry::Metrics metrics;
  KeptEvents events;
};

}  // namespace mpic::test
