// One agent's service without gRPC and without a network: scripted DNS, HTTP and TLS, virtual time, a stream that
// is a list.
#pragma once

#include <string>
#include <vector>

#include "agent/service/session.hpp"
#include "tests/support/fake_dns_client.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/fake_tls_client.hpp"
#include "tests/support/virtual_time.hpp"

namespace mpic::test {

inline const AcmeHttp01 kChallenge{"LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0",
                                   "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0."
                                   "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"};

[[nodiscard]] agent::AgentIdentity eu_west();
// CAA and http-01 for example.com, addressed to eu_west(), issued on kSomeDay; attempt id all `id`.
[[nodiscard]] Assignment some_assignment(std::uint8_t id);
[[nodiscard]] AttemptId attempt_id(std::uint8_t id);

// Keeps what was sent; writes are done when a test says so, unless `write_at_once`.
class FakeOutlet final : public agent::Outlet {
 public:
  void start_read() override { ++reads; }
  void start_write(const v1::FromAgent& message) override {
    sent.push_back(message);
    writing = true;
  }
  void finish(End how) override { ends.push_back(how); }

  int reads = 0;
  bool writing = false;
  std::vector<v1::FromAgent> sent;
  std::vector<End> ends;
};

struct AgentUnderTest {
  VirtualTime time;
  FakeDnsClient dns{time.clock};
  FakeHttpClient http{time.clock};
  FakeTlsClient tls{time.clock};
  telemetry::Metrics metrics;
  agent::CurrentKey key{evidence::SigningKey::generate()};
  agent::Attempts attempts;
  FakeOutlet outlet;
  std::shared_ptr<agent::Session> session;

  explicit AgentUnderTest(std::size_t limit = 256) : AgentUnderTest(agent::AttemptLimits{limit, limit}) {}
  explicit AgentUnderTest(agent::AttemptLimits limits, agent::Attempts::Gate gate = nullptr);

  void send(const std::vector<std::string>& assignments, const std::vector<AttemptId>& cancels = {});
  void run() { time.clock.run(time.context); }
  // Runs and completes writes until nothing more happens.
  void run_to_rest();

  [[nodiscard]] std::vector<const v1::FromAgent::Item*> items() const;
  // The refusal of the only item that was sent.
  [[nodiscard]] Problem only_refusal() const;
};

}  // namespace mpic::test
