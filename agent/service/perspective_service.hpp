// mpic.v1.Perspective over gRPC's callback API.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/service/session.hpp"
#include "mpic/v1/agent.grpc.pb.h"

namespace mpic::agent {

inline constexpr std::size_t kMaxStreams = 16;

class PerspectiveService final : public v1::Perspective::CallbackService {
 public:
  // `clients`: DNS or URI SANs, one of which the caller's certificate must carry. All references outlive the
  // server.
  PerspectiveService(Attempts& attempts, const evidence::SigningKey& key, std::vector<std::string> clients);

  grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent>* Observe(grpc::CallbackServerContext* context) override;

  // Every stream answers what it has taken and ends; new ones are refused.
  void drain();

 private:
  [[nodiscard]] bool is_client(const grpc::CallbackServerContext& context, std::string& seen) const;
  // The session's place among the streams, or why there is none.
  [[nodiscard]] grpc::Status admit(const std::shared_ptr<Session>& session);

  Attempts& attempts_;
  const evidence::SigningKey& key_;
  const std::vector<std::string> clients_;

  std::mutex mutex_;
  std::vector<std::weak_ptr<Session>> sessions_;  // guarded by mutex_
  bool draining_ = false;                         // guarded by mutex_
};

}  // namespace mpic::agent
