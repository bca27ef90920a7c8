// mpic.v1.Perspective over gRPC's callback API.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/service/session.hpp"
#include "common/domain/agent_status.hpp"
#include "mpic/v1/agent.grpc.pb.h"

namespace mpic::agent {

inline constexpr std::size_t kMaxStreams = 16;

class PerspectiveService final : public v1::Perspective::CallbackService {
 public:
  // `clients`: DNS or URI SANs, one of which the caller's certificate must carry. All references outlive the
  // server. `events` is told who connects, and who is refused.
  PerspectiveService(Attempts& attempts, const CurrentKey& key, std::vector<std::string> clients,
                     telemetry::EventLog& events);

  grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent>* Observe(grpc::CallbackServerContext* context) override;

  // The first message of every stream from now on; streams that are open are told when it has changed.
  void tell(const AgentStatus& status);
  // From now on. The streams of others answer what they have taken, and end; how many those are.
  std::size_t replace_clients(std::vector<std::string> clients);
  // Every stream answers what it has taken and ends; new ones are refused.
  void drain();

 private:
  class Stream;
  struct OpenStream {
    std::weak_ptr<Session> session;
    std::vector<std::string> sans;  // of the caller's certificate
  };
  // Begins the stream of a caller with these SANs, or why there is none.
  [[nodiscard]] grpc::Status admit(Stream& stream, const std::vector<std::string>& sans);
  [[nodiscard]] bool has_client_among(const std::vector<std::string>& sans) const;  // precondition: mutex_ held
  // Precondition: mutex_ held. Those still open that `chosen` says yes to.
  template <class Chosen>
  [[nodiscard]] std::vector<std::shared_ptr<Session>> open_sessions(Chosen&& chosen) const;

  Attempts& attempts_;
  const CurrentKey& key_;
  telemetry::EventLog& events_;

  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> clients_;
  std::optional<v1::AgentStatus> status_;
  std::vector<OpenStream> streams_;
  bool draining_ = false;
};

}  // namespace mpic::agent
