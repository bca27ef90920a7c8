#include "agent/service/perspective_service.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/rpc/credentials.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"

namespace mpic::agent {
namespace {

using Reactor = grpc::ServerBidiReactor<v1::ToAgent, v1::FromAgent>;

grpc::Status shutting_down() { return {grpc::StatusCode::UNAVAILABLE, "this perspective is shutting down"}; }
grpc::Status not_a_client() {
  return {grpc::StatusCode::PERMISSION_DENIED, "this perspective does not work for the bearer of this certificate"};
}

class RefusingReactor final : public Reactor {
 public:
  explicit RefusingReactor(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

// Lives until gRPC has no more events for the stream (OnDone), which is after Finish() and after every read,
// write and reaction has ended. The session, which io threads hold too, calls Finish() last and under its
// lock.
class PerspectiveService::Stream final : public Reactor, public Outlet {
 public:
  Stream(Attempts& attempts, const CurrentKey& key) : session_(std::make_shared<Session>(attempts, key, *this)) {}

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
        Finish(shutting_down());
        return;
      case End::kNotAClient:
        Finish(not_a_client());
        return;
      case End::kBroken:
        Finish(grpc::Status::CANCELLED);
        return;
    }
  }

  std::shared_ptr<Session> session_;
  v1::ToAgent in_;
};

PerspectiveService::PerspectiveService(Attempts& attempts, const CurrentKey& key, std::vector<std::string> clients,
                                       telemetry::EventLog& events)
    : attempts_(attempts), key_(key), events_(events), clients_(std::move(clients)) {}

Reactor* PerspectiveService::Observe(grpc::CallbackServerContext* context) {
  const auto auth = context->auth_context();
  const std::vector<std::string> sans = auth ? rpc::peer_sans(*auth) : std::vector<std::string>();
  auto stream = std::make_unique<Stream>(attempts_, key_);
  const grpc::Status status = admit(*stream, sans);
  const std::string who = printable(fmt::format("{}", fmt::join(sans, ", ")));
  events_.write({attempts_.clock().now(),
                 status.ok() ? telemetry::event_kind::kConnectionAccepted : telemetry::event_kind::kConnectionRefused,
                 context->peer(),
                 status.ok() ? "a stream was opened" : status.error_message(),
                 {{"address", context->peer()},
                  {"certificate", sans},
                  {"perspective", attempts_.identity().perspective.text()}}});
  if (!status.ok()) {
    spdlog::warn("security: refused a stream from {}, whose certificate names {}: {}", printable(context->peer()), who,
                 status.error_message());
    return new RefusingReactor(status);
  }
  spdlog::info("stream opened by {} ({})", who, printable(context->peer()));
  return stream.release();
}

bool PerspectiveService::has_client_among(const std::vector<std::string>& sans) const {
  return std::find_first_of(sans.begin(), sans.end(), clients_.begin(), clients_.end()) != sans.end();
}

grpc::Status PerspectiveService::admit(Stream& stream, const std::vector<std::string>& sans) {
  const std::lock_guard lock(mutex_);
  if (!has_client_among(sans)) return not_a_client();
  if (draining_) return shutting_down();
  std::erase_if(streams_, [](const OpenStream& known) { return known.session.expired(); });
  if (streams_.size() >= kMaxStreams) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED,
            std::to_string(kMaxStreams) + " streams are open, which is the limit"};
  }
  streams_.push_back({stream.session(), sans});
  stream.begin();
  if (status_) stream.session()->tell(*status_);
  return grpc::Status::OK;
}

template <class Chosen>
std::vector<std::shared_ptr<Session>> PerspectiveService::open_sessions(Chosen&& chosen) const {
  std::vector<std::shared_ptr<Session>> open;
  for (const OpenStream& known : streams_) {
    auto session = known.session.lock();
    if (session && chosen(known)) open.push_back(std::move(session));
  }
  return open;
}

// Under the lock, so that two of them, or a stream that begins, are told in order.
void PerspectiveService::tell(const AgentStatus& status) {
  const std::lock_guard lock(mutex_);
  status_ = wire::encode(status);
  for (const auto& session : open_sessions([](const OpenStream&) { return true; })) session->tell(*status_);
}

std::size_t PerspectiveService::replace_clients(std::vector<std::string> clients) {
  std::vector<std::shared_ptr<Session>> strangers;
  {
    const std::lock_guard lock(mutex_);
    clients_ = std::move(clients);
    strangers = open_sessions([this](const OpenStream& known) { return !has_client_among(known.sans); });
  }
  for (const auto& session : strangers) session->drain(Outlet::End::kNotAClient);
  return strangers.size();
}

void PerspectiveService::drain() {
  std::vector<std::shared_ptr<Session>> open;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    open = open_sessions([](const OpenStream&) { return true; });
  }
  for (const auto& session : open) session->drain(Outlet::End::kShuttingDown);
}

}  // namespace mpic::agent
