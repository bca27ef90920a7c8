#include "coordinator/service/many.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/rpc/status.hpp"

namespace mpic::coordinator {

Expected<void> ManyStreams::enter(ManyReactor& stream, const std::string& client) {
  const std::lock_guard lock(mutex_);
  if (draining_) return Unexpected(shutting_down());
  const auto is_of_client = [&](const auto& open) { return open.second == client; };
  if (std::count_if(open_.begin(), open_.end(), is_of_client) >= static_cast<std::ptrdiff_t>(kMaxManyStreamsOfOne)) {
    return fail(ProblemCode::kOverloaded, "client",
                fmt::format("{} streams of this client are open, which is the limit", kMaxManyStreamsOfOne));
  }
  if (open_.size() >= kMaxManyStreams) {
    return fail(ProblemCode::kOverloaded, "coordinator",
                fmt::format("{} streams are open, which is the limit", kMaxManyStreams));
  }
  open_.emplace(&stream, client);
  return {};
}

void ManyStreams::leave(ManyReactor& stream) {
  const std::lock_guard lock(mutex_);
  open_.erase(&stream);
}

// Under the lock, so that no stream is destroyed meanwhile: none can leave.
void ManyStreams::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (const auto& [stream, client] : open_) stream->drain();
}

ManyReactor::ManyReactor(Intake& intake, const Caller& caller, StreamRights rights, ManyStreams& streams)
    : intake_(intake), rights_(std::move(rights)), deadline_(caller.deadline), streams_(streams) {
  const auto entered = streams_.enter(*this, caller.client);
  if (entered) {
    StartRead(&in_);
    return;
  }
  finished_ = true;
  Finish(rpc::status_of(entered.error()));
}

void ManyReactor::drain() {
  Lock lock(mutex_);
  draining_ = true;
  reads_ended_ = true;
  status_ = grpc::Status(grpc::StatusCode::UNAVAILABLE, "this coordinator is shutting down");
  proceed(lock);
}

void ManyReactor::OnReadDone(bool ok) {
  if (!ok) {
    Lock lock(mutex_);
    reading_ = false;
    reads_ended_ = true;
    proceed(lock);
    return;
  }
  v1::CorroborateRequest request;
  {
    Lock lock(mutex_);
    if (draining_) {
      reading_ = false;
      return proceed(lock);
    }
  }
  const bool readable = grpc::SerializationTraits<v1::CorroborateRequest>::Deserialize(&in_, &request).ok();
  in_.Clear();
  if (readable) return take(std::move(request));
  Lock lock(mutex_);
  reading_ = false;
  refuse_and_end(lock, {}, {grpc::StatusCode::INVALID_ARGUMENT, "what was sent is no mpic.v1.CorroborateRequest"});
}

void ManyReactor::take(v1::CorroborateRequest request) {
  std::string id = request.request_id();
  const auto client = rights_.client();
  const auto spent = client && !id.empty() ? rights_.spend(*client) : Expected<void>{};
  {
    Lock lock(mutex_);
    reading_ = false;
    if (!client) {  // the client was removed while its stream was open
      refuse_and_end(lock, std::move(id), rpc::status_of(client.error()));
      return;
    }
    if (id.empty()) {
      refuse(lock, {}, {grpc::StatusCode::INVALID_ARGUMENT, "request_id: missing; answers are matched by it"});
      return;
    }
    if (!spent) {
      refuse(lock, std::move(id), rpc::status_of(spent.error()));
      return;
    }
    ++open_;
    waiting_ = true;
  }
  Caller caller(client->name);
  caller.deadline = deadline_;
  intake_.take_in_turn(
      std::move(request), std::move(caller), this, [this, id] { return begin(id); },
      [this, id](Expected<v1::CorroborateResponse> result) { answer(id, std::move(result)); });
  Lock lock(mutex_);  // gRPC keeps us until this event of its has been dealt with
  give_up_waiting();
  proceed(lock);
}

bool ManyReactor::begin(const std::string& request_id) {
  const auto client = rights_.client();  // it may have waited for long
  Lock lock(mutex_);
  waiting_ = false;
  if (!broken_ && client) {
    proceed(lock);
    return true;
  }
  --open_;
  if (broken_) {
    proceed(lock);
  } else {
    refuse_and_end(lock, request_id, rpc::status_of(client.error()));
  }
  return false;
}

// What nobody will read the answer of need not begin.
void ManyReactor::give_up_waiting() {
  if (!broken_ || !waiting_ || !intake_.give_up(this)) return;
  waiting_ = false;
  --open_;
}

void ManyReactor::answer(std::string request_id, Expected<v1::CorroborateResponse> result) {
  v1::CorroborateManyResponse message;
  message.set_request_id(std::move(request_id));
  if (result) {
    message.mutable_response()->Swap(&*result);
  } else {
    const grpc::Status status = rpc::status_of(result.error());
    message.mutable_error()->set_grpc_code(static_cast<std::uint32_t>(status.error_code()));
    message.mutable_error()->set_message(status.error_message());
  }
  Lock lock(mutex_);
  --open_;
  unsent_.push_back(std::move(message));
  proceed(lock);
}

void ManyReactor::refuse(Lock& lock, std::string request_id, const grpc::Status& status) {
  v1::CorroborateManyResponse message;
  message.set_request_id(std::move(request_id));
  message.mutable_error()->set_grpc_code(static_cast<std::uint32_t>(status.error_code()));
  message.mutable_error()->set_message(status.error_message());
  unsent_.push_back(std::move(message));
  proceed(lock);
}

void ManyReactor::refuse_and_end(Lock& lock, std::string request_id, const grpc::Status& status) {
  status_ = status;
  reads_ended_ = true;
  refuse(lock, std::move(request_id), status);
}

void ManyReactor::OnWriteDone(bool ok) {
  Lock lock(mutex_);
  writing_ = false;
  if (!ok) broken_ = true;
  give_up_waiting();
  proceed(lock);
}

void ManyReactor::OnCancel() {
  Lock lock(mutex_);
  broken_ = true;
  give_up_waiting();
  proceed(lock);
}

// Writes the next answer, reads on where there is room, and ends the stream when nothing can come any more. The lock is
// released before Finish(): OnDone may follow at once, on another thread.
void ManyReactor::proceed(Lock& lock) {
  if (finished_) return;
  if (broken_) unsent_.clear();
  if (!writing_ && !unsent_.empty()) {
    writing_ = true;
    out_.Clear();
    bool owned = false;
    grpc::SerializationTraits<v1::CorroborateManyResponse>::Serialize(unsent_.front(), &out_, &owned);
    unsent_.pop_front();
    // More is waiting: no system call of its own for this one.
    StartWrite(&out_, unsent_.empty() ? grpc::WriteOptions() : grpc::WriteOptions().set_buffer_hint());
  }
  if (!reading_ && !waiting_ && !reads_ended_ && !broken_ && open_ + unsent_.size() < kMaxOpenPerStream) {
    reading_ = true;
    StartRead(&in_);
  }
  if ((!reads_ended_ && !broken_) || (reading_ && !draining_) || writing_ || open_ != 0 || !unsent_.empty()) return;
  finished_ = true;
  const grpc::Status status = broken_ ? grpc::Status::CANCELLED : status_;
  lock.unlock();
  Finish(status);
}

}  // namespace mpic::coordinator
