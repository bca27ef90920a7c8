#include "coordinator/perspectives/agent_link.hpp"

#include <fmt/format.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/rpc/credentials.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kFirstPause{250};
constexpr std::chrono::milliseconds kLongestPause{2'000};
constexpr std::chrono::milliseconds kKeepalive{20'000};
constexpr std::chrono::milliseconds kKeepaliveTimeout{10'000};

std::shared_ptr<grpc::Channel> make_channel(const std::string& address, const std::string& tls_name,
                                            const rpc::TlsMaterial& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(tls_name);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, static_cast<int>(kFirstPause.count()));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, static_cast<int>(kLongestPause.count()));
  // Channels of one process to one address would otherwise share a connection, and with it their fate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt("grpc.enable_http_proxy", 0);
  // An agent that is gone without a word is noticed.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(kKeepalive.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(kKeepaliveTimeout.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit: an idle stream is watched too
  return grpc::CreateCustomChannel(address, rpc::channel_credentials(tls), arguments);
}

// A refusal is not signed, so it may only say that the agent did not look; never what a target did.
Problem refusal_of(const v1::Refusal& refusal) {
  Problem problem = wire::decode(refusal.problem());
  const Outcome outcome = outcome_of(problem.code);
  if (outcome == Outcome::kRefused || outcome == Outcome::kUnreachable) return problem;
  return {ProblemCode::kEvidenceInvalid, problem.where,
          "a refusal that claims what only signed evidence may: " + problem.detail};
}

}  // namespace

// Owned by its link until OnDone. The hold keeps the call alive while other threads may start a write.
class AgentLink::Stream final : public grpc::ClientBidiReactor<v1::ToAgent, v1::FromAgent> {
 public:
  explicit Stream(AgentLink& link) : link_(link) {}

  void start() {
    link_.stub_->async()->Observe(&context_, this);
    AddHold();
    StartRead(&incoming_);
    StartCall();
  }

  void cancel() { context_.TryCancel(); }

  // Precondition: the link's mutex is held, so that nothing is started after `closed_`.
  void write_more() {
    if (writing_ || closed_ || !link_.open_ || !link_.next_batch(outgoing_)) return;
    writing_ = true;
    StartWrite(&outgoing_);
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) link_.on_open(*this);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      {
        const std::lock_guard lock(link_.mutex_);
        closed_ = true;
      }
      context_.TryCancel();  // what cannot be read does not end a stream by itself; nothing else would
      RemoveHold();
      return;
    }
    link_.on_open(*this);  // it is, whether or not we have been told so: gRPC may do that on another thread
    link_.on_message(incoming_);
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(link_.mutex_);
    writing_ = false;
    if (ok) write_more();
  }

  void OnDone(const grpc::Status& status) override { link_.on_end(*this, status); }

 private:
  AgentLink& link_;
  grpc::ClientContext context_;
  v1::FromAgent incoming_;
  v1::ToAgent outgoing_;
  bool writing_ = false;  // guarded by the link's mutex, as is:
  bool closed_ = false;
};

AgentLink::AgentLink(const PerspectiveEntry& entry, Clock& clock, asio::any_io_executor executor,
                     telemetry::Metrics& metrics, HealthBoard& health)
    : perspective_(entry.where.id),
      id_(perspective_.text()),
      address_(entry.address),
      tls_name_(entry.tls_name),
      clock_(clock),
      executor_(std::move(executor)),
      health_(health),
      connected_gauge_(metrics.gauge("mpic_perspective_connected", "1 while the stream to the agent is open",
                                     {{"perspective", id_}})),
      unknown_replies_(metrics.counter("mpic_unknown_replies_total", "Replies to attempts that are not open",
                                       {{"perspective", id_}})),
      since_(clock.now()) {}

AgentLink::~AgentLink() = default;

Reply AgentLink::unreachable(std::string why) const {
  Reply reply;
  reply.problem = Problem(ProblemCode::kUnreachable, id_, std::move(why));
  reply.received = clock_.now();
  return reply;
}

bool AgentLink::observe(const AttemptId& attempt, std::string& assignment, PerspectiveClient::Done& done) {
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (retired_) return false;
    if (!open_) {
      why = "no connection to the agent: " + last_error_;
    } else if (queued_octets_ + assignment.size() > kMaxQueuedOctets) {
      why = "the queue to the agent is full";
    } else if (!attempts_.try_emplace(attempt, Open{done}).second) {
      why = "this attempt is already open";
    } else {
      queued_octets_ += assignment.size();
      assignments_.push_back({attempt, std::move(assignment)});
      write_soon();
      return true;
    }
  }
  done(unreachable(std::move(why)));
  return true;
}

// Under load an assignment waits a little for others to go with it.
void AgentLink::write_soon() {
  const auto time = linger_.after_item(clock_.steady_now());
  if (lingering_) return;
  if (time.count() == 0) {
    stream_->write_more();
    return;
  }
  lingering_ = true;
  asio::co_spawn(executor_, linger(shared_from_this(), time), asio::detached);
}

asio::awaitable<void> AgentLink::linger(std::shared_ptr<AgentLink> self, std::chrono::microseconds time) {
  const auto timer = self->clock_.make_timer(self->executor_);
  co_await timer->wait_until(self->clock_.steady_now() + time);
  const std::lock_guard lock(self->mutex_);
  self->lingering_ = false;
  if (self->stream_) self->stream_->write_more();
}

void AgentLink::cancel(const AttemptId& attempt) {
  const std::lock_guard lock(mutex_);
  const auto found = attempts_.find(attempt);
  if (found == attempts_.end()) return;
  const bool sent = found->second.sent;
  attempts_.erase(found);
  end_if_done();
  if (!open_ || !sent) return;  // what was not sent is not sent any more
  cancels_.push_back(attempt);
  write_soon();
}

bool AgentLink::next_batch(v1::ToAgent& out) {
  out.Clear();
  std::size_t octets = 0;
  while (!assignments_.empty() && static_cast<std::size_t>(out.assignments_size()) < kMaxBatch) {
    Queued& next = assignments_.front();
    const auto open = attempts_.find(next.attempt);
    if (open != attempts_.end()) {
      octets += next.assignment.size();
      if (octets > kMaxBatchOctets && out.assignments_size() != 0) break;
      open->second.sent = true;
    }
    queued_octets_ -= next.assignment.size();
    if (open != attempts_.end()) out.add_assignments(std::move(next.assignment));
    assignments_.pop_front();
  }
  for (std::size_t items = 0; items < kMaxBatch && !cancels_.empty(); ++items) {
    out.add_cancels()->set_attempt_id(cancels_.front().data(), cancels_.front().size());
    cancels_.pop_front();
  }
  return !out.assignments().empty() || !out.cancels().empty();
}

PerspectiveClient::Done AgentLink::take(const std::string& attempt_id) {
  AttemptId attempt{};
  if (attempt_id.size() != attempt.size()) return nullptr;
  std::copy(attempt_id.begin(), attempt_id.end(), attempt.begin());
  const std::lock_guard lock(mutex_);
  const auto found = attempts_.find(attempt);
  if (found == attempts_.end()) return nullptr;
  PerspectiveClient::Done done = std::move(found->second.done);
  attempts_.erase(found);
  end_if_done();
  return done;
}

// Who has retired hangs up with the last attempt. The agent then gives up what was cancelled here.
void AgentLink::end_if_done() {
  if (retired_ && attempts_.empty() && stream_) stream_->cancel();
}

void AgentLink::note_status(const v1::AgentStatus& message) {
  auto status = wire::decode(message);
  const std::lock_guard lock(mutex_);
  if (!status) {
    if (!status_refused_) spdlog::warn("perspective {}: its status cannot be used: {}", id_, status.error().detail);
    status_refused_ = true;
    return;
  }
  if (!retired_) {
    health_.note_status(perspective_, status->ready, status->not_ready_because, clock_.steady_now());
  }
  status_ = *std::move(status);
}

void AgentLink::on_message(v1::FromAgent& message) {
  if (message.has_status()) note_status(message.status());
  std::shared_ptr<const evidence::ReceivedRoot> root;
  if (message.has_signed_root())
    root = std::make_shared<evidence::ReceivedRoot>(std::move(*message.mutable_signed_root()));
  const TimePoint now = clock_.now();
  for (v1::FromAgent::Item& item : *message.mutable_items()) {
    const bool evidence = item.has_evidence();
    const PerspectiveClient::Done done = take(evidence ? item.evidence().attempt_id() : item.refusal().attempt_id());
    if (!done) {  // a straggler, or an agent that makes things up
      unknown_replies_.Increment();
      continue;
    }
    Reply reply;
    reply.received = now;
    if (evidence) {
      reply.evidence = std::move(*item.mutable_evidence());
      reply.signed_root = root;
    } else {
      reply.problem = refusal_of(item.refusal());
    }
    done(std::move(reply));
  }
}

void AgentLink::on_open(Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (stream_.get() != &stream || open_) return;
  set_connected(true);
  pause_ = std::chrono::milliseconds{0};
  last_error_.clear();
  status_.reset();
  spdlog::info("perspective {}: connected", id_);
}

void AgentLink::set_connected(bool connected) {
  if (open_ != connected) since_ = clock_.now();
  open_ = connected;
  if (retired_) return;  // another link may lead to the same perspective
  connected_gauge_.Set(connected ? 1 : 0);
  health_.note_connected(perspective_, connected, clock_.steady_now());
}

void AgentLink::on_end(Stream& stream, const grpc::Status& status) {
  OpenAttempts lost;
  std::unique_ptr<Stream> dead;
  {
    const std::lock_guard lock(mutex_);
    if (!retired_ && (open_ || last_error_ != status.error_message())) {
      spdlog::warn("perspective {}: no connection: {}", id_, printable(status.error_message()));
    }
    set_connected(false);
    last_error_ = status.ok() ? "the agent ended the stream" : printable(status.error_message());
    if (status.error_code() == grpc::StatusCode::CANCELLED) last_error_ = "the agent sent what cannot be read";
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    retry_at_ = clock_.steady_now() + pause_;
    lost.swap(attempts_);
    assignments_.clear();
    cancels_.clear();
    queued_octets_ = 0;
    if (stream_.get() == &stream) dead = std::move(stream_);
    ending_ = true;
  }
  for (auto& [attempt, open] : lost) open.done(unreachable("the connection to the agent broke: " + state().last_error));
  dead.reset();
  // Under the lock: whoever waits may destroy this link as soon as it is released.
  const std::lock_guard lock(mutex_);
  ending_ = false;
  ended_.notify_all();
}

void AgentLink::connect_if_needed(const std::shared_ptr<const rpc::TlsMaterial>& tls) {
  const std::lock_guard lock(mutex_);
  if (stream_ || ending_ || retired_ || clock_.steady_now() < retry_at_) return;
  if (!tls) {
    last_error_ = "no certificate, key and CA of ours that can be used";
    return;
  }
  if (tls_ != tls) {
    stub_ = v1::Perspective::NewStub(make_channel(address_, tls_name_, *tls));
    tls_ = tls;
  }
  stream_ = std::make_unique<Stream>(*this);
  stream_->start();
}

bool AgentLink::serves(const PerspectiveEntry& entry) const {
  return leads_to(entry.where.id) && entry.address == address_ && entry.tls_name == tls_name_;
}

void AgentLink::retire() {
  const std::lock_guard lock(mutex_);
  if (retired_) return;
  if (open_) spdlog::info("perspective {}: hangs up at {}, {} attempts are open", id_, address_, attempts_.size());
  connected_gauge_.Set(0);
  health_.note_connected(perspective_, false, clock_.steady_now());
  retired_ = true;
  end_if_done();
}

void AgentLink::close() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  if (stream_) stream_->cancel();
}

bool AgentLink::has_ended() const {
  const std::lock_guard lock(mutex_);
  return stream_ == nullptr && !ending_;
}

void AgentLink::close_and_wait() {
  close();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return stream_ == nullptr && !ending_; });
}

LinkState AgentLink::state() const {
  const std::lock_guard lock(mutex_);
  return {open_, last_error_, status_, since_};
}

}  // namespace mpic::coordinator
