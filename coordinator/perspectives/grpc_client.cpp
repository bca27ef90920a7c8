#include "coordinator/perspectives/grpc_client.hpp"

#include "coordinator/perspectives/agent_link.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kLookAround{100};

}  // namespace

GrpcPerspectives::GrpcPerspectives(const Deployment& deployment, const rpc::TlsFiles& tls, Clock& clock,
                                   const std::function<asio::any_io_executor()>& executor,
                                   telemetry::Metrics& metrics) {
  const auto credentials = rpc::channel_credentials(tls);
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    links_.emplace(entry.where.id, std::make_shared<AgentLink>(entry, credentials, clock, executor(), metrics));
  }
  keeper_ = std::thread([this] { keep_connected(); });
}

GrpcPerspectives::~GrpcPerspectives() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  keeper_.join();
  for (auto& [id, link] : links_) link->shut_down();
}

void GrpcPerspectives::keep_connected() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    for (auto& [id, link] : links_) link->connect_if_needed();
    stop_.wait_for(lock, kLookAround, [this] { return stopping_; });
  }
}

void GrpcPerspectives::observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment,
                               Done done) {
  links_.at(perspective)->observe(attempt, std::move(assignment), std::move(done));
}

void GrpcPerspectives::cancel(const PerspectiveId& perspective, const AttemptId& attempt) {
  links_.at(perspective)->cancel(attempt);
}

LinkState GrpcPerspectives::state(const PerspectiveId& perspective) const { return links_.at(perspective)->state(); }

}  // namespace mpic::coordinator
