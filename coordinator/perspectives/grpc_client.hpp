// Perspectives over gRPC: one long-lived stream per agent, kept open, over mutual TLS.
//
// What several requests have for one agent at a time goes out in one message; one write is outstanding per stream. A
// stream that breaks makes its open attempts unreachable; nothing is sent again.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/async/clock.hpp"
#include "common/rpc/credentials.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/perspectives/client.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

class AgentLink;

struct LinkState {
  bool connected = false;
  std::string last_error;
};

class GrpcPerspectives final : public PerspectiveClient {
 public:
  // Begins to connect. `deployment`, `clock` and `metrics` outlive this. `executor` gives each agent's link one to run
  // its timers on.
  GrpcPerspectives(const Deployment& deployment, const rpc::TlsFiles& tls, Clock& clock,
                   const std::function<asio::any_io_executor()>& executor, telemetry::Metrics& metrics);
  ~GrpcPerspectives() override;  // ends all streams and waits for them

  void observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment, Done done) override;
  void cancel(const PerspectiveId& perspective, const AttemptId& attempt) override;

  [[nodiscard]] LinkState state(const PerspectiveId& perspective) const;

 private:
  void keep_connected();

  std::map<PerspectiveId, std::shared_ptr<AgentLink>> links_;  // constant after construction
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread keeper_;
};

}  // namespace mpic::coordinator
