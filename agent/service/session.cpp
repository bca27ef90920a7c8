#include "agent/service/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/wire/convert.hpp"

namespace mpic::agent {
namespace {

std::string octets_of(const AttemptId& id) { return {reinterpret_cast<const char*>(id.data()), id.size()}; }

// To match a refusal by, even if nothing else of the assignment can be read.
std::string attempt_id_of(const std::string& octets) {
  v1::Assignment assignment;
  if (!assignment.ParsePartialFromString(octets) || assignment.attempt_id().size() != sizeof(AttemptId)) return {};
  return assignment.attempt_id();
}

}  // namespace

Session::Session(Attempts& attempts, const CurrentKey& key, Outlet& outlet)
    : attempts_(attempts), key_(key), outlet_(outlet) {}

void Session::receive(const v1::ToAgent& message) {
  const SteadyPoint at = attempts_.clock().steady_now();
  std::unique_lock lock(mutex_);
  for (const std::string& assignment : message.assignments()) take(assignment, at);
  for (const v1::Cancel& entry : message.cancels()) cancel(entry.attempt_id());  // perhaps of one that came with it
  if (!finished_) {
    read_paused_ = unsent_.size() >= kMaxUnsent;
    if (!read_paused_) outlet_.start_read();
  }
  proceed(lock);
}

void Session::take(const std::string& octets, SteadyPoint at) {
  if (broken_) return;
  if (draining_) {
    refuse(attempt_id_of(octets),
           Problem(ProblemCode::kOverloaded, attempts_.identity().perspective.text(), why_drained()));
    return;
  }
  auto attempt = attempts_.begin(
      octets, at, [self = shared_from_this()](const AttemptId& id, auto result) { self->done(id, std::move(result)); });
  if (attempt) {
    open_.emplace((*attempt)->id(), *attempt);
  } else {
    refuse(attempt_id_of(octets), attempt.error());
  }
}

void Session::cancel(const std::string& attempt_id) {
  AttemptId id{};
  if (attempt_id.size() != id.size()) return;
  std::copy(attempt_id.begin(), attempt_id.end(), id.begin());
  const auto found = open_.find(id);
  if (found == open_.end()) return;  // answered already
  found->second->cancel();
  open_.erase(found);
}

void Session::done(const AttemptId& id, Expected<std::string> result) {
  std::unique_lock lock(mutex_);
  if (open_.erase(id) == 0) return;  // cancelled while it was on its way here
  if (result) {
    unsent_.push_back({octets_of(id), std::nullopt, *std::move(result)});
  } else {
    refuse(octets_of(id), result.error());
  }
  proceed_soon(lock);
}

// Under load an answer waits a little for others: they share a signature, a message and their verification.
void Session::proceed_soon(std::unique_lock<std::mutex>& lock) {
  const auto time = linger_.after_item(attempts_.clock().steady_now());
  if (lingering_ && unsent_.size() < kMaxItemsPerMessage) return;
  if (writing_ || lingering_ || time.count() == 0) {
    proceed(lock);
    return;
  }
  lingering_ = true;
  asio::co_spawn(attempts_.executor(), linger(shared_from_this(), time), asio::detached);
}

asio::awaitable<void> Session::linger(std::shared_ptr<Session> self, std::chrono::microseconds time) {
  Clock& clock = self->attempts_.clock();
  const auto timer = clock.make_timer(self->attempts_.executor());
  co_await timer->wait_until(clock.steady_now() + time);
  std::unique_lock lock(self->mutex_);
  self->lingering_ = false;
  self->proceed(lock);
}

void Session::refuse(std::string attempt_id, Problem problem) {
  unsent_.push_back({std::move(attempt_id), std::move(problem), {}});
}

void Session::reads_ended() {
  std::unique_lock lock(mutex_);
  reads_ended_ = true;
  proceed(lock);
}

void Session::write_done(bool ok) {
  std::unique_lock lock(mutex_);
  writing_ = false;
  if (ok) {
    if (read_paused_ && unsent_.size() < kMaxUnsent && !finished_ && !broken_) {
      read_paused_ = false;
      outlet_.start_read();
    }
    proceed(lock);
    return;
  }
  lock.unlock();
  broken();
}

void Session::broken() {
  std::unique_lock lock(mutex_);
  break_off();
  proceed(lock);
}

void Session::break_off() {
  broken_ = true;
  for (const auto& [id, attempt] : open_) attempt->cancel();
  open_.clear();
  unsent_.clear();
  unsent_status_.reset();
}

void Session::tell(const v1::AgentStatus& status) {
  std::unique_lock lock(mutex_);
  std::string octets = status.SerializeAsString();
  if (finished_ || broken_ || octets == told_) return;
  told_ = std::move(octets);
  unsent_status_ = status;
  proceed(lock);
}

void Session::drain(Outlet::End why) {
  std::unique_lock lock(mutex_);
  if (!draining_) draining_ = why;
  proceed(lock);
}

std::string Session::why_drained() const {
  return draining_ == Outlet::End::kNotAClient ? "this perspective does not work for this coordinator any more"
                                               : "this perspective is shutting down";
}

// Sends what is ready, or ends the stream when nothing can come any more. At most one write is under way, and
// no end before it is done.
void Session::proceed(std::unique_lock<std::mutex>& lock) {
  if (writing_ || finished_) return;
  if (broken_) {
    finish(Outlet::End::kBroken);
    return;
  }
  if (unsent_.empty() && !unsent_status_) {
    if (!open_.empty()) return;
    if (draining_) {
      finish(*draining_);
    } else if (reads_ended_) {
      finish(Outlet::End::kComplete);
    }
    return;
  }
  writing_ = true;
  std::vector<Item> batch = next_batch();
  message_.Clear();
  if (const auto status = std::exchange(unsent_status_, std::nullopt)) *message_.mutable_status() = *status;
  lock.unlock();  // a signature takes time that other attempts can use to hand in theirs
  const bool composed = try_compose(std::move(batch));
  lock.lock();
  if (!composed) break_off();
  if (!broken_) {
    outlet_.start_write(message_);
    return;
  }
  writing_ = false;
  finish(Outlet::End::kBroken);
}

void Session::finish(Outlet::End end) {
  finished_ = true;
  outlet_.finish(end);
}

std::size_t Session::size_of(const Item& item) {
  return item.observation.size() + (item.problem ? item.problem->where.size() + item.problem->detail.size() : 0);
}

std::vector<Session::Item> Session::next_batch() {
  std::vector<Item> batch;
  std::size_t octets = 0;
  while (!unsent_.empty() && batch.size() < kMaxItemsPerMessage) {
    octets += size_of(unsent_.front());
    if (!batch.empty() && octets > kMaxContentPerMessage) break;
    batch.push_back(std::move(unsent_.front()));
    unsent_.pop_front();
  }
  return batch;
}

// False: what cannot be signed is not sent, and the stream ends, so that the coordinator knows of it.
bool Session::try_compose(std::vector<Item> batch) {
  try {
    compose(std::move(batch));
    return true;
  } catch (const std::exception& error) {
    spdlog::critical("evidence cannot be signed: {}", error.what());
    return false;
  }
}

void Session::compose(std::vector<Item> batch) {
  std::vector<evidence::Leaf> leaves;
  for (Item& item : batch) {
    if (item.problem) {
      v1::Refusal& refusal = *message_.add_items()->mutable_refusal();
      refusal.set_attempt_id(std::move(item.attempt_id));
      *refusal.mutable_problem() = wire::encode(*item.problem);
      continue;
    }
    evidence::Leaf leaf;
    std::copy(item.attempt_id.begin(), item.attempt_id.end(), leaf.attempt.begin());
    leaf.observation = std::move(item.observation);
    leaves.push_back(std::move(leaf));
  }
  if (!leaves.empty()) {
    evidence::sign_observations(attempts_.identity().perspective, *key_.get(), std::move(leaves), message_);
  }
}

}  // namespace mpic::agent
