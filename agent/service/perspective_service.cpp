#include "agent/service/perspective_service.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/rpc/credentials.hpp"

namespace mpic::agent {
namespace {

using Reactor = grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent>;

// Lives until gRPC has no more events for the stream (OnDone), which is after Finish() and after every read,
// write and reaction has ended. The session, which io threads hold too, calls Finish() last and under its
// lock.
class ObserveReactor final : public Reactor, public Outlet {
 public:
  ObserveReactor(Attempts& attempts, const evidence::SigningKey& key)
      : session_(std::make_shared<Session>(attempts, key, *this)) {}

  [[nodiscard]] const std::shared_ptr<Session>& session() const { return session_; }
  void begin() {
    StartSendInitialMetadata();  // tells the coordinator at once that it has a stream, not only at the first answer
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      session_->receive(in_);
    } else {
      session_->reads_ended();
    }
  }
  void OnWriteDone(bool ok) override { session_->write_done(ok); }
  void OnCancel() override { session_->broken(); }
  void OnDone() override { delete this; }

 private:
  void start_read() override { StartRead(&in_); }
  void start_write(const v1::FromAgent& message) override { StartWrite(&message); }
  void finish(End end) override {
    switch (end) {
      case End::kComplete:
        Finish(grpc::Status::OK);
        return;
      case End::kShuttingDown:
        Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "this perspective is shutting down"));
        return;
      case End::kBroken:
        Finish(grpc::Status::CANCELLED);
        return;
    }
  }

  std::shared_ptr<Session> session_;
  v1::ToAgent in_;
};

class RefusingReactor final : public Reactor {
 public:
  explicit RefusingReactor(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

PerspectiveService::PerspectiveService(Attempts& attempts, const evidence::SigningKey& key,
                                       std::vector<std::string> clients)
    : attempts_(attempts), key_(key), clients_(std::move(clients)) {}

Reactor* PerspectiveService::Observe(grpc::CallbackServerContext* context) {
  std::string seen;
  if (!is_client(*context, seen)) {
    spdlog::warn("refused a stream from {}: certificate names {}", context->peer(), printable(seen));
    return new RefusingReactor(grpc::Status(grpc::StatusCode::PERMISSION_DENIED,
                                            "this perspective does not work for the bearer of this certificate"));
  }
  auto reactor = std::make_unique<ObserveReactor>(attempts_, key_);
  if (const grpc::Status status = admit(reactor->session()); !status.ok()) return new RefusingReactor(status);
  spdlog::info("stream opened by {} ({})", printable(seen), context->peer());
  reactor->begin();
  return reactor.release();
}

bool PerspectiveService::is_client(const grpc::CallbackServerContext& context, std::string& seen) const {
  const auto auth = context.auth_context();
  if (!auth) return false;
  for (const std::string& san : rpc::peer_sans(*auth)) {
    seen += seen.empty() ? san : ", " + san;
    if (std::find(clients_.begin(), clients_.end(), san) != clients_.end()) {
      seen = san;
      return true;
    }
  }
  return false;
}

grpc::Status PerspectiveService::admit(const std::shared_ptr<Session>& session) {
  const std::lock_guard lock(mutex_);
  if (draining_) return {grpc::StatusCode::UNAVAILABLE, "this perspective is shutting down"};
  std::erase_if(sessions_, [](const auto& known) { return known.expired(); });
  if (sessions_.size() >= kMaxStreams) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED,
            std::to_string(kMaxStreams) + " streams are open, which is the limit"};
  }
  sessions_.push_back(session);
  return grpc::Status::OK;
}

void PerspectiveService::drain() {
  std::vector<std::shared_ptr<Session>> open;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& known : sessions_) {
      if (auto session = known.lock()) open.push_back(std::move(session));
    }
  }
  for (const auto& session : open) session->drain();
}

}  // namespace mpic::agent
