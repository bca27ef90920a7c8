// Perspectives over gRPC: one long-lived stream per agent, kept open, over mutual TLS.
//
// What several requests have for one agent at a time goes out in one message; one write is outstanding per stream. A
// stream that breaks makes its open attempts unreachable; nothing is sent again. New streams are made with the
// certificate, key and CA that lie in their files then.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/async/clock.hpp"
#include "common/domain/agent_status.hpp"
#include "common/rpc/credentials.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/perspectives/client.hpp"
#include "coordinator/perspectives/deployment.hpp"
#include "coordinator/perspectives/health.hpp"

namespace mpic::coordinator {

class AgentLink;

// For people. Never a reason for a verdict.
struct LinkState {
  bool connected = false;
  std::string last_error;             // empty when connected
  std::optional<AgentStatus> status;  // as the agent last told; none: not yet, or it is of an older version
  TimePoint since{};                  // it is, or is not, connected
};

class GrpcPerspectives final : public PerspectiveClient {
 public:
  // Begins to connect. `clock`, `metrics` and `health` outlive this; `health` is told of connections and of what agents
  // say of themselves. `executor` gives each agent's link one to run its timers on.
  GrpcPerspectives(const Deployment& deployment, std::shared_ptr<rpc::TlsSource> tls, Clock& clock,
                   std::function<asio::any_io_executor()> executor, telemetry::Metrics& metrics, HealthBoard& health);
  ~GrpcPerspectives() override;  // ends all streams and waits for them

  // A reloaded configuration, of which `health` is told too. The streams to perspectives with the same id, address and
  // tls_name stay as they are. The others take no more attempts, and end with the last that is open, or after
  // kLongestFarewell; nobody waits for that. Safe while all else is called.
  void apply(const Deployment& deployment);
  static constexpr std::chrono::seconds kLongestFarewell{130};  // longer than any attempt

  // For a perspective that is not in the deployment (any more): kUnreachable, at once.
  void observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment, Done done) override;
  void cancel(const PerspectiveId& perspective, const AttemptId& attempt) override;

  [[nodiscard]] LinkState state(const PerspectiveId& perspective) const;

 private:
  struct Farewell {
    std::shared_ptr<AgentLink> link;
    SteadyPoint until;
  };
  struct Links {
    std::map<PerspectiveId, std::shared_ptr<AgentLink>> current;
    std::vector<Farewell> retired;  // whose streams have not ended
  };
  void keep_connected();
  void see_off();  // ends retired links whose time is up, forgets those that have ended
  [[nodiscard]] std::shared_ptr<const Links> links() const;
  void publish(std::shared_ptr<const Links> next);
  [[nodiscard]] std::shared_ptr<AgentLink> link_to(const PerspectiveId& perspective) const;

  // Constant after construction.
  const std::shared_ptr<rpc::TlsSource> tls_;
  Clock& clock_;
  const std::function<asio::any_io_executor()> executor_;
  telemetry::Metrics& metrics_;
  HealthBoard& health_;

  std::mutex changing_;  // held by whoever makes new links_ from those there are
  mutable std::mutex links_mutex_;
  std::shared_ptr<const Links> links_ = std::make_shared<const Links>();  // guarded by links_mutex_

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread keeper_;
};

}  // namespace mpic::coordinator
